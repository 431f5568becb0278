// Owns how two copies of one room that lack different messages become one that lacks less. Pure: neither changes. [EL5b]

import { NO_INDEX, type Seq } from '../protocol/ids.ts'
import type { CompactOp } from '../protocol/entry.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { Engine, type Retained } from './engine.ts'
import type { OpTable } from './op-table.ts'
import { fewer, gainedFrom, includes, without } from './runs.ts'

/** The streams of a log, which of its messages never came into them, and its compactions that so found nothing to fold. */
export type Streams = {
  readonly engine: Engine
  readonly lacks: readonly SeqRun[]
  readonly folds?: readonly CompactOp[] | undefined
}

/**
 * What `streams` retain, and of what they lack what `others` do, up to the seq where their logs part. Nobody may have
 * folded anything in `streams` since they lack it. `ops`: what the room of `streams` has taken: a fold of theirs that is among
 * them was made here, and stands for all messages before it; one of a branch stands for those that they had.
 */
export function unite(streams: Streams, others: Streams, forkSeq: Seq, ops: OpTable): Streams {
  const gained = gainedFrom(streams.lacks, others.lacks, forkSeq)
  if (gained.length === 0) return streams
  const engine = new Engine()
  for (const key of new Set([...streams.engine.keys, ...others.engine.keys])) {
    const mine = [...streams.engine.messages(key, NO_INDEX)]
    const theirs = [...others.engine.messages(key, NO_INDEX)].filter(
      ({ kind, seq, author, opId }) => {
        return (
          includes(gained, seq) ||
          (kind === 'fold' && seq <= forkSeq && (gained[0]!.from <= seq || ops.has(author, opId)))
        )
      },
    )
    for (const message of merged(mine, theirs, others.lacks, ops)) engine.restore(key, message)
  }
  for (const op of [...(streams.folds ?? []), ...(others.folds ?? [])]) {
    const [first] = engine.messages(op.key, NO_INDEX)
    if (ops.has(op.author, op.opId) && (first?.kind !== 'fold' || first.seq < op.seq))
      engine.compact(op)
  }
  engine.restoreCounter(streams.engine.lastSeq)
  return { engine, lacks: fewer(without(streams.lacks, gained)), folds: streams.folds }
}

/** In order of their seqs, without those that the replace or fold of the other side stands for. */
function merged(
  mine: readonly Retained[],
  theirs: readonly Retained[],
  lackedByThem: readonly SeqRun[],
  ops: OpTable,
): Retained[] {
  const added = theirs.filter(({ seq }) => !standsFor(mine[0], seq))
  const [first] = added
  const known = new Set(added.map(({ seq }) => seq))
  const ofBranch = first?.kind === 'fold' && !ops.has(first.author, first.opId)
  const kept = mine.filter(
    ({ seq }) =>
      !known.has(seq) && (!standsFor(first, seq) || (ofBranch && includes(lackedByThem, seq))),
  )
  return [...kept, ...added].sort((a, b) => a.seq - b.seq)
}

/** Whether the first message of a stream was put in the place of one with this seq, or is that one. */
function standsFor(first: Retained | undefined, seq: Seq): boolean {
  return first !== undefined && first.kind !== 'append' && seq <= first.seq
}
