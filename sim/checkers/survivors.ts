// Owns whether somebody who held a message is still there at the end: a page that has not ended, and held it when its
// receipt was given or was given it.

import type { HistoryEvent } from '../history.ts'
import { only, type EventOf } from './checker.ts'

export class Survivors {
  readonly #ended: ReadonlySet<string>
  readonly #givenToLiving: ReadonlySet<string>

  constructor(history: readonly HistoryEvent[]) {
    this.#ended = new Set(only(history, 'ended').map(({ peer }) => peer))
    this.#givenToLiving = new Set(only(history, 'delivered').flatMap(({ peer, mid }) => (this.lives(peer) ? [mid] : [])))
  }

  lives(peer: string): boolean {
    return !this.#ended.has(peer)
  }

  /** Where the recorder does not know who held it, nobody may lose it. */
  holds({ mid, held }: EventOf<'acknowledged'>): boolean {
    return held === undefined || this.#givenToLiving.has(mid) || held.some((peer) => this.lives(peer))
  }

  /** Those of them that ended. */
  lost({ held = [] }: EventOf<'acknowledged'>): readonly string[] {
    return held.filter((peer) => !this.lives(peer))
  }
}
