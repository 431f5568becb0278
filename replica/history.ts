// Owns the history of a log: which reign ordered which part of it. By their histories two logs are
// compared, and the place is found where they part. [EL1 MG5 PE9]

import {
  compareClaims,
  sameClaim,
  NO_INDEX,
  type Claim,
  type Index,
  type Seq,
} from '../protocol/ids.ts'
import type { Position, ReignPlace } from '../protocol/frames.ts'

/** So many of the last reigns are all remembered. */
const WHOLE_REIGNS = 128
/** Of older ones so many in each doubling of their age … */
const REIGNS_PER_DOUBLING = 16
/** … up to this age, and the first. */
const AGE_MAX = 16_384

export class History {
  /** By number. The last one goes on: where it ends is where the log does. */
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

  /** A reign begins after the entry at `last`. */
  begin(claim: Claim, last: Index, lastSeq: Seq): void {
    const ended = endsOf(this.#reigns, last, lastSeq)
    const number = (ended.at(-1)?.number ?? 0) + 1
    const latest = { number, claim, index: last, seq: lastSeq }
    this.#reigns = [...ended, latest].filter((reign) => isRemembered(reign, number))
  }

  /**
   * The last index and seq of a reign, in a log that ends at `last` and `lastSeq`; null where the
   * reign is unknown here.
   */
  endOf(claim: Claim, last: Index, lastSeq: Seq): { index: Index; seq: Seq } | null {
    const reign = this.#reigns.find((known) => sameClaim(known.claim, claim))
    if (reign === undefined) return null
    return reign === this.#reigns.at(-1) ? { index: last, seq: lastSeq } : reign
  }
}

/** Where each reign of a log ends that itself ends at `last` and `lastSeq`: by this another log is compared with it. */
export function endsOf(reigns: readonly ReignPlace[], last: Index, lastSeq: Seq): ReignPlace[] {
  const latest = reigns.at(-1)
  if (latest === undefined) return []
  return [...reigns.slice(0, -1), { ...latest, index: last, seq: lastSeq }]
}

/**
 * The older a reign, the rounder is the number of one that is kept. So of two logs the shorter one remembers each reign
 * in common that the longer one does.
 */
function isRemembered({ number }: ReignPlace, latest: number): boolean {
  const age = latest - number
  if (number === 1 || age < WHOLE_REIGNS) return true
  const doubling = 2 ** (31 - Math.clz32(age))
  return age < AGE_MAX && number % (doubling / REIGNS_PER_DOUBLING) === 0
}

/**
 * The last place that two logs have in common, each given by the ends of its reigns; null where
 * they share none. A reign is begun once, by one entry: logs that share a reign share all before
 * it. Where one of them has forgotten the reigns in which they part, the place is an earlier one.
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

/**
 * Positive where `a` is further: its last entry is of the higher reign, or of the same with a
 * higher index. An index alone says nothing: a deposed host may have ordered much that nobody else
 * saw. [MG2]
 */
export function comparePositions(a: Position | null, b: Position | null): number {
  if (a === null || b === null) return (a?.index ?? NO_INDEX) - (b?.index ?? NO_INDEX)
  return compareClaims(a.claim, b.claim) || a.index - b.index
}
