// Owns the comparison of branches: of two continuations of one log, which goes on. [MG5] Both sides of a split
// come to the same answer, since it rests on what the logs say and on what their peers know to be stable.

import type { Index, PeerId } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Position, SeqRun } from '../protocol/frames.ts'
import { comparePositions } from '../replica/history.ts'
import { countOf } from '../replica/runs.ts'

/** What one log holds after the place where another left it. */
export type Branch = {
  /** Where it ends. */
  readonly position: Position
  /** Its entries after the fork, as far as they are still known. */
  readonly entries: readonly Entry[]
  /** Up to here it is known to be stable. */
  readonly stable: Index
  /** Who hosted where it left the other: the first of its entries are that host's, unless a reign begins at once. */
  readonly host: PeerId
  /** The messages of its log that are not in the streams of whoever holds it. */
  readonly lacks: readonly SeqRun[]
  /** Who is in sync at its end. */
  readonly inSync: readonly PeerId[]
}

/** How many entries of the branch are stable and came from an op. */
export function stableOps({ entries, stable }: Branch): number {
  return entries.filter(
    (entry) => entry.index <= stable && (entry.type === 'message' || entry.type === 'compaction'),
  ).length
}

/** How many peers hold something stable of this branch: its hosts and those it named in sync; none where nothing is stable. */
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
 * Positive when `a` goes on: it has more of the streams, which cannot be made up for; more peers hold something stable of it; then it is longer by what is stable; then its
 * end is of the higher reign. A lone tab that went through many reigns so never wins over a full room.
 */
export function compareBranches(a: Branch, b: Branch): number {
  return (
    countOf(b.lacks) - countOf(a.lacks) ||
    weightOf(a) - weightOf(b) ||
    stableOps(a) - stableOps(b) ||
    comparePositions(a.position, b.position)
  )
}
