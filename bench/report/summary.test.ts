import { expect, test } from 'vitest'
import type { Measured, RowResult } from '../round.ts'
import { CPU_PREFIX, less, more, type Kind, type Samples } from '../row.ts'
import { pageOf } from './page.ts'
import { summaryOf } from './summary.ts'
import { tablesOf } from './table.ts'

function measured(name: string, kind: Kind, rounds: readonly Samples[]): Measured {
  return { name, kind, rounds, failed: null }
}

function rowOf(contenders: readonly Measured[]): RowResult {
  const figures = [more('to each', 'rate', '/s'), less('CPU a message', 'cpu', 'µs')]
  return { name: 'small', title: 'a <row>', boundBy: 'time', figures, contenders, tookMs: 1 }
}

const row = rowOf([
  measured('floor', 'floor', [{ rate: [100] }, { rate: [80] }, { rate: [50] }]),
  measured('Baton', 'ours', [
    { rate: [50], cpu: [10], [`${CPU_PREFIX}host/main`]: [6], [`${CPU_PREFIX}host/idle`]: [0.1] },
    { rate: [60], cpu: [12], [`${CPU_PREFIX}host/main`]: [8] },
    { rate: [40], cpu: [11], [`${CPU_PREFIX}host/main`]: [7], [`${CPU_PREFIX}gpu/main`]: [1] },
  ]),
])

test('a ratio is that of the medians, its spread that of rounds', () => {
  const { ratios } = summaryOf([row])
  expect(ratios).toHaveLength(1)
  const [{ beside, ratio, spread }] = ratios as unknown as [(typeof ratios)[number]]
  expect([beside, ratio]).toEqual(['floor', 50 / 80])
  expect(spread).toEqual({ low: 0.5, high: 0.8 })
})

test('a bar is judged where both of its figures are there', () => {
  const { judged } = summaryOf([row])
  expect(
    judged.map(({ bar, value, isReached }) => [bar.beside?.contender, value, isReached]),
  ).toEqual([['floor', 0.625, true]])
})

test('the time of threads is the median of rounds; a thread that took nothing took nothing', () => {
  const { cpu } = summaryOf([row])
  expect(cpu).toEqual([
    { row: 'small', contender: 'Baton', process: 'host', thread: 'main', us: 7 },
  ])
})

test('who was left out is told with the reason, and names are no markup', () => {
  const failed = { ...measured('a <peer>', 'other', []), failed: 'it hung' }
  const results = [rowOf([...row.contenders, failed])]
  const summary = summaryOf(results)
  expect(tablesOf(results, summary)).toContain('small: a <peer> was left out: it hung')
  const page = pageOf(results, summary, 'here & now')
  expect(page).toContain('a &#60;peer&#62; was left out: it hung')
  expect(page).not.toContain('a <row>')
})
