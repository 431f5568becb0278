// Owns the decision which log goes on where a takeover fetched one and has its own: one reason a
// line, the first that applies decides. It changes nothing. [MG2 MG5 EL5b]

import { countOf } from '../replica/runs.ts'
import { compareBranches, type Branch } from './branch.ts'
import { indexOf, type Found } from './found.ts'

/** What the source was asked for: the entries after the fork, or its whole copy. */
export type Asked = 'what follows' | 'all'

export type Verdict =
  /** What the other log holds after the fork is ordered again. */
  | 'ours goes on'
  /** The other log is an earlier end of ours, and its streams lack less. */
  | 'ours goes on with its streams'
  /** It is to go on, which takes its streams. */
  | 'ask for all of it'
  | 'theirs goes on'

/** `own`: what this peer's log holds after the fork; null for an empty log. */
export function weigh(own: Branch | null, found: Found, asked: Asked): Verdict {
  if (isTorn(found)) return 'ours goes on'
  if (own === null) return 'theirs goes on'
  if (lacksMore(found, own)) return 'ours goes on'
  if (oursEndsAtFork(own, found)) return 'theirs goes on'
  if (hasNoStreams(found, asked)) return 'ours goes on'
  if (theirsEndsAtFork(found)) return weighStreams(own, found)
  if (compareBranches(own, found.branch) >= 0) return 'ours goes on'
  return found.copy === null ? 'ask for all of it' : 'theirs goes on'
}

/** Whose streams our log goes on with, where the other log holds nothing that ours does not. */
function weighStreams(own: Branch, { copy, canGoOnWithCopy }: Found): Verdict {
  if (copy === null || countOf(copy.lacks) >= countOf(own.lacks)) return 'ours goes on'
  return canGoOnWithCopy ? 'ours goes on with its streams' : 'theirs goes on'
}

/** Without the entries right after the fork no log can be continued. */
function isTorn({ fork, branch, copy }: Found): boolean {
  const [next] = branch.entries
  return copy === null && next !== undefined && next.index !== indexOf(fork) + 1
}

/** Streams that lack more never take the place of ours, even where their log goes on from ours. */
function lacksMore({ copy }: Found, own: Branch): boolean {
  return copy !== null && countOf(copy.lacks) > countOf(own.lacks)
}

/** Our log has nothing after the fork: the other one continues it. */
function oursEndsAtFork(own: Branch, { fork }: Found): boolean {
  return own.position.index <= indexOf(fork)
}

/** Asked for its whole copy, the source gave entries: it has no streams to go on with. */
function hasNoStreams({ copy }: Found, asked: Asked): boolean {
  return copy === null && asked === 'all'
}

/** The other log has nothing after the fork: ours continues it. */
export function theirsEndsAtFork({ fork, branch }: Found): boolean {
  return fork !== null && fork.index === branch.position.index
}
