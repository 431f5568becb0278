// Owns the rows of the benchmark's table and the arithmetic of its figures.

import { test } from 'playwright/test'
import { percentile } from '../scripts/report.mjs'

export { percentile }

/** How often things are measured. */
export const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 20)

export type Row = {
  readonly what: string
  readonly measured: string
  /** What the bar speaks of; without a bar the row is there for comparison. */
  readonly value: number
  readonly unit: '×' | 'ms' | '/s'
  readonly atMost?: number
  readonly atLeast?: number
}

type Bar = Pick<Row, 'unit'> & {
  readonly atMost: number | undefined
  readonly atLeast: number | undefined
}

/** Adds a line to the table that `run.mjs` prints. */
export function row({ what, measured, value, unit, atMost, atLeast }: Row): void {
  const cells = {
    what,
    measured,
    ratio: unit === '×' ? `${value.toFixed(2)}×` : '',
    bar: barOf({ unit, atMost, atLeast }),
    isReached: value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity),
  }
  test.info().annotations.push({ type: 'row', description: JSON.stringify(cells) })
}

function barOf({ unit, atMost, atLeast }: Bar): string {
  if (atMost !== undefined) return `≤ ${written(atMost, unit)}`
  if (atLeast !== undefined) return `≥ ${written(atLeast, unit)}`
  return ''
}

function written(figure: number, unit: Row['unit']): string {
  return unit === '×' ? `${figure}×` : `${figure.toLocaleString('en')} ${unit}`
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
