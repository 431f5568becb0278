// Owns how a fetched log is set beside this peer's own: where the two part, and what each holds
// after that. Which of them goes on is weighed elsewhere. [MG5]

import { NO_INDEX, NO_SEQ, type Index, type Seq } from '../protocol/ids.ts'
import type { ReignPlace } from '../protocol/frames.ts'
import type { Branch } from './branch.ts'
import { streamsOf } from '../replica/entries-with-gaps.ts'
import { forkOf } from '../replica/history.ts'
import type { Replica } from '../replica/replica.ts'
import { endsOfState, type Piece, type ReplicaState } from '../replica/replica-state.ts'
import type { Fetched } from '../replica/snapshot-reader.ts'
import { surplusAfter, type Moments } from '../replica/surplus.ts'

type Given = Exclude<Fetched, { readonly extent: 'nothing' }>

/** A fetched log beside this one. */
export type Found = {
  /** The last place that both logs have; null where they share no reign. */
  readonly fork: ReignPlace | null
  /** What the fetched log holds after the fork. */
  readonly branch: Branch
  /** All of it, where it came whole: only this can take the place of another log. */
  readonly copy: ReplicaState | null
  /** Whether this log has every entry since the copy, and so can go on with its streams. */
  readonly canGoOnWithCopy: boolean
  /** Messages that may fill what another log lacks; null where nobody lacks any. */
  readonly piece: Piece | null
}

/** Null where nothing came. `moments`: of the fetched log, as its source knows them. */
export function foundIn(given: Fetched, moments: Moments, replica: Replica): Found | null {
  if (given.extent === 'nothing') return null
  const ends = given.extent === 'whole' ? endsOfState(given.copy) : given.ends
  const last = ends.at(-1)
  if (last === undefined) return null
  const fork = forkOf(replica.ends, ends)
  const { inSync, lacks } = given.extent === 'whole' ? given.copy : given
  const copy = given.extent === 'whole' ? given.copy : null
  return {
    fork,
    branch: {
      position: { claim: last.claim, index: last.index },
      entries: entriesAfter(given, fork),
      stable: moments.stable,
      past: moments.past,
      lacks,
      inSync,
    },
    copy,
    canGoOnWithCopy: copy !== null && replica.canGoOnWith(copy),
    piece: pieceOf(given, ends, indexOf(fork), replica),
  }
}

/** What this peer's own log holds after the fork; null for an empty log. */
export function ownBranch(
  replica: Replica,
  fork: ReignPlace | null,
  moments: Moments,
): Branch | null {
  const { position, log, engine, inSync, lacks } = replica
  if (position === null) return null
  return {
    position,
    entries: surplusAfter(log, engine, indexOf(fork), seqOf(fork)),
    stable: moments.stable,
    past: moments.past,
    lacks,
    inSync,
  }
}

/** Index of the fork; 0 where the logs share no reign. */
export function indexOf(fork: ReignPlace | null): Index {
  return fork?.index ?? NO_INDEX
}

/** Last seq before the fork. */
export function seqOf(fork: ReignPlace | null): Seq {
  return fork?.seq ?? NO_SEQ
}

function entriesAfter(given: Given, fork: ReignPlace | null) {
  if (given.extent === 'tail') return given.entries.filter(({ index }) => index > indexOf(fork))
  const { log, engine } = given.copy
  return surplusAfter(log, engine, indexOf(fork), seqOf(fork))
}

function pieceOf(
  given: Given,
  ends: readonly ReignPlace[],
  forkIndex: Index,
  replica: Replica,
): Piece | null {
  if (given.extent === 'whole') {
    const { engine, lacks } = given.copy
    const isAnyLacking = lacks.length + replica.lacks.length > 0
    return engine !== null && isAnyLacking ? { ends, streams: { engine, lacks } } : null
  }
  if (replica.lacks.length === 0) return null
  // What was folded after the fork is the branch's own.
  const shared = given.entries.filter(({ index }) => index <= forkIndex)
  return { ends, streams: streamsOf(shared, ends.at(-1)?.seq ?? NO_SEQ) }
}
