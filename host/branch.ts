// Owns the comparison of branches: which of two continuations of one log goes on. [MG5] Both sides
// of a split come to the same answer: it rests on the entries, and on what is known to be stable.

import type { Index, PeerId } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Position, SeqRun } from '../protocol/frames.ts'
import { comparePositions } from '../replica/history.ts'
import { countOf } from '../replica/runs.ts'

/** What one log holds after the place where another left it. */
export type Branch = {
  /** Where it ends. */
  readonly position: Position
  /** The entries after the fork, as far as its holder still has them. */
  readonly entries: readonly Entry[]
  /** Up to here it is known to be stable. */
  readonly stable: Index
  /** Who hosted at the fork. The first entries are by this host, unless a reign begins at once. */
  readonly host: PeerId
  /** The messages of its log that are not in the streams of its holder. */
  readonly lacks: readonly SeqRun[]
  /** Who is in sync at its end. */
  readonly inSync: readonly PeerId[]
}

/** How many stable entries of the branch came from an op. */
function stableOps({ entries, stable }: Branch): number {
  return entries.filter((entry) => entry.index <= stable && 'op' in entry).length
}

/**
 * How many peers hold something stable of this branch: its hosts, and the standbys that it named in
 * sync. 0 where nothing of it is stable.
 */
export function weightOf(branch: Branch): number {
  if (stableOps(branch) === 0) return 0
  const holders = new Set<PeerId>(branch.inSync)
  if (branch.entries[0]?.type !== 'reign') holders.add(branch.host)
  for (const entry of branch.entries) {
    if (entry.type === 'reign') holders.add(entry.claim.host)
    if (entry.type === 'reign' || entry.type === 'in-sync')
      for (const peer of entry.inSync) holders.add(peer)
  }
  return holders.size
}

/**
 * Positive where `a` goes on, negative where `b` does. The first of these that differs decides:
 * 1. whose streams lack fewer messages: nothing can make up for these;
 * 2. of which more peers hold something stable: so a lone tab that went through many reigns never
 *    beats a full room;
 * 3. which has more stable ops;
 * 4. whose end is of the higher reign, or further in the same.
 */
export function compareBranches(a: Branch, b: Branch): number {
  const lackedByOther = countOf(b.lacks) - countOf(a.lacks)
  if (lackedByOther !== 0) return lackedByOther
  return (
    weightOf(a) - weightOf(b) ||
    stableOps(a) - stableOps(b) ||
    comparePositions(a.position, b.position)
  )
}
