// Owns the tables in the terminal: ratios first, then medians with their spread, then the CPU's time.

import { tableOf } from '../../scripts/report.mjs'
import type { Bar } from '../bars.ts'
import type { RowResult } from '../round.ts'
import type { Judged, Ratio, Summary } from './summary.ts'
import { digits, written, writtenBar, writtenRatio, writtenSpread } from './written.ts'

export function tablesOf(results: readonly RowResult[], summary: Summary): string {
  const parts = [
    ratioTable(summary),
    barTable(summary.judged),
    medianTable(summary),
    sinceTable(summary),
    cpuTable(summary),
    failures(results),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function ratioTable({ ratios }: Summary): string {
  const rows = ratios.map((one) => [
    one.row,
    one.figure,
    one.beside,
    writtenRatio(one.ratio),
    writtenSpread(one.spread),
    verdictOf(one),
    written(one.ours.value, one.ours.unit),
    written(one.theirs.value, one.theirs.unit),
  ])
  return table(['row', 'figure', 'beside', 'ratio', 'rounds', '', 'Baton', 'beside'], rows)
}

/** Where half of the rounds leave no doubt, and the figure over all rounds is no other. */
function verdictOf({ ratio, spread: { low, high }, better }: Ratio): string {
  if (low <= 1 && high >= 1) return 'alike'
  if (high < 1 !== ratio < 1) return ''
  const isLess = high < 1
  return isLess === (better === 'less') ? 'better' : 'worse'
}

function barTable(judged: readonly Judged[]): string {
  const rows = judged.map(({ bar, value, isReached }) => [
    bar.row,
    bar.figure,
    besideOf(bar),
    bar.beside === null ? digits(value) : writtenRatio(value),
    writtenBar(bar),
    isReached ? 'reached' : 'MISSED',
  ])
  return table(['row', 'figure', 'beside', 'is', 'bar', ''], rows)
}

export function besideOf({ beside }: Bar): string {
  if (beside === null) return ''
  return [beside.row, beside.contender, beside.figure]
    .filter((part) => part !== undefined)
    .join(', ')
}

function medianTable({ told }: Summary): string {
  const rows = told.map((one) => [
    one.row,
    one.figure,
    one.contender,
    written(one.value, one.unit),
    writtenSpread(one.spread, one.value, one.unit),
  ])
  return table(['row', 'figure', 'who', 'is', 'rounds'], rows)
}

function sinceTable({ since }: Summary): string {
  const rows = since.map(({ row, figure, turns, ratio, isSlower }) => [
    row,
    figure,
    digits(turns),
    ratio === null ? '' : writtenRatio(ratio),
    isSlower ? 'SLOWER' : '',
  ])
  return table(
    ['row', 'figure', 'turns of the calibration loop', 'beside those of before', ''],
    rows,
  )
}

/** By process; threads are told in the page beside the table. */
function cpuTable({ cpu }: Summary): string {
  const names = [...new Set(cpu.map(({ row, contender }) => `${row}\n${contender}`))]
  const rows = names.map((name) => {
    const [row, contender] = name.split('\n') as [string, string]
    const parts = cpu.filter((part) => part.row === row && part.contender === contender)
    return [row, contender, digits(sumOf(parts)), ofProcesses(parts)]
  })
  return table(['row', 'who', 'µs of CPU a message', 'by process'], rows)
}

function ofProcesses(parts: Summary['cpu']): string {
  const processes = [...new Set(parts.map(({ process }) => process))]
  return processes
    .map((name) => [name, sumOf(parts.filter(({ process }) => process === name))] as const)
    .sort(([, a], [, b]) => b - a)
    .map(([name, us]) => `${name} ${digits(us)}`)
    .join(', ')
}

const sumOf = (parts: Summary['cpu']) => parts.reduce((sum, { us }) => sum + us, 0)

function failures(results: readonly RowResult[]): string {
  return results
    .flatMap(({ name, contenders }) =>
      contenders
        .filter(({ failed }) => failed !== null)
        .map((one) => `${name}: ${one.name} was left out: ${one.failed}`),
    )
    .join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : tableOf(head, rows)
}
