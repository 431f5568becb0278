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
  /** Up to here it is of earlier lives of its holder. */
  readonly past: Index
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
 * How many peers surely hold what is stable of this branch: its host, and as many standbys as
 * were in sync at all times from then on. Standbys that a host wrote off before are no weight: all
 * since is stable without them.
 */
export function weightOf(branch: Branch): number {
  if (stableOps(branch) === 0) return 0
  return 1 + Math.min(...inSyncSince(branch).map((standbys) => standbys.length))
}

/** Who was in sync at the last stable entry, and at each change since. */
function inSyncSince({ entries, stable, inSync }: Branch): (readonly PeerId[])[] {
  const changes = entries.filter((entry) => entry.type === 'reign' || entry.type === 'in-sync')
  const atStable = changes.findLastIndex(({ index }) => index <= stable)
  return [inSync, ...changes.slice(Math.max(0, atStable)).map((change) => change.inSync)]
}

/**
 * Positive where `a` goes on, negative where `b` does. The first of these that differs decides:
 * 1. whose streams lack fewer messages: nothing can make up for these;
 * 2. of which more peers hold what is stable: so a lone tab that went through many reigns never
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
