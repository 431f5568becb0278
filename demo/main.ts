// Owns the page: one model, the views that draw it, and one stay in the room at a time.

import { BatonError, createToken, type Room } from '../client/index.ts'
import type { HostChange } from '../client/api.ts'
import { createActs, type Acts } from './acts.ts'
import { loadIdentity, saveIdentity, type Identity } from './identity.ts'
import { createStore, newcomer, type Model } from './model.ts'
import { createPen, type Pen } from './pen.ts'
import { openVisit, type Visit } from './visit.ts'
import { createBoardView } from './view/board-view.ts'
import { createChatView } from './view/chat-view.ts'
import { createClearDialog, createIdentityDialog } from './view/dialogs.ts'
import { button } from './view/dom.ts'
import { drawHeader, drawInvitation } from './view/header-view.ts'
import { createInsideView } from './view/inside-view.ts'
import { listenToKeys } from './view/keys.ts'
import { announce, createBanner, toast } from './view/messages-view.ts'
import { createShareDialog, openAnotherTab } from './view/share-dialog.ts'
import { listenToTheme } from './view/theme.ts'
import { createToolbar } from './view/toolbar-view.ts'
import { createTrackView } from './view/track-view.ts'
import { passedSentence, spoken } from './words.ts'

declare global {
  interface Window {
    /** For playing in the console. */
    baton?: { room: Room }
  }
}

type Stay = { readonly visit: Visit; readonly acts: Acts; readonly pen: Pen }

const me = loadIdentity(storageIfOpen(), Math.random)
saveIdentity(storageIfOpen(), me)
const store = createStore(
  { ...newcomer(), me, myId: '', view: 'board', tool: 'notes', color: 'butter', problem: null },
  draw,
)
let stay: Stay | null = null

const toolbar = createToolbar({
  note: () => newNote(),
  pen: togglePen,
  color: (color) => store.set({ color }),
  undo: () => stay?.pen.undo(),
  clear: () => clearDialog.open(),
})
const board = createBoardView(
  () => stay?.acts ?? null,
  () => stay?.pen ?? null,
  () => store.model.tool === 'pen',
  () => store.flush(),
)
const chat = createChatView(() => stay?.acts ?? null)
const inside = createInsideView()
const track = createTrackView()
const banner = createBanner(() => store.set({ problem: null }))
const share = createShareDialog(() => stay?.visit.room ?? null)
const clearDialog = createClearDialog(() => stay?.pen.clear())
const identityDialog = createIdentityDialog(
  () => store.model.me,
  (identity) => {
    stay?.visit.introduce(identity)
    renamed(identity)
  },
)

listenToTheme()
listenToKeys({ note: () => newNote(), pen: togglePen, penAway: () => store.set({ tool: 'notes' }) })
for (const id of ['share-open', 'invitation-share', 'notice-share'])
  button(id).addEventListener('click', () => share.open())
button('identity-open').addEventListener('click', () => identityDialog.open())
button('invitation-tab').addEventListener('click', openAnotherTab)
button('invitation-rejoin').addEventListener('click', join)
button('invitation-fresh').addEventListener('click', () => {
  location.hash = `room=${createToken()}`
})
button('leave').addEventListener('click', () => void leave())
for (const tab of document.querySelectorAll<HTMLElement>('[data-go]')) {
  tab.addEventListener('click', () =>
    store.set({ view: (tab.dataset['go'] ?? 'board') as Model['view'] }),
  )
}
// Not links: the fragment of this page's address names the room.
for (const skip of document.querySelectorAll<HTMLElement>('[data-skip]')) {
  skip.addEventListener('click', () => skipTo(skip.dataset['skip'] === 'chat' ? 'chat' : 'board'))
}
// Another room's link pasted into the address bar of this page.
addEventListener('hashchange', () => location.reload())
join()

function join(): void {
  try {
    const visit = openVisit(store, { passed, failed, renamed })
    stay = {
      visit,
      acts: createActs(visit.room, store, failed),
      pen: createPen(visit.room, store, failed),
    }
    window.baton = { room: visit.room }
  } catch (error) {
    stay = null
    store.set({ status: { ...store.model.status, status: 'closed' } })
    failed(error)
  }
}

async function leave(): Promise<void> {
  await stay?.visit.leave()
  store.set({ view: 'board' })
  store.flush()
  button('invitation-rejoin').focus()
}

function passed({ hostId, gapMs }: HostChange): void {
  toast(passedSentence(store.model.people, store.model.myId, hostId, gapMs))
}

function failed(reason: unknown): void {
  // What was on its way when this page left fails by that alone.
  if (reason instanceof BatonError && reason.code === 'closed') return
  store.set({ problem: reason instanceof Error ? reason.message : String(reason) })
}

function renamed(identity: Identity): void {
  store.set({ me: identity })
  saveIdentity(storageIfOpen(), identity)
}

function skipTo(view: 'board' | 'chat'): void {
  store.set({ view })
  store.flush()
  document.getElementById(view === 'chat' ? 'chat-input' : 'board')?.focus()
}

function newNote(): void {
  store.set({ tool: 'notes', view: 'board' })
  board.newNote()
}

function togglePen(): void {
  store.set({ tool: store.model.tool === 'pen' ? 'notes' : 'pen', view: 'board' })
}

function draw(model: Model): void {
  drawHeader(model)
  drawInvitation(model)
  board.draw(model)
  track.draw(model)
  toolbar.draw(model)
  chat.draw(model)
  inside.draw(model)
  banner.draw(model)
  announce(spoken(model))
}

function storageIfOpen(): Storage | null {
  try {
    return sessionStorage
  } catch {
    return null // Browsers that block storage throw at the mere mention.
  }
}
