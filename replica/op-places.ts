// Owns where the ops of a tail stand. Else each repeat would be looked for entry by entry, and one frame of repeats
// keeps a host busy for most of a second. What is there is noted when somebody asks: a room without repeats pays
// nothing.

import { NO_INDEX, type Index, type OpId, type PeerId } from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'

/** The tail, as far as this needs it. */
type Tail = {
  readonly first: Index
  readonly last: Index
  at(index: Index): Entry | undefined
}

export class OpPlaces {
  /** The last place of each op. Some of them may have left the tail since. */
  #byAuthor = new Map<PeerId, Map<OpId, Index>>()
  #noted = 0
  #upTo: Index = NO_INDEX

  /** The entry of this op in the tail; null where there is none. */
  find(tail: Tail, author: PeerId, opId: OpId): Entry | null {
    this.#catchUp(tail)
    const index = this.#byAuthor.get(author)?.get(opId)
    return index === undefined ? null : (tail.at(index) ?? null)
  }

  #catchUp(tail: Tail): void {
    const size = tail.last - tail.first + 1
    if (this.#noted > 2 * size) this.#forget()
    for (let index = Math.max(this.#upTo + 1, tail.first); index <= tail.last; index++)
      this.#note(tail.at(index as Index))
    this.#upTo = tail.last
  }

  #note(entry: Entry | undefined): void {
    const origin = entry === undefined ? null : originOf(entry)
    if (entry === undefined || origin === null) return
    const places = this.#byAuthor.get(origin.author) ?? new Map<OpId, Index>()
    this.#byAuthor.set(origin.author, places.set(origin.opId, entry.index))
    this.#noted++
  }

  #forget(): void {
    this.#byAuthor = new Map()
    this.#noted = 0
    this.#upTo = NO_INDEX
  }
}
