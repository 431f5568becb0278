// Owns whether somebody who held a message when its receipt was given is still there at the end: a page that has not
// ended.

import type { HistoryEvent } from '../history.ts'
import { only, type EventOf } from './checker.ts'

export class Survivors {
  readonly #ended: ReadonlySet<string>

  constructor(history: readonly HistoryEvent[]) {
    this.#ended = new Set(only(history, 'ended').map(({ peer }) => peer))
  }

  lives(peer: string): boolean {
    return !this.#ended.has(peer)
  }

  /** Where the recorder does not know who held it, nobody may lose it. */
  holds({ held }: EventOf<'acknowledged'>): boolean {
    return held === undefined || held.some((peer) => this.lives(peer))
  }

  /** Those of them that ended. */
  lost({ held = [] }: EventOf<'acknowledged'>): readonly string[] {
    return held.filter((peer) => !this.lives(peer))
  }
}
