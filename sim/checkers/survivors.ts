// Owns whether somebody who held a message is still there at the end: a page that has not ended, of those that held it
// when its receipt was given or were given it later.

import type { HistoryEvent } from '../history.ts'
import { entryOf, only, type EventOf } from './checker.ts'

export class Survivors {
  readonly #ended: ReadonlySet<string>
  readonly #givenTo = new Map<string, string[]>()

  constructor(history: readonly HistoryEvent[]) {
    this.#ended = new Set(only(history, 'ended').map(({ peer }) => peer))
    for (const { peer, mid } of only(history, 'delivered')) if (!this.#ended.has(peer)) entryOf(this.#givenTo, mid, (): string[] => []).push(peer)
  }

  /** Where the recorder does not know who held it, nobody may lose it. */
  holds({ held }: EventOf<'acknowledged'>): boolean {
    return held === undefined || held.some((peer) => !this.#ended.has(peer))
  }

  /** Those of them that ended. */
  lost({ held = [] }: EventOf<'acknowledged'>): readonly string[] {
    return held.filter((peer) => this.#ended.has(peer))
  }

  /** Who lives and was given it, whoever held it when the receipt was given. */
  givenTo(mid: string): readonly string[] {
    return this.#givenTo.get(mid) ?? []
  }
}
