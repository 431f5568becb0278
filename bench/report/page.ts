// Owns the page of figures: one HTML file that needs nothing else.

import type { RowResult } from '../round.ts'
import type { Unit } from '../row.ts'
import { cpuPlot } from './cpu-plot.ts'
import { STYLE } from './page-style.ts'
import { escaped, lanes, lines, type Line } from './plots.ts'
import type { Summary, Told } from './summary.ts'
import { besideOf } from './table.ts'
import { digits, writtenBar, writtenRatio } from './written.ts'

/** Rows that differ in one number are told together. */
const FAMILY = /^(fan-out)-(\d+)$/

export function pageOf(results: readonly RowResult[], summary: Summary, about: string): string {
  const singles = results.filter(({ name }) => !FAMILY.test(name))
  const family = results.filter(({ name }) => FAMILY.test(name))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width" />
<title>Baton: figures of one run</title>
<style>${STYLE}</style>
<h1>Baton: figures of one run</h1>
<p>${escaped(about)}</p>
<p>Each dot is one round. All contenders of a row took turns in the same run: compare within a row alone.</p>
${barSection(summary)}
${singles.map((row) => rowSection(row, summary)).join('\n')}
${family.length === 0 ? '' : fanOutSection(family, summary)}
${sinceSection(summary)}
</html>
`
}

function barSection({ judged }: Summary): string {
  const rows = judged.map(({ bar, value, isReached }) => {
    const is = bar.beside === null ? digits(value) : writtenRatio(value)
    const verdict = isReached ? '<td class="good">reached</td>' : '<td class="bad">missed</td>'
    const cells = [bar.row, bar.figure, besideOf(bar), is, writtenBar(bar)]
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}${verdict}</tr>`
  })
  return section(
    'Bars',
    'What Baton means to reach.',
    table(['row', 'figure', 'beside', 'is', 'bar', ''], rows),
  )
}

function rowSection(
  { name, title, boundBy, figures, contenders }: RowResult,
  summary: Summary,
): string {
  const plots = figures.map((figure) => {
    const isOf = (one: Told) => one.row === name && one.figure === figure.name
    const ratios = summary.ratios.filter(({ ours }) => isOf(ours))
    const told = summary.told.filter(isOf)
    return told.length === 0 ? '' : lanes(figure, told, ratios)
  })
  const cpu = cpuPlot(
    summary.cpu.filter(({ row }) => row === name),
    contenders.map((one) => one.name),
  )
  const failed = contenders
    .filter((one) => one.failed !== null)
    .map((one) => `<p class="bad">${escaped(`${one.name} was left out: ${one.failed}`)}</p>`)
  const bound = `Bound by ${boundBy}.`
  return section(`${name}: ${title}`, bound, [...plots, cpu, ...failed].join(''))
}

function fanOutSection(rows: readonly RowResult[], { told }: Summary): string {
  const { figures } = rows[0]!
  const plots = figures.map(({ name, unit }) => {
    const here = told.filter((one) => FAMILY.test(one.row) && one.figure === name)
    return lines(`${name}, ${unitOf(unit)}`, 'receivers', linesOf(here))
  })
  return section(
    'fan-out: messages of 100 B to more and more pages',
    `Bound by ${rows[0]!.boundBy}.`,
    plots.join(''),
  )
}

const unitOf = (unit: Unit) => (unit === '/s' ? 'messages a second' : unit)

function linesOf(told: readonly Told[]): readonly Line[] {
  const names = [...new Set(told.map(({ contender }) => contender))]
  return names.map((name) => {
    const own = told.filter(({ contender }) => contender === name)
    const points = own.map(({ row, value }) => ({ x: Number(FAMILY.exec(row)![2]), y: value }))
    return { name, kind: own[0]!.kind, points: points.sort((a, b) => a.x - b.x) }
  })
}

function sinceSection({ since }: Summary): string {
  const rows = since.map(({ row, figure, turns, ratio, isSlower }) => {
    const cells = [row, figure, digits(turns), ratio === null ? '' : writtenRatio(ratio)]
    const mark = isSlower ? '<td class="bad">slower</td>' : '<td></td>'
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}${mark}</tr>`
  })
  const head = ['row', 'figure', 'turns of the calibration loop', 'beside those of before', '']
  return section(
    'Pure code beside that of before',
    'Figures of before: bench/baseline.json.',
    table(head, rows),
  )
}

function table(head: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return ''
  const cells = head.map((cell) => `<th>${escaped(cell)}</th>`).join('')
  return `<div class="wide"><table><tr>${cells}</tr>${rows.join('')}</table></div>`
}

function section(title: string, about: string, body: string): string {
  return body === ''
    ? ''
    : `<section><h2>${escaped(title)}</h2><p>${escaped(about)}</p>${body}</section>`
}
