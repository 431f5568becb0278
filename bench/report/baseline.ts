// Owns the figures of before: those of rows in Node, each divided by the calibration loop of the same process, so that
// machines compare. A figure that is slower than before is marked, and fails nothing.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RowResult } from '../round.ts'
import type { Figure, Samples } from '../row.ts'
import { median } from '../statistics.ts'

const FILE = fileURLToPath(new URL('../baseline.json', import.meta.url))
/** What a busy machine adds at times. */
const SLOWER = 1.2

/** In turns of the calibration loop, by row and figure. */
type Baseline = { readonly [row: string]: { readonly [figure: string]: number } }

export type Since = {
  readonly row: string
  readonly figure: string
  readonly turns: number
  /** The figure divided by that of before; null where there is none. */
  readonly ratio: number | null
  readonly isSlower: boolean
}

export function sinceBaseline(results: readonly RowResult[]): readonly Since[] {
  const before = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Baseline) : {}
  return turnsOf(results).map(({ row, figure, turns }) => {
    const then = before[row]?.[figure]
    const ratio = then === undefined ? null : turns / then
    return { row, figure, turns, ratio, isSlower: ratio !== null && ratio > SLOWER }
  })
}

/** Rows that were not measured stay as they are. */
export function keepBaseline(results: readonly RowResult[]): void {
  const baseline: { [row: string]: { [figure: string]: number } } = existsSync(FILE)
    ? JSON.parse(readFileSync(FILE, 'utf8'))
    : {}
  for (const { row } of turnsOf(results)) baseline[row] = {}
  for (const { row, figure, turns } of turnsOf(results))
    baseline[row]![figure] = Number(turns.toPrecision(3))
  writeFileSync(FILE, `${JSON.stringify(baseline, null, 2)}\n`)
}

type Turns = { readonly row: string; readonly figure: string; readonly turns: number }

function turnsOf(results: readonly RowResult[]): readonly Turns[] {
  return results.flatMap(({ name, figures, contenders }) => {
    const rounds = contenders.find(({ kind }) => kind === 'ours')?.rounds ?? []
    const calibrated = rounds.filter(({ calibration }) => calibration !== undefined)
    if (calibrated.length === 0) return []
    return figures.map((figure) => {
      const turns = median(calibrated.map((round) => turnsIn(round, figure)))
      return { row: name, figure: figure.name, turns }
    })
  })
}

/** Memory has nothing to do with how fast a machine is. */
function turnsIn(round: Samples, { of, unit }: Figure): number {
  const [value] = round[of] as readonly [number]
  return unit === '×' ? value : value / round['calibration']![0]!
}
