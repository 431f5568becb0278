// Owns which op numbers were taken from each author: what makes every op count exactly once, through retries
// and changes of host. It is the same function of the log on every replica. [MG3]

import { AUTHORS_MAX, MISSING_RUNS_MAX } from '../protocol/limits.ts'
import type { OpRow, OpRun } from '../protocol/frames.ts'
import type { OpId, PeerId } from '../protocol/ids.ts'
import { includes, without } from './runs.ts'

type Taken = { last: OpId; missing: readonly OpRun[] }

export class OpTable {
  /** In order of last activity: the first one is the longest silent. */
  readonly #byAuthor: Map<PeerId, Taken>

  constructor(rows: readonly OpRow[] = []) {
    this.#byAuthor = new Map(
      rows.map(({ author, opId, missing }) => [author, { last: opId, missing }]),
    )
  }

  /** The highest op taken from the author; undefined for one that never sent any, or was forgotten. */
  last(author: PeerId): OpId | undefined {
    return this.#byAuthor.get(author)?.last
  }

  /** Whether this op was taken. One below the last may not have been: another branch of the room had it. */
  has(author: PeerId, opId: OpId): boolean {
    const taken = this.#byAuthor.get(author)
    return taken !== undefined && opId <= taken.last && !includes(taken.missing, opId)
  }

  take(author: PeerId, opId: OpId): void {
    const taken = this.#byAuthor.get(author) ?? { last: 0 as OpId, missing: [] }
    this.#byAuthor.delete(author)
    this.#byAuthor.set(author, taken)
    if (opId > taken.last) {
      if (opId > taken.last + 1)
        taken.missing = [
          ...taken.missing,
          { from: (taken.last + 1) as OpId, to: (opId - 1) as OpId },
        ].slice(-MISSING_RUNS_MAX)
      taken.last = opId
    } else
      taken.missing = without(taken.missing, [{ from: opId, to: opId }]).slice(-MISSING_RUNS_MAX)
    if (this.#byAuthor.size <= AUTHORS_MAX) return
    const [longestSilent] = this.#byAuthor.keys()
    if (longestSilent !== undefined) this.#byAuthor.delete(longestSilent)
  }

  get rows(): OpRow[] {
    return Array.from(this.#byAuthor, ([author, { last, missing }]) => ({
      author,
      opId: last,
      missing,
    }))
  }
}
