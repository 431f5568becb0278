// Owns how the streams of two copies of one room, which lack different messages, become streams
// that lack less. Pure: neither changes. The base is the copy that goes on, the piece what another
// copy brings. [EL5b]
//
// | a message of the piece that                    | is put in, and then stands for                     |
// |------------------------------------------------|----------------------------------------------------|
// | fills a gap of the base                        | itself; a replace: for all before it               |
// | is a fold that this room ordered               | all before it, also what the piece never had       |
// | is a fold of a branch, made over a gap         | what the piece had before it: the rest stays       |
// | is anything else                               | – it is not put in                                 |
//
// - All this counts up to where the logs part.
// - A replace or a fold of the base stands for all before it, also in the piece.
// - Compactions that found nothing to fold, on either side, fold what is put in.
//   Those of the piece are kept, and fold what a third copy brings.

import { NO_SEQ, type Index, type Seq } from '../protocol/ids.ts'
import type { CompactOp, Entry } from '../protocol/entry.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { Engine, type Retained } from './engine.ts'
import type { OpTable } from './op-table.ts'
import { fewer, gainedFrom, includes, without } from './runs.ts'

export type Compaction = Extract<Entry, { type: 'compaction' }>

export type Streams = {
  readonly engine: Engine
  /** The messages of the log that never came into the streams. */
  readonly lacks: readonly SeqRun[]
  /** The compactions of the log that found nothing to fold, since the messages were lacking. */
  readonly folds?: readonly Compaction[] | undefined
}

/** Where two logs part: the last place that both have. */
type Fork = { readonly index: Index; readonly seq: Seq }

/** What decides over a single message. */
type Union = {
  readonly forkSeq: Seq
  /** The messages that the base lacks and the piece does not. */
  readonly gained: readonly SeqRun[]
  readonly lackedByPiece: readonly SeqRun[]
  /** What the room of the base has taken. */
  readonly ops: OpTable
}

/** Call it only while no compaction has been applied to `base` since its gaps arose. */
export function unite(base: Streams, piece: Streams, fork: Fork, ops: OpTable): Streams {
  const gained = gainedFrom(base.lacks, piece.lacks, fork.seq)
  if (gained.length === 0) return base
  const union: Union = { forkSeq: fork.seq, gained, lackedByPiece: piece.lacks, ops }
  const engine = new Engine()
  for (const key of new Set([...base.engine.keys, ...piece.engine.keys])) {
    const ofBase = [...base.engine.messages(key, NO_SEQ)]
    const added = addedTo(ofBase, piece.engine.messages(key, NO_SEQ), union)
    const kept = keptBeside(added, ofBase, union)
    const all = [...kept, ...added].sort((a, b) => a.seq - b.seq)
    for (const message of all) engine.restore(key, message)
  }
  const folds = foldsOf(base, piece, fork)
  for (const { op } of folds) foldUnlessDone(engine, op)
  engine.restoreCounter(base.engine.lastSeq)
  const lacks = fewer(without(base.lacks, gained))
  return { engine, lacks, folds: lacks.length === 0 ? [] : folds }
}

/**
 * The compactions of both, each once, in the order of their log. Behind the fork the piece is of
 * another log.
 */
function foldsOf(base: Streams, piece: Streams, fork: Fork): Compaction[] {
  const common = (piece.folds ?? []).filter(({ index }) => index <= fork.index)
  const byIndex = new Map([...(base.folds ?? []), ...common].map((fold) => [fold.index, fold]))
  return [...byIndex.values()].sort((a, b) => a.index - b.index)
}

/** The messages of the piece that are put in. */
function addedTo(
  ofBase: readonly Retained[],
  ofPiece: Iterable<Retained>,
  union: Union,
): Retained[] {
  return [...ofPiece].filter(
    (message) => isPutIn(message, union) && !standsFor(ofBase[0], message.seq),
  )
}

function isPutIn(message: Retained, union: Union): boolean {
  if (fillsAGap(message, union)) return true
  return isFoldOfThisRoom(message, union) || isFoldOverAGap(message, union)
}

/** The messages of the base that stay beside those. */
function keptBeside(
  added: readonly Retained[],
  ofBase: readonly Retained[],
  union: Union,
): Retained[] {
  const [first] = added
  const addedSeqs = new Set(added.map(({ seq }) => seq))
  return ofBase.filter(({ seq }) => {
    if (addedSeqs.has(seq)) return false
    if (!standsFor(first, seq)) return true
    return isFoldOfABranch(first, union) && includes(union.lackedByPiece, seq)
  })
}

function fillsAGap({ seq }: Retained, { gained }: Union): boolean {
  return includes(gained, seq)
}

function isFoldOfThisRoom({ kind, seq, author, opId }: Retained, union: Union): boolean {
  return kind === 'fold' && seq <= union.forkSeq && union.ops.has(author, opId)
}

/** Whether it stands for a message that the base lacks, though its own seq is none of these. */
function isFoldOverAGap({ kind, seq }: Retained, { forkSeq, gained }: Union): boolean {
  return kind === 'fold' && seq <= forkSeq && includesUpTo(gained, seq)
}

function isFoldOfABranch(message: Retained | undefined, { ops }: Union): boolean {
  return message?.kind === 'fold' && !ops.has(message.author, message.opId)
}

function includesUpTo([first]: readonly SeqRun[], seq: Seq): boolean {
  return first !== undefined && first.from <= seq
}

/** Whether the first message of a stream stands for one with this seq, or is that one. */
function standsFor(first: Retained | undefined, seq: Seq): boolean {
  return first !== undefined && first.kind !== 'append' && seq <= first.seq
}

function foldUnlessDone(engine: Engine, op: CompactOp): void {
  const [first] = engine.messages(op.key, NO_SEQ)
  const isDone = first?.kind === 'fold' && first.seq >= op.seq
  if (!isDone) engine.compact(op)
}
