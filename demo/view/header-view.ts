// Owns the header, the invitation in the middle of the board and the notices: how the room is, in words.

import type { Model } from '../model.ts'
import { shownNotes } from '../notes.ts'
import { hostSentence, notice, searchSentence, statusWord } from '../words.ts'
import { button, byId, setText } from './dom.ts'

type Invitation = {
  readonly title: string
  readonly text: string
  readonly hint: string
  readonly actions: 'invite' | 'rejoin' | 'none'
}

export function drawHeader(model: Model): void {
  const { status, people, myId, me, view } = model
  document.body.dataset['status'] = status.status
  document.body.dataset['view'] = view
  const word = byId('status-word', HTMLElement)
  word.dataset['status'] = status.status
  setText(word, statusWord(status.status))
  setText(byId('status-host', HTMLElement), hostSentence(status, people, myId))
  const waiting = byId('status-pending', HTMLElement)
  waiting.hidden = status.pending === 0 || ['live', 'closed'].includes(status.status)
  setText(byId('status-pending-count', HTMLElement), String(status.pending))
  setText(byId('identity-name', HTMLElement), me.name)
  button('identity-open').dataset['person'] = me.color
  for (const tab of document.querySelectorAll<HTMLElement>('[data-go]')) {
    if (tab.dataset['go'] === view) tab.setAttribute('aria-current', 'page')
    else tab.removeAttribute('aria-current')
  }
}

export function drawInvitation(model: Model): void {
  const invitation = invitationOf(model)
  byId('invitation', HTMLElement).hidden = invitation === null
  const text = byId('notice', HTMLElement)
  const searching = model.status.status === 'connecting' && invitation === null
  const said = searching
    ? searchSentence(model.status, model.searchingMs)
    : notice(model.status, model.peers.length === 0)
  text.hidden = said === null || (invitation !== null && model.status.signaling === 'connected')
  setText(byId('notice-text', HTMLElement), said ?? '')
  button('notice-share').hidden =
    model.peers.length > 0 || model.status.signaling === 'disconnected'
  if (invitation === null) return
  setText(byId('invitation-title', HTMLElement), invitation.title)
  setText(byId('invitation-text', HTMLElement), invitation.text)
  setText(byId('invitation-hint', HTMLElement), invitation.hint)
  button('invitation-tab').hidden = invitation.actions !== 'invite'
  button('invitation-share').hidden = invitation.actions !== 'invite'
  button('invitation-rejoin').hidden = invitation.actions !== 'rejoin'
  button('invitation-fresh').hidden = invitation.actions !== 'rejoin'
}

const LEFT: Invitation = {
  title: 'You left the room',
  text:
    'The others go on: whoever was next in line has the baton. ' +
    'Come back any time with the same link.',
  hint: '',
  actions: 'rejoin',
}

const OUT: Invitation = {
  title: 'This tab is out of the room',
  text: 'The message above says why. You can try again, or start a new room.',
  hint: '',
  actions: 'rejoin',
}

const ALONE: Omit<Invitation, 'hint'> = {
  title: 'Open this in three tabs. Then close the one that hosts.',
  text:
    'This room runs in the tabs themselves. One of them carries the baton; ' +
    'when it goes, the next takes over and nothing is lost.',
  actions: 'invite',
}

const EMPTY: Omit<Invitation, 'hint'> = {
  title: 'An empty board',
  text: 'Whatever you put here, everybody sees.',
  actions: 'none',
}

function invitationOf(model: Model): Invitation | null {
  const { status, leftByChoice, searchingMs, peers } = model
  if (status.status === 'closed') return leftByChoice ? LEFT : OUT
  if (isInUse(model)) return null
  if (status.status === 'connecting')
    return {
      title: 'Finding the room',
      text: searchSentence(status, searchingMs),
      hint: '',
      actions: 'none',
    }
  return { ...(peers.length === 0 ? ALONE : EMPTY), hint: hintForThisDevice() }
}

function isInUse({ tool, notes, ink, wetInk }: Model): boolean {
  const isDrawnOn = wetInk.size > 0 || ink.strokes.size > 0
  return tool === 'pen' || isDrawnOn || shownNotes(notes).size > 0
}

function hintForThisDevice(): string {
  return matchMedia('(hover: none)').matches
    ? 'Tap Note below to pin one, or Draw.'
    : 'Double-click anywhere, or press N, to pin a note.'
}
