// Owns the replica as one value: what a snapshot carries, and what a peer keeps of a copy that it
// gave up.

import type { PeerId, Seq } from '../protocol/ids.ts'
import type { ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { Engine } from './engine.ts'
import { endsOf, type History } from './history.ts'
import type { Log } from './log.ts'
import type { OpTable } from './op-table.ts'
import type { Compaction, Streams } from './unite.ts'

export type ReplicaState = {
  readonly log: Log
  readonly history: History
  readonly ops: OpTable
  /** The standbys in sync as of the log's end. */
  readonly inSync: readonly PeerId[]
  readonly lastSeq: Seq
  /** Null while the streams are lacking: such a replica follows, but answers no replay. */
  readonly engine: Engine | null
  /** The messages of the log that never came into the streams. */
  readonly lacks: readonly SeqRun[]
  /** The compactions of the log that found nothing to fold, since the messages were lacking. */
  readonly folds?: readonly Compaction[] | undefined
}

/** Messages that somebody holds of a log whose reigns end there. */
export type Piece = { readonly ends: readonly ReignPlace[]; readonly streams: Streams }

/** Where each reign of its log ends. */
export function endsOfState({ history, log, lastSeq }: ReplicaState): ReignPlace[] {
  return endsOf(history.reigns, log.last, lastSeq)
}
