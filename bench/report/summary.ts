// Owns what is told of the measurements: figures, ratios with their spread, bars, and the CPU's time by thread. How it
// looks is not known here.

import { BARS, type Bar } from '../bars.ts'
import { sinceBaseline, type Since } from './baseline.ts'
import type { Measured, RowResult } from '../round.ts'
import { CPU_PREFIX, type Figure, type Kind, type Unit } from '../row.ts'
import { median, perRound, pooled, quartiles, ratios, type Spread } from '../statistics.ts'

export type Told = {
  readonly row: string
  readonly figure: string
  readonly unit: Unit
  readonly contender: string
  readonly kind: Kind
  readonly value: number
  readonly spread: Spread
  readonly perRound: readonly number[]
}

/** Baton's figure divided by somebody else's. */
export type Ratio = {
  readonly row: string
  readonly figure: string
  readonly beside: string
  readonly ratio: number
  readonly spread: Spread
  readonly ours: Told
  readonly theirs: Told
  readonly better: Figure['better']
}

export type Judged = { readonly bar: Bar; readonly value: number; readonly isReached: boolean }

export type CpuPart = {
  readonly row: string
  readonly contender: string
  readonly process: string
  readonly thread: string
  readonly us: number
}

export type Summary = {
  readonly told: readonly Told[]
  readonly ratios: readonly Ratio[]
  readonly judged: readonly Judged[]
  readonly cpu: readonly CpuPart[]
  readonly since: readonly Since[]
}

/** Threads below this share of all time are told with the others of their process. */
const SMALL_SHARE = 0.015

export function summaryOf(results: readonly RowResult[]): Summary {
  const told = results.flatMap((row) =>
    row.contenders.flatMap((contender) =>
      row.figures.flatMap((figure) => tell(row, contender, figure)),
    ),
  )
  const cpu = results.flatMap((row) => row.contenders.flatMap((one) => cpuOf(row.name, one)))
  const judged = BARS.flatMap((bar) => judge(bar, told))
  const since = sinceBaseline(results)
  return { told, ratios: results.flatMap((row) => ratiosOf(row, told)), judged, cpu, since }
}

function tell(row: RowResult, { name, kind, rounds }: Measured, figure: Figure): readonly Told[] {
  const samples = rounds.map((round) => round[figure.of] ?? []).filter(({ length }) => length > 0)
  if (samples.length === 0) return []
  const each = perRound(samples, figure.share)
  const value = pooled(samples, figure.share)
  const { unit } = figure
  const spread = quartiles(each)
  return [
    {
      row: row.name,
      figure: figure.name,
      unit,
      contender: name,
      kind,
      value,
      spread,
      perRound: each,
    },
  ]
}

function ratiosOf({ name, figures }: RowResult, told: readonly Told[]): readonly Ratio[] {
  return figures.flatMap((figure) => {
    const here = told.filter((one) => one.row === name && one.figure === figure.name)
    const ours = here.find(({ kind }) => kind === 'ours')
    if (ours === undefined) return []
    return here.filter((theirs) => theirs !== ours).map((theirs) => ratioOf(ours, theirs, figure))
  })
}

function ratioOf(ours: Told, theirs: Told, { better }: Figure): Ratio {
  const { row, figure } = ours
  const spread = quartiles(ratios(ours.perRound, theirs.perRound))
  const ratio = ours.value / theirs.value
  return { row, figure, beside: theirs.contender, ratio, spread, ours, theirs, better }
}

function judge(bar: Bar, told: readonly Told[]): readonly Judged[] {
  const find = (row: string, figure: string, contender?: string) =>
    told.find(
      (one) =>
        one.row === row &&
        one.figure === figure &&
        (contender === undefined ? one.kind === 'ours' : one.contender === contender),
    )
  const ours = find(bar.row, bar.figure)
  const { row = bar.row, figure = bar.figure, contender } = bar.beside ?? {}
  const theirs = bar.beside === null ? { value: 1 } : find(row, figure, contender)
  if (ours === undefined || theirs === undefined) return []
  const value = ours.value / theirs.value
  const { atMost = Infinity, atLeast = -Infinity } = bar
  return [{ bar, value, isReached: value <= atMost && value >= atLeast }]
}

/** Medians over the rounds; a thread that took nothing in a round counts as nothing. */
function cpuOf(row: string, { name, rounds }: Measured): readonly CpuPart[] {
  const names = new Set(rounds.flatMap((round) => Object.keys(round)))
  const threads = [...names].filter((key) => key.startsWith(CPU_PREFIX))
  const parts = threads.map((key) => {
    const [process, thread] = key.slice(CPU_PREFIX.length).split('/') as [string, string]
    const us = median(rounds.map((round) => round[key]?.[0] ?? 0))
    return { row, contender: name, process, thread, us }
  })
  return gathered(parts)
}

function gathered(parts: readonly CpuPart[]): readonly CpuPart[] {
  const leastUs = SMALL_SHARE * parts.reduce((sum, { us }) => sum + us, 0)
  const large = parts.filter(({ us }) => us >= leastUs)
  const processes = [...new Set(parts.map(({ process }) => process))]
  const others = processes.flatMap((process) => {
    const rest = parts.filter((part) => part.process === process && part.us < leastUs)
    const us = rest.reduce((sum, part) => sum + part.us, 0)
    return us > 0 ? [{ ...rest[0]!, thread: 'others', us }] : []
  })
  return [...large, ...others].sort((a, b) => b.us - a.us)
}
