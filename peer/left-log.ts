// Owns what becomes of a log that a peer leaves for its host's log: where the two part, and what
// only the left log holds. Pure: nothing changes here.

import { NO_INDEX, NO_SEQ, type Index, type Seq } from '../protocol/ids.ts'
import type { Entry, Op } from '../protocol/entry.ts'
import type { BodyOf, ReignPlace } from '../protocol/frames.ts'
import { endsOf, forkOf } from '../replica/history.ts'
import type { Replica } from '../replica/replica.ts'
import { keysOf, opsOf, surplusAfter, type Moments } from '../replica/surplus.ts'

type Welcome = BodyOf<'welcome'>

/** The last place that both logs have in common. */
export type Fork = { readonly index: Index; readonly seq: Seq }

/** What only the left log holds. */
export type Left = {
  readonly entries: readonly Entry[]
  /** To be submitted again, with the surplus of the former copy. */
  readonly ops: readonly Op[]
}

export const NOTHING_LEFT: Left = { entries: [], ops: [] }

const NOTHING_SHARED: Fork = { index: NO_INDEX, seq: NO_SEQ }

/** `ends`: where the reigns of the left log end. */
export function forkFrom(ends: readonly ReignPlace[], welcome: Welcome): Fork {
  return forkOf(ends, endsOfHost(welcome)) ?? NOTHING_SHARED
}

/** What a replica holds behind the fork, and the host's log does not. */
export function leftBehind(replica: Replica, fork: Fork, welcome: Welcome, moments: Moments): Left {
  const entries = surplusAfter(replica.log, replica.engine, fork.index, fork.seq)
  const former = replica.former?.surplusBeyond(endsOfHost(welcome))
  const formerOps = former === undefined ? [] : opsOf(former.entries, former)
  return { entries, ops: [...formerOps, ...opsOf(entries, moments)] }
}

/** What an app must hear that had been told of the left log up to `lastSeq`. */
export function changeBy(
  { entries }: Left,
  fork: Fork,
  lastSeq: Seq,
  headSeq: Seq,
): { readonly reason: 'missed' | 'rewound'; readonly keys: readonly string[] | 'all' } {
  const isRewound = fork.seq < lastSeq || entries.some(({ type }) => type === 'compaction')
  if (!isRewound) return { reason: 'missed', keys: 'all' }
  // The changed keys are known only where the host's log adds nothing new to this peer.
  const isKnown = headSeq === fork.seq && lastSeq - fork.seq <= entries.length
  return { reason: 'rewound', keys: isKnown ? keysOf(entries) : 'all' }
}

function endsOfHost({ history, head, headSeq }: Welcome): ReignPlace[] {
  return endsOf(history, head, headSeq)
}
