// Owns everything the page shows, as one value: the views draw from it and nothing else. Changes are gathered
// and drawn once per frame.

import type { PeerInfo, RoomStatus } from '../client/api.ts'
import { NO_CHAT, type Chat } from './chat.ts'
import type { Identity } from './identity.ts'
import { NO_INK, type Ink } from './ink.ts'
import { NO_NOTES, type Notes } from './notes.ts'
import type { NoteColor } from './palette.ts'
import type { Cursors, People } from './people.ts'
import type { Stroke } from './shapes.ts'
import type { Timeline } from './timeline.ts'

export type Model = {
  readonly me: Identity
  readonly myId: string
  readonly status: RoomStatus
  /** Out of the room because its owner said so, not because something failed. */
  readonly leftByChoice: boolean
  readonly latency: number | null
  /** Milliseconds this page has been searching for the room. */
  readonly searchingMs: number
  readonly peers: readonly PeerInfo[]
  readonly people: People
  readonly cursors: Cursors
  readonly timeline: Timeline
  readonly notes: Notes
  readonly ink: Ink
  /** Strokes of this page that the room has not sent back whole. */
  readonly wetInk: ReadonlyMap<string, Stroke>
  readonly chat: Chat
  readonly view: 'board' | 'chat' | 'inside'
  readonly tool: 'notes' | 'pen'
  readonly color: NoteColor
  /** What went wrong last, in a sentence, until dismissed. */
  readonly problem: string | null
}

/** What belongs to one stay in a room, before anything is known. */
export function newcomer(): Omit<Model, 'me' | 'myId' | 'view' | 'tool' | 'color' | 'problem'> {
  return {
    status: {
      status: 'connecting',
      role: 'peer',
      term: 0,
      hostId: null,
      signaling: 'disconnected',
      path: null,
      seq: 0,
      pending: 0,
      persisted: false,
    },
    leftByChoice: false,
    latency: null,
    searchingMs: 0,
    peers: [],
    people: new Map(),
    cursors: new Map(),
    timeline: [],
    notes: NO_NOTES,
    ink: NO_INK,
    wetInk: new Map(),
    chat: NO_CHAT,
  }
}

export type Store = {
  readonly model: Model
  set(patch: Partial<Model>): void
  /** Draws at once, for what must be on the page before this event is over (focus, a phone's keyboard). */
  flush(): void
  /** Draws nothing for so long, so that what is dropped and comes again at once does not blink. */
  hold(forMs: number): void
}

/** A page in the background gets few frames or none, and should still be right when it is looked at. */
const FRAME_WAIT_MS = 100

export function createStore(initial: Model, draw: (model: Model) => void): Store {
  let model = initial
  let heldUntil = 0
  let due: { readonly frame: number; readonly timer: ReturnType<typeof setTimeout> } | null = null

  function drawSoon(): void {
    due ??= { frame: requestAnimationFrame(drawNow), timer: setTimeout(drawNow, FRAME_WAIT_MS) }
  }

  function drawNow(): void {
    if (due !== null) {
      cancelAnimationFrame(due.frame)
      clearTimeout(due.timer)
      due = null
    }
    if (performance.now() < heldUntil) drawSoon()
    else draw(model)
  }

  return {
    get model() {
      return model
    },
    set(patch) {
      model = { ...model, ...patch }
      drawSoon()
    },
    flush: drawNow,
    hold(forMs) {
      heldUntil = performance.now() + forMs
    },
  }
}
