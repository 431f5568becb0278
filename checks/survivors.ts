// Owns whether somebody who held a message is still there at the end: a page that has not ended,
// and held it when its receipt was given or was given it. What a reset took back a page holds no
// more: it was told so.

import type { HistoryEvent } from './history.ts'
import { only, type EventOf } from './checker.ts'
import { forget, type Given } from './given.ts'

export class Survivors {
  readonly #ended: ReadonlySet<string>
  readonly #givenToLiving: ReadonlySet<string>

  constructor(history: readonly HistoryEvent[]) {
    this.#ended = new Set(only(history, 'ended').map(({ peer }) => peer))
    this.#givenToLiving = new Set(
      [...standing(history)].flatMap(([peer, given]) =>
        this.lives(peer) ? given.map(({ mid }) => mid) : [],
      ),
    )
  }

  /** Whether a living page was given the message, and no reset took it back. */
  have(mid: string): boolean {
    return this.#givenToLiving.has(mid)
  }

  lives(peer: string): boolean {
    return !this.#ended.has(peer)
  }

  /** Where the recorder does not know who held it, nobody may lose it. */
  holds({ mid, held }: EventOf<'acknowledged'>): boolean {
    return held === undefined || this.have(mid) || held.some((peer) => this.lives(peer))
  }

  /** Those of them that ended. */
  lost({ held = [] }: EventOf<'acknowledged'>): readonly string[] {
    return held.filter((peer) => !this.lives(peer))
  }
}

/** What each page was given and no reset took back. */
function standing(history: readonly HistoryEvent[]): ReadonlyMap<string, readonly Given[]> {
  const givenByPeer = new Map<string, Given[]>()
  for (const event of history) {
    if (event.type !== 'delivered' && event.type !== 'reset') continue
    const given = givenByPeer.get(event.peer) ?? []
    givenByPeer.set(event.peer, given)
    if (event.type === 'delivered') given.push(event)
    else forget(given, event)
  }
  return givenByPeer
}
