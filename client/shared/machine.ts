// Owns what a shared object is inside: a pure machine that is told what the app does and what the key's stream brings,
// and orders what the room is to take. `binding.ts` puts it over a room, the simulation over a simulated page.

import type { Value } from '../../protocol/value.ts'
import type { Message } from '../api.ts'

export type Order =
  /** `ticket` names the order in what is told of it later. */
  | { readonly type: 'append' | 'replace'; readonly ticket: number; readonly value: Value }
  | { readonly type: 'compact'; readonly seq: number; readonly value: Value }
  /** An app's own code failed on what the room brought. Nobody awaits that: it is told as browsers tell such errors. */
  | { readonly type: 'report'; readonly error: unknown }

export interface Machine<S, A> {
  /** What stands: what the room says, and what this page did since on top. */
  readonly value: S
  /**
   * The app does something. Returns its ticket, of which `settled` or `refused` will be told.
   * @throws what is wrong with the action; then nothing happened.
   */
  act(action: A): number
  /** What was received after `seq` no longer stands, or some was missed; `replayed` follows. */
  reset(seq: number): void
  /** All that is retained, in place of what was received. */
  replayed(messages: readonly Message[]): void
  /** What came since. `isHost`: this page hosts the room now. */
  received(messages: readonly Message[], isHost: boolean): void
  settled(ticket: number): void
  refused(ticket: number): void
  /** What became of the last compaction is known. */
  compacted(): void
  /** The app wants no more of it: what still waits is to be ordered now. */
  close(): void
  /** What is to be done, in order; each is handed out once. */
  drainOrders(): Order[]
}
