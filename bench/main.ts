// Owns a run: which rows, which builds, and where the results go.

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { BARS } from './bars.ts'
import { installPeers } from './peers/install.ts'
import { keepBaseline } from './report/baseline.ts'
import { pageOf } from './report/page.ts'
import { summaryOf } from './report/summary.ts'
import { tablesOf } from './report/table.ts'
import { measureRow, type RowResult } from './round.ts'
import type { Row } from './row.ts'
import { ROWS } from './rows.ts'
import { Stage, type Build } from './stage/stage.ts'

export type Asked = {
  readonly root: string
  readonly rows?: string
  readonly rounds?: string
  readonly against?: string
  readonly peers: boolean
  readonly out: string
  readonly 'keep-baseline': boolean
  readonly list: boolean
}

/** Resolves with the exit code. */
export async function main(asked: Asked): Promise<number> {
  checkBars()
  const rows = rowsOf(asked.rows)
  if (rows.length === 0 || asked.list) {
    for (const { name, title } of ROWS) console.log(`${name.padEnd(12)} ${title}`)
    return asked.list ? 0 : 2
  }
  const stage = new Stage({
    builds: buildsOf(asked),
    peersFolder: asked.peers ? installPeers() : null,
  })
  endWhenAsked(stage)
  const loadBefore = loadavg()
  try {
    const results: RowResult[] = []
    for (const row of rows) results.push(await measured(row, stage, asked.rounds))
    report(asked, results, loadBefore)
    if (asked['keep-baseline']) keepBaseline(results)
    return results.every(oursIsThere) ? 0 : 1
  } finally {
    await stage.close()
  }
}

/** Nothing stays behind: neither services nor folders. */
function endWhenAsked(stage: Stage): void {
  const end = () => {
    stage.close().finally(() => process.exit(1))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
}

function checkBars(): void {
  const isThere = (row: string, figure: string) =>
    ROWS.some((one) => one.name === row && one.figures.some(({ name }) => name === figure))
  for (const { row, figure, beside } of BARS) {
    const places = [
      [row, figure],
      [beside?.row ?? row, beside?.figure ?? figure],
    ] as const
    for (const [row, figure] of places)
      if (!isThere(row, figure)) throw new Error(`a bar speaks of ${row}, ${figure}: there is none`)
  }
}

function rowsOf(names: string | undefined): readonly Row[] {
  if (names === undefined) return ROWS
  const starts = names.split(',')
  const isNamed = (start: string) => ROWS.some(({ name }) => name === start)
  return ROWS.filter(({ name }) =>
    starts.some((start) => (isNamed(start) ? name === start : name.startsWith(start))),
  )
}

function buildsOf({ root, against }: Asked): readonly Build[] {
  const ours: Build = { name: 'Baton', kind: 'ours', dist: join(root, 'dist') }
  if (against === undefined) return [ours]
  return [ours, { name: 'Baton, other checkout', kind: 'against', dist: resolve(against, 'dist') }]
}

async function measured(row: Row, stage: Stage, rounds: string | undefined): Promise<RowResult> {
  process.stdout.write(`${row.name}: ${row.title} …`)
  const result = await measureRow(row, stage, rounds === undefined ? row.rounds : Number(rounds))
  console.log(` ${Math.round(result.tookMs / 1000)} s`)
  return result
}

function report(asked: Asked, results: readonly RowResult[], loadBefore: readonly number[]): void {
  const summary = summaryOf(results)
  const machine = {
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    node: process.version,
    loadBefore: loadBefore[0]!,
  }
  const folder = resolve(asked.root, asked.out)
  mkdirSync(folder, { recursive: true })
  const takenAt = new Date().toISOString()
  const about =
    `${takenAt.slice(0, 16).replace('T', ' ')} UTC, ${machine.cpu}, Node ${machine.node}, ` +
    `load ${machine.loadBefore.toFixed(1)} before the run`
  const whole = { takenAt, machine, results, summary }
  writeFileSync(join(folder, 'results.json'), JSON.stringify(whole))
  writeFileSync(join(folder, 'index.html'), pageOf(results, summary, about))
  console.log(`\n${tablesOf(results, summary)}\n`)
  console.log(`${about}\n${join(folder, 'index.html')}`)
}

function oursIsThere({ contenders }: RowResult): boolean {
  return contenders.every(({ kind, failed }) => kind !== 'ours' || failed === null)
}
