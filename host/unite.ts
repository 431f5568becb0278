// Owns how two copies of one room that lack different messages become one that lacks less. Pure: neither changes. [EL5b]

import { NO_INDEX, type Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { Engine, type Retained } from './engine.ts'
import { fewer, gainedFrom, includes, seqsLackedBy, without } from './runs.ts'

/** The streams of a log, and which of its messages never came into them. */
export type Streams = { readonly engine: Engine; readonly lacks: readonly SeqRun[] }

/** The streams as entries of a log make them, between which there may be gaps; the log ends at `lastSeq`. */
export function streamsOf(entries: readonly Entry[], lastSeq: Seq): Streams {
  const engine = new Engine()
  for (const entry of entries) {
    if (entry.type === 'message') engine.restoreCounter((entry.seq - 1) as Seq)
    engine.apply(entry)
  }
  engine.restoreCounter(lastSeq)
  return { engine, lacks: seqsLackedBy(entries, lastSeq) }
}

/**
 * What `streams` retain, and of what they lack what `others` do, up to the seq where their logs part. Nobody may have
 * folded anything in `streams` since they lack it: a fold stands for all messages before it.
 */
export function unite(streams: Streams, others: Streams, forkSeq: Seq): Streams {
  const gained = gainedFrom(streams.lacks, others.lacks, forkSeq)
  if (gained.length === 0) return streams
  const engine = new Engine()
  for (const key of new Set([...streams.engine.keys, ...others.engine.keys])) {
    const mine = [...streams.engine.messages(key, NO_INDEX)]
    const theirs = [...others.engine.messages(key, NO_INDEX)].filter(({ kind, seq }) => includes(gained, seq) || (kind === 'fold' && seq <= forkSeq && gained[0]!.from <= seq))
    for (const message of merged(mine, theirs, others.lacks)) engine.restore(key, message)
  }
  engine.restoreCounter(streams.engine.lastSeq)
  return { engine, lacks: fewer(without(streams.lacks, gained)) }
}

/** In order of their seqs, without those that the replace or fold of the other side stands for: a fold of theirs, for what they had. */
function merged(mine: readonly Retained[], theirs: readonly Retained[], lackedByThem: readonly SeqRun[]): Retained[] {
  const added = theirs.filter(({ seq }) => !standsFor(mine[0], seq))
  const [first] = added
  const known = new Set(added.map(({ seq }) => seq))
  const kept = mine.filter(({ seq }) => !known.has(seq) && (!standsFor(first, seq) || (first?.kind === 'fold' && includes(lackedByThem, seq))))
  const all = [...kept, ...added].sort((a, b) => a.seq - b.seq)
  return all.map((message, i) => (i === 0 ? message : { ...message, kind: 'append' }))
}

/** Whether the first message of a stream was put in the place of one with this seq, or is that one. */
function standsFor(first: Retained | undefined, seq: Seq): boolean {
  return first !== undefined && first.kind !== 'append' && seq <= first.seq
}
