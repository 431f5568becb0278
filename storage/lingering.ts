// Owns what stays in the outbox on the disk though it is in the log by now: until that log is stored as well. [PE5]

import { NO_INDEX, type Index } from '../protocol/ids.ts'
import type { PromisedOp } from '../replica/copy.ts'

export class Lingering {
  #promised: readonly PromisedOp[] = []
  #lingering: { readonly item: PromisedOp; readonly from: Index }[] = []
  #stored = NO_INDEX

  /** Up to here the log is stored. */
  get stored(): Index {
    return this.#stored
  }

  storedUpTo(index: Index): void {
    this.#stored = index
  }

  /** What is to lie in the outbox. `last`: the end of the log that settled what is no longer promised. */
  with(promised: readonly PromisedOp[], last: Index): readonly PromisedOp[] {
    const names = new Set(promised.map(nameOf))
    for (const item of this.#promised)
      if (!names.has(nameOf(item))) this.#lingering.push({ item, from: last })
    this.#promised = promised
    this.#lingering = this.#lingering.filter(({ from }) => from > this.#stored)
    return [...this.#lingering.map(({ item }) => item), ...promised]
  }
}

function nameOf({ op: { author, opId } }: PromisedOp): string {
  return `${author} ${opId}`
}
