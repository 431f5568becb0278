// Owns sets of seqs, as rising runs: what the streams of a peer lack.

import { LACKING_RUNS_MAX } from '../protocol/limits.ts'
import { NO_SEQ, type Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { SeqRun } from '../protocol/frames.ts'

/** The messages of a log, which ends at `lastSeq`, that are not among these entries of it. */
export function seqsLackedBy(entries: readonly Entry[], lastSeq: Seq): readonly SeqRun[] {
  const runs: SeqRun[] = []
  let before = NO_SEQ
  for (const entry of entries) {
    if (entry.type !== 'message') continue
    if (entry.seq > before + 1) runs.push({ from: (before + 1) as Seq, to: (entry.seq - 1) as Seq })
    before = entry.seq
  }
  if (lastSeq > before) runs.push({ from: (before + 1) as Seq, to: lastSeq })
  return fewer(runs)
}

export function countOf(runs: readonly SeqRun[]): number {
  return runs.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

export function includes(runs: readonly SeqRun[], seq: number): boolean {
  return runs.some(({ from, to }) => from <= seq && seq <= to)
}

export function sameRuns(a: readonly SeqRun[], b: readonly SeqRun[]): boolean {
  return a.length === b.length && a.every(({ from, to }, i) => from === b[i]!.from && to === b[i]!.to)
}

/** What is in the one and not in the others. */
export function without(runs: readonly SeqRun[], others: readonly SeqRun[]): readonly SeqRun[] {
  let left = runs
  for (const other of others) left = left.flatMap((run) => cut(run, other))
  return left
}

/** Of these, those up to a seq. */
export function upTo(runs: readonly SeqRun[], seq: Seq): readonly SeqRun[] {
  return without(runs, [{ from: (seq + 1) as Seq, to: Number.MAX_SAFE_INTEGER as Seq }])
}

/** More runs than a peer says: the first of them as one, so that it claims to hold less rather than more. */
export function fewer(runs: readonly SeqRun[]): readonly SeqRun[] {
  const spare = runs.length - LACKING_RUNS_MAX
  return spare <= 0 ? runs : [{ from: runs[0]!.from, to: runs[spare]!.to }, ...runs.slice(spare + 1)]
}

function cut(run: SeqRun, { from, to }: SeqRun): SeqRun[] {
  if (to < run.from || run.to < from) return [run]
  const before = { from: run.from, to: (from - 1) as Seq }
  const after = { from: (to + 1) as Seq, to: run.to }
  return [before, after].filter((part) => part.from <= part.to)
}
