// Owns which op numbers were taken from each author: so every op counts exactly once, through
// retries and changes of host. The same entries make the same table everywhere. [MG3]

import { AUTHORS_MAX, MISSING_RUNS_MAX } from '../protocol/limits.ts'
import type { OpRow, OpRun } from '../protocol/frames.ts'
import { NO_OP, type OpId, type PeerId } from '../protocol/ids.ts'
import { includes, without } from './runs.ts'

/** `missing`: the op numbers before the last that were not taken. */
type Taken = { last: OpId; readonly missing: readonly OpRun[] }

export class OpTable {
  /** In order of last activity: the first one is the longest silent. */
  readonly #byAuthor: Map<PeerId, Taken>
  /** The author of the last op, who stands last already; null before the first. */
  #latest: PeerId | null = null

  constructor(rows: readonly OpRow[] = []) {
    this.#byAuthor = new Map(
      rows.map(({ author, opId, missing }) => [author, { last: opId, missing }]),
    )
  }

  /** The highest op taken from the author; undefined where none is known. */
  last(author: PeerId): OpId | undefined {
    return this.#byAuthor.get(author)?.last
  }

  /** Whether this op was taken. One below the last may have been taken by another branch alone. */
  has(author: PeerId, opId: OpId): boolean {
    const taken = this.#byAuthor.get(author)
    return taken !== undefined && opId <= taken.last && !includes(taken.missing, opId)
  }

  /** Whether an author that is unknown here may have been forgotten. */
  get isFull(): boolean {
    return this.#byAuthor.size >= AUTHORS_MAX
  }

  take(author: PeerId, opId: OpId): void {
    const taken = this.#byAuthor.get(author) ?? { last: NO_OP, missing: [] }
    // One message after the other of one author is what there is most of.
    if (author === this.#latest && opId === taken.last + 1) {
      taken.last = opId
      return
    }
    this.#latest = author
    this.#byAuthor.delete(author)
    this.#byAuthor.set(author, withOp(taken, opId))
    if (this.#byAuthor.size <= AUTHORS_MAX) return
    const [longestSilent] = this.#byAuthor.keys()
    if (longestSilent !== undefined) this.#byAuthor.delete(longestSilent)
  }

  /** Null for an author that is unknown here. */
  row(author: PeerId): OpRow | null {
    const taken = this.#byAuthor.get(author)
    return taken === undefined ? null : { author, opId: taken.last, missing: taken.missing }
  }

  get rows(): OpRow[] {
    return Array.from(this.#byAuthor, ([author, { last, missing }]) => ({
      author,
      opId: last,
      missing,
    }))
  }
}

function withOp({ last, missing }: Taken, opId: OpId): Taken {
  if (opId <= last) return { last, missing: bounded(without(missing, [{ from: opId, to: opId }])) }
  if (opId === last + 1) return { last: opId, missing }
  const skipped = { from: (last + 1) as OpId, to: (opId - 1) as OpId }
  return { last: opId, missing: bounded([...missing, skipped]) }
}

function bounded(missing: readonly OpRun[]): readonly OpRun[] {
  return missing.slice(-MISSING_RUNS_MAX)
}
