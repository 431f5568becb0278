// Owns how figures are written.

import type { Bar } from '../bars.ts'
import type { Unit } from '../row.ts'
import type { Spread } from '../statistics.ts'

/** What a large number of a small unit is told in. */
const LARGER: { readonly [unit: string]: Unit } = { ns: 'µs', µs: 'ms' }
const LARGE = 10_000

export function written(value: number, unit: Unit): string {
  const larger = LARGER[unit]
  if (larger === undefined || value < LARGE) return `${digits(value)} ${unit}`
  return `${digits(value / 1_000)} ${larger}`
}

export function writtenRatio(value: number): string {
  return `${value.toFixed(2)} ×`
}

/** In the unit in which the figure itself is written. */
export function writtenSpread({ low, high }: Spread, value = 0, unit: Unit = '×'): string {
  const divisor = LARGER[unit] !== undefined && value >= LARGE ? 1_000 : 1
  const [from, to] = [digits(low / divisor), digits(high / divisor)]
  return from === to ? from : `${from}–${to}`
}

export function writtenBar({ atMost, atLeast, beside }: Bar): string {
  const unit = beside === null ? '' : ' ×'
  const bound = atMost === undefined ? `≥ ${digits(atLeast!)}` : `≤ ${digits(atMost)}`
  return bound + unit
}

/** Three digits that count, and all of a large number before its point. */
export function digits(value: number): string {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(2)} M`
  if (Math.abs(value) >= 1e4) return `${(value / 1e3).toFixed(1)} k`
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}
