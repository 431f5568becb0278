// Owns what an app is to the world: what a schedule makes it do, and what it is told. What is
// beneath it, a bare peer or a room, is its own.

import type { Action } from '../protocol/entry.ts'
import type { ReplayedItem } from '../protocol/frames.ts'
import type { PeerOutput } from '../peer/peer-io.ts'
import type { Ticket } from '../peer/submission.ts'

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

export type App = {
  /** Sends one operation, unless its page stands still or its outbox is full. */
  send(action: Action, key: string): void
  /** Asks for the messages of a key after a seq, and gives them to whom they are for. */
  ask(key: string, after: number, answer?: Answer): void
  /** What the history calls the operation with this ticket. */
  midOf(ticket: Ticket): string
  /** The replay that this request asked for. */
  askedBy(request: number): AskedReplay
  told(news: AppNews): void
  /** All that one input brought has been told. */
  inputDone(): void
}
