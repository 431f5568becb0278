// Owns what an app is to the world: what a schedule makes it do, and what it is told. What is
// beneath it, a bare peer or a room, is its own.

import type { Action } from '../protocol/entry.ts'
import type { ReplayedItem } from '../protocol/frames.ts'
import type { PeerOutput } from '../peer/peer-io.ts'
import type { Ticket } from '../peer/submission.ts'
import type { ShareName, SharedObjects } from './shared-objects.ts'

/** What of its peer's outputs concerns an app. */
export type AppNews = Extract<
  PeerOutput,
  { type: 'deliver' | 'outcome' | 'reset' | 'live' | 'replayed' | 'roster' }
>

/** A replay that was asked for. */
export type AskedReplay = {
  readonly queries: readonly { readonly key: string; readonly after: number }[]
  readonly askedAtMs: number
}

/** Is given what a replay answers for its key. */
export type Answer = (items: readonly ReplayedItem[]) => void

/** How an app may listen to a key: from now on, to all of it, to lists of all of it, from a seq. */
export const WAYS = ['listen', 'listen-to-all', 'listen-to-lists', 'listen-after'] as const
export type Way = (typeof WAYS)[number]

export function isWay(word: string): word is Way {
  return (WAYS as readonly string[]).includes(word)
}

export type App = {
  /** Its page has joined. */
  starts(): void
  /** Sends one operation, unless its page stands still or its outbox is full. */
  send(action: Action, key: string): void
  /** Asks for the messages of a key after a seq, and gives them to whom they are for. */
  ask(key: string, after: number, answer?: Answer): void
  /** `back`: how far behind the last message a beginning at a seq lies. Nothing without a room. */
  listen(way: Way, key: string, back: number): void
  /** Who has listened for longest does so no more. */
  stopListening(): void
  /** Changes what its page shares. Nothing where it shares nothing. */
  change(name: ShareName, times: number): void
  /** Null where its page shares nothing. */
  readonly shared: SharedObjects | null
  /** What the history calls the operation with this ticket. */
  midOf(ticket: Ticket): string
  /** The replay that this request asked for. */
  askedBy(request: number): AskedReplay
  /** Leaves as `room.leave()` does: hands over first, and goes once that is done or has taken too long. */
  leave(): void
  tabCloses(): void
  told(news: AppNews): void
  /** A link opened or closed. */
  linksChanged(): void
  /** Its peer hosts no longer, as it was told to before it leaves. */
  retired(): void
  /** All that one input brought has been told. */
  inputDone(): void
}
