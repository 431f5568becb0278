// Owns the copy of the room that a peer gave up when it had to start over, until it has streams
// again. What it follows since is not known here. [EL5c]

import { NO_INDEX, NO_SEQ, type Index } from '../protocol/ids.ts'
import type { ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { Engine } from './engine.ts'
import { forkOf } from './history.ts'
import { endsOfState, type Piece, type ReplicaState } from './replica-state.ts'
import { gainedFrom } from './runs.ts'
import { surplusAfter, type Moments, type Surplus } from './surplus.ts'

/** Only a copy with streams is worth keeping. */
export type CompleteState = ReplicaState & { readonly engine: Engine }

export class FormerCopy {
  readonly state: CompleteState
  /** Up to here its log was known to be stable. */
  readonly stable: Index
  /** Up to here its log is of earlier lives of this page. */
  readonly past: Index

  constructor(state: CompleteState, { stable, past }: Moments) {
    this.state = state
    this.stable = stable
    this.past = past
  }

  get ends(): ReignPlace[] {
    return endsOfState(this.state)
  }

  /** The messages of its log that are not in its streams. */
  get lacks(): readonly SeqRun[] {
    return this.state.lacks
  }

  get piece(): Piece {
    const { engine, lacks, folds } = this.state
    return { ends: this.ends, streams: { engine, lacks, folds } }
  }

  /** Of the messages that a log with these reign ends lacks: those that this copy holds. */
  gives(ends: readonly ReignPlace[], lacked: readonly SeqRun[]): readonly SeqRun[] {
    return gainedFrom(lacked, this.lacks, forkOf(ends, this.ends)?.seq ?? NO_SEQ)
  }

  /** The entries of this copy that a log with these reign ends does not contain. */
  surplusBeyond(ends: readonly ReignPlace[]): Surplus {
    const { log, engine, ops } = this.state
    const fork = forkOf(this.ends, ends)
    const forkSeq = fork?.seq ?? NO_SEQ
    const entries = surplusAfter(log, engine, fork?.index ?? NO_INDEX, forkSeq)
    return { entries, stable: this.stable, past: this.past, forkSeq, taken: ops }
  }
}
