// Owns sets of numbers as rising runs: the messages that streams lack, the ops that were not taken.

import { LACKING_RUNS_MAX } from '../protocol/limits.ts'
import type { Seq } from '../protocol/ids.ts'
import type { RunOf, SeqRun } from '../protocol/frames.ts'

export function countOf(runs: readonly RunOf[]): number {
  return runs.reduce((sum, { from, to }) => sum + to - from + 1, 0)
}

export function includes(runs: readonly RunOf[], number: number): boolean {
  return runs.some(({ from, to }) => from <= number && number <= to)
}

export function sameRuns(a: readonly RunOf[], b: readonly RunOf[]): boolean {
  return firstDifference(a, b) === null
}

/** The lowest number that is in one of them only; null where they are the same. */
export function firstDifference(a: readonly RunOf[], b: readonly RunOf[]): number | null {
  const different = [...without(a, b), ...without(b, a)]
  return different.length === 0 ? null : Math.min(...different.map(({ from }) => from))
}

/** The numbers of `runs` that are not in `others`. */
export function without<N extends number>(
  runs: readonly RunOf<N>[],
  others: readonly RunOf<N>[],
): readonly RunOf<N>[] {
  return others.reduce((left, other) => left.flatMap((run) => cut(run, other)), runs)
}

/** The numbers up to and including a seq. */
function upTo(runs: readonly SeqRun[], seq: Seq): readonly SeqRun[] {
  return without(runs, [{ from: (seq + 1) as Seq, to: Infinity as Seq }])
}

/** The messages that one log lacks and another has, up to the last seq in common. */
export function gainedFrom(
  lacks: readonly SeqRun[],
  others: readonly SeqRun[],
  forkSeq: Seq,
): readonly SeqRun[] {
  return without(upTo(lacks, forkSeq), others)
}

/** As many runs as a peer may tell: the first ones become one, which claims to lack more. */
export function fewer(runs: readonly SeqRun[]): readonly SeqRun[] {
  const spare = runs.length - LACKING_RUNS_MAX
  const [first] = runs
  const lastJoined = runs[spare]
  if (spare <= 0 || first === undefined || lastJoined === undefined) return runs
  return [{ from: first.from, to: lastJoined.to }, ...runs.slice(spare + 1)]
}

function cut<N extends number>({ from, to }: RunOf<N>, other: RunOf<N>): RunOf<N>[] {
  const before = { from, to: Math.min(to, other.from - 1) as N }
  const after = { from: Math.max(from, other.to + 1) as N, to }
  return [before, after].filter((part) => part.from <= part.to)
}
