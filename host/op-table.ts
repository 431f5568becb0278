// Owns the last op number taken from each author: what makes every op count exactly once, through retries
// and changes of host. It is the same function of the log on every replica. [MG3]

import { AUTHORS_MAX } from '../protocol/limits.ts'
import type { OpRow } from '../protocol/frames.ts'
import type { OpId, PeerId } from '../protocol/ids.ts'

export class OpTable {
  /** In order of last activity: the first one is the longest silent. */
  readonly #lastByAuthor: Map<PeerId, OpId>

  constructor(rows: readonly OpRow[] = []) {
    this.#lastByAuthor = new Map(rows.map(({ author, opId }) => [author, opId]))
  }

  /** The last op taken from the author; undefined for one that never sent any, or was forgotten. */
  last(author: PeerId): OpId | undefined {
    return this.#lastByAuthor.get(author)
  }

  take(author: PeerId, opId: OpId): void {
    this.#lastByAuthor.delete(author)
    this.#lastByAuthor.set(author, opId)
    if (this.#lastByAuthor.size <= AUTHORS_MAX) return
    const [longestSilent] = this.#lastByAuthor.keys()
    if (longestSilent !== undefined) this.#lastByAuthor.delete(longestSilent)
  }

  get rows(): OpRow[] {
    return Array.from(this.#lastByAuthor, ([author, opId]) => ({ author, opId }))
  }
}
