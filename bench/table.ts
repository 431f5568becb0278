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

/** Adds a line to the table that `run.mjs` prints. */
export function row({ what, measured, value, unit, atMost, atLeast }: Row): void {
  const written = (figure: number) =>
    unit === '×' ? `${figure}×` : `${figure.toLocaleString('en')} ${unit}`
  const cells = {
    what,
    measured,
    ratio: unit === '×' ? `${value.toFixed(2)}×` : '',
    bar:
      atMost !== undefined
        ? `≤ ${written(atMost)}`
        : atLeast !== undefined
          ? `≥ ${written(atLeast)}`
          : '',
    isReached: value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity),
  }
  test.info().annotations.push({ type: 'row', description: JSON.stringify(cells) })
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}
