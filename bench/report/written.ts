// Owns how figures are written.

import type { Bar } from '../bars.ts'
import type { Unit } from '../row.ts'
import type { Spread } from '../statistics.ts'

export function written(value: number, unit: Unit): string {
  return `${digits(value)} ${unit}`
}

export function writtenRatio(value: number): string {
  return `${value.toFixed(2)} ×`
}

export function writtenSpread({ low, high }: Spread): string {
  return low === high ? digits(low) : `${digits(low)}–${digits(high)}`
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
