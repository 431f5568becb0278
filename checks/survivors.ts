// Owns whether somebody who held a message is still there at the end: a page that has not ended,
// and held it when its receipt was given or was given it. A page holds no more
//
// - what a reset took back: the page was told so;
// - where it may not host, what is longer ago than a tail, and what it hands on to its room: such a
//   page keeps no streams.

import type { HistoryEvent } from './history.ts'
import { guestsIn, only, type EventOf } from './checker.ts'
import { foundOnce } from './found-once.ts'
import { forget, type Given } from './given.ts'
import { handedOn, type HandedOn } from './handed-on.ts'
import { returnsIn } from './lives.ts'
import { longBranchesLeft } from './taken-back.ts'

/** The survivors of a history, for all who ask. */
export const survivorsOf = foundOnce((history) => new Survivors(history))

export class Survivors {
  readonly #ended: ReadonlySet<string>
  readonly #givenToLiving: ReadonlySet<string>
  readonly #placeOfReceipt: ReadonlyMap<string, number>
  /** Where in the history pages without streams had to leave a branch longer than a tail. */
  readonly #letGoAt: ReadonlyMap<string, number>
  readonly #handedOn: HandedOn
  readonly #returns: ReturnType<typeof returnsIn>

  constructor(history: readonly HistoryEvent[]) {
    this.#ended = new Set(only(history, 'ended').map(({ peer }) => peer))
    this.#givenToLiving = new Set(
      [...standing(history)].flatMap(([peer, given]) =>
        this.lives(peer) ? given.map(({ mid }) => mid) : [],
      ),
    )
    this.#placeOfReceipt = new Map(
      history.flatMap((event, at) => (event.type === 'acknowledged' ? [[event.mid, at]] : [])),
    )
    this.#handedOn = handedOn(history)
    this.#returns = returnsIn(history)
    const guests = guestsIn(history)
    this.#letGoAt = new Map([...longBranchesLeft(history)].filter(([peer]) => guests.has(peer)))
  }

  /** Whether a living page was given the message, and no reset took it back. */
  have(mid: string): boolean {
    return this.#givenToLiving.has(mid)
  }

  lives(peer: string): boolean {
    return !this.#ended.has(peer)
  }

  /** Whether its sender is here, and came back with no copy from before: then it hears of a conflict. */
  knowOf({ peer, mid, atMs }: EventOf<'acknowledged'>): boolean {
    return this.lives(peer) && !this.#hasLost(peer, mid, atMs)
  }

  /** Where the recorder does not know who held it, nobody may lose it. */
  holds({ mid, held, atMs }: EventOf<'acknowledged'>): boolean {
    if (held === undefined || this.have(mid)) return true
    return held.some(
      (peer) => this.lives(peer) && !this.#hasLetGo(peer, mid) && !this.#hasLost(peer, mid, atMs),
    )
  }

  /** Those of them that ended. */
  lost({ held = [] }: EventOf<'acknowledged'>): readonly string[] {
    return held.filter((peer) => !this.lives(peer))
  }

  /** It came back with a copy that was made before. */
  #hasLost(peer: string, mid: string, atMs: number): boolean {
    const at = this.#placeOfReceipt.get(mid)!
    return this.#returns.get(peer)?.some((back) => back.at > at && back.copiedAtMs < atMs) === true
  }

  #hasLetGo(peer: string, mid: string): boolean {
    if (this.#handedOn.has(peer, mid)) return true
    return (this.#letGoAt.get(peer) ?? -1) > this.#placeOfReceipt.get(mid)!
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
