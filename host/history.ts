// Owns the history of a log: which reign ordered which part of it. Two logs compare by their histories;
// where they part is where a branch left. [EL1 MG5]

import { HISTORY_TERMS_MAX } from '../protocol/limits.ts'
import { compareClaims, sameClaim, NO_INDEX, type Claim, type Index, type Seq } from '../protocol/ids.ts'
import type { Position, ReignStart } from '../protocol/frames.ts'

export class History {
  #reigns: ReignStart[]

  constructor(reigns: readonly ReignStart[] = []) {
    this.#reigns = [...reigns]
  }

  get reigns(): readonly ReignStart[] {
    return this.#reigns
  }

  /** The reign that the log's end belongs to; null in a log without entries. */
  get latest(): Claim | null {
    return this.#reigns.at(-1)?.claim ?? null
  }

  add(reign: ReignStart): void {
    this.#reigns.push(reign)
    if (this.#reigns.length > HISTORY_TERMS_MAX) this.#reigns.shift()
  }

  /**
   * The last index and seq of a reign in this history, given where the log ends now; null when the reign
   * is unknown here.
   */
  endOf(claim: Claim, last: Index, lastSeq: Seq): { index: Index; seq: Seq } | null {
    const at = this.#reigns.findIndex((reign) => sameClaim(reign.claim, claim))
    if (at === -1) return null
    const next = this.#reigns[at + 1]
    return next === undefined ? { index: last, seq: lastSeq } : { index: (next.index - 1) as Index, seq: next.seq }
  }
}

/**
 * Which of two logs is further: the one whose last entry is of the higher reign, then the longer one. An index alone
 * says nothing, since a deposed host may have ordered much that nobody else saw. [MG2]
 */
export function comparePositions(a: Position | null, b: Position | null): number {
  if (a === null || b === null) return (a?.index ?? NO_INDEX) - (b?.index ?? NO_INDEX)
  return compareClaims(a.claim, b.claim) || a.index - b.index
}
