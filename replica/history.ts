// Owns the history of a log: which reign ordered which part of it. By their histories two logs are
// compared, and the place is found where they part. [EL1 MG5]

import { HISTORY_TERMS_MAX } from '../protocol/limits.ts'
import {
  compareClaims,
  sameClaim,
  NO_INDEX,
  type Claim,
  type Index,
  type Seq,
} from '../protocol/ids.ts'
import type { Position, ReignPlace } from '../protocol/frames.ts'

export class History {
  #reigns: ReignPlace[]

  constructor(reigns: readonly ReignPlace[] = []) {
    this.#reigns = [...reigns]
  }

  get reigns(): readonly ReignPlace[] {
    return this.#reigns
  }

  /** The reign that the log's end belongs to; null in a log without entries. */
  get latest(): Claim | null {
    return this.#reigns.at(-1)?.claim ?? null
  }

  add(reign: ReignPlace): void {
    this.#reigns.push(reign)
    if (this.#reigns.length > HISTORY_TERMS_MAX) this.#reigns.shift()
  }

  /**
   * The last index and seq of a reign, in a log that ends at `last` and `lastSeq`; null where the
   * reign is unknown here.
   */
  endOf(claim: Claim, last: Index, lastSeq: Seq): { index: Index; seq: Seq } | null {
    const at = this.#reigns.findIndex((reign) => sameClaim(reign.claim, claim))
    return at === -1 ? null : endAt(this.#reigns, at, last, lastSeq)
  }
}

/** Where each reign of a log ends: by this another log is compared with it. */
export function endsOf(reigns: readonly ReignPlace[], last: Index, lastSeq: Seq): ReignPlace[] {
  return reigns.map((_reign, at) => endAt(reigns, at, last, lastSeq))
}

function endAt(reigns: readonly ReignPlace[], at: number, last: Index, lastSeq: Seq): ReignPlace {
  const { claim } = reigns[at]!
  const next = reigns[at + 1]
  return next === undefined
    ? { claim, index: last, seq: lastSeq }
    : { claim, index: (next.index - 1) as Index, seq: next.seq }
}

/**
 * The last place that two logs have in common, each given by the ends of its reigns; null where
 * they share none. A reign is begun once, by one entry: logs that share a reign share all before
 * it.
 */
export function forkOf(
  ends: readonly ReignPlace[],
  others: readonly ReignPlace[],
): ReignPlace | null {
  for (let i = ends.length - 1; i >= 0; i--) {
    const end = ends[i]!
    const other = others.findLast(({ claim }) => sameClaim(claim, end.claim))
    if (other !== undefined) return other.index < end.index ? other : end
  }
  return null
}

/** Whether a reign may be older than all that this log remembers: then it is no branch. */
export function isForgotten(claim: Claim, reigns: readonly ReignPlace[]): boolean {
  const [oldest] = reigns
  return oldest !== undefined && oldest.index > 1 && claim.term < oldest.claim.term
}

/**
 * Positive where `a` is further: its last entry is of the higher reign, or of the same with a
 * higher index. An index alone says nothing: a deposed host may have ordered much that nobody else
 * saw. [MG2]
 */
export function comparePositions(a: Position | null, b: Position | null): number {
  if (a === null || b === null) return (a?.index ?? NO_INDEX) - (b?.index ?? NO_INDEX)
  return compareClaims(a.claim, b.claim) || a.index - b.index
}
