// Owns one stay in a room: joins it, keeps the model in step with what the room says, and leaves it.

import { joinRoom, type Room } from '../client/index.ts'
import type { HostChange, PeerInfo, RoomStatus } from '../client/api.ts'
import type { Identity } from './identity.ts'
import { CURSOR_SILENCE_MS, DRAG_SILENCE_MS, TICK_MS } from './board-limits.ts'
import { exchangeNames } from './greetings.ts'
import { newcomer, type Store } from './model.ts'
import { dragsExpired } from './notes.ts'
import { cursorsExpired, peersChanged } from './people.ts'
import { followStreams } from './streams.ts'
import { happened, hostHappening } from './timeline.ts'

export type Visit = {
  readonly room: Room
  /** Tells everyone this page's name, and keeps telling those who come. */
  introduce(me: Identity): void
  leave(): Promise<void>
}

export type VisitEvents = {
  /** The baton went from one host to another. */
  passed(change: HostChange): void
  /** Something failed; the reason is fit to show. */
  failed(reason: unknown): void
  /** This page goes by another name now: somebody here has the same one, or its colour. */
  renamed(me: Identity): void
}

/** Joins the room that the page's address names. @throws BatonError when the address holds no usable token. */
export function openVisit(store: Store, events: VisitEvents): Visit {
  const room = joinRoom({ signaling: './signal' }) // the demo may be served below a path
  let hasMet = false
  store.set({ ...newcomer(), status: room.status })
  const names = exchangeNames(room, store, events.renamed)
  followStreams(room, store)
  room.on('status', (status) => store.set(statusHeard(store, status)))
  room.on('peers', (peers) => {
    const { joined } = peersChanged(store.model.peers, peers)
    // Those whom a newcomer finds here are no news; those who come to a host are.
    const isNews = hasMet || room.status.role === 'host'
    store.set(isNews ? peersHeard(store, peers) : { peers })
    hasMet = true
    if (joined.length > 0) names.tell()
  })
  room.on('host', (change) => {
    store.set({ timeline: happened(store.model.timeline, hostHappening(change, Date.now())) })
    if (change.previousHostId !== null) events.passed(change)
  })
  room.on('reset', names.ask)
  room.onMessage(() => store.set({ status: room.status }))
  room.on('conflict', () =>
    events.failed(
      new Error('After a split, someone else’s change to the same note won; yours was set aside.'),
    ),
  )
  room.on('error', events.failed)
  room.ready.then(
    () => {
      store.set({ peers: room.peers, status: room.status, latency: room.latency })
      names.ask()
    },
    () => {
      // The `error` event or the status says why; leaving before the room was found is no failure.
    },
  )

  const ticking = setInterval(() => tick(room, store), TICK_MS)
  return {
    room,
    introduce: names.introduce,
    async leave() {
      clearInterval(ticking)
      store.set({ leftByChoice: true })
      await room.leave()
      store.set({ status: room.status, latency: null, peers: [], cursors: new Map() })
    },
  }
}

function statusHeard({ model }: Store, status: RoomStatus): Partial<Store['model']> {
  const isNews = status.signaling !== model.status.signaling
  const wasConnecting = model.status.status === 'connecting'
  // Where there was a problem, it was most likely that there is no signaling.
  const problem = isNews && status.signaling === 'connected' ? null : model.problem
  if (!isNews || wasConnecting || status.status === 'closed') return { status, problem }
  return {
    status,
    problem,
    timeline: happened(model.timeline, {
      type: 'signaling',
      at: Date.now(),
      state: status.signaling,
    }),
  }
}

function peersHeard({ model }: Store, peers: readonly PeerInfo[]): Partial<Store['model']> {
  const { joined, left } = peersChanged(model.peers, peers)
  const at = Date.now()
  const news = [
    ...joined.map((id) => ({ type: 'joined', at, id }) as const),
    ...left.map((id) => ({ type: 'left', at, id }) as const),
  ]
  return { peers, timeline: happened(model.timeline, ...news) }
}

function tick(room: Room, store: Store): void {
  const now = performance.now()
  const { cursors, notes, peers, searchingMs, status } = store.model
  store.set({
    status: room.status,
    latency: room.latency,
    cursors: cursorsExpired(cursors, peers, now - CURSOR_SILENCE_MS),
    notes: dragsExpired(notes, now - DRAG_SILENCE_MS),
    searchingMs: status.status === 'connecting' ? searchingMs + TICK_MS : 0,
  })
}
