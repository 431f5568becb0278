// Owns when a room ends: with the last page in which its messages flowed. Who comes after that
// begins a room of its own, whose terms begin anew.

import type { HistoryEvent } from './history.ts'

export class RoomLife {
  readonly #live = new Set<string>()

  /** The pages in which messages flow, and that have not ended. */
  get live(): ReadonlySet<string> {
    return this.#live
  }

  /** True where the room ends with this event. */
  endsWith({ type, peer }: HistoryEvent): boolean {
    if (type === 'live') this.#live.add(peer)
    return type === 'ended' && this.#live.delete(peer) && this.#live.size === 0
  }
}
