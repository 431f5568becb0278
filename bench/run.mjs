// Runs the benchmark on what the last build made and prints one table. `node bench/run.mjs 5` makes fewer
// rounds than the 20 of the record; what follows `--` goes to Playwright (`-- -g bulk` measures bulk alone).
// A figure that misses its bar is marked and fails nothing: only who knows the machine can judge it.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from '../scripts/chromium.mjs'
import { notesOf, tableOf } from '../scripts/report.mjs'

const DEFAULT_ROUNDS = 20

const words = process.argv.slice(2)
const mark = words.includes('--') ? words.indexOf('--') : words.length
const rounds = mark === 0 ? DEFAULT_ROUNDS : Number(words[0])
if (mark > 1 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    'usage: node bench/run.mjs [rounds, a whole number from 1 on] [-- options of Playwright]',
  )
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'baton-bench-'))
const report = join(folder, 'report.json')
const env = {
  ...process.env,
  CHROME_PATH: findChromium(),
  BENCH_ROUNDS: String(rounds),
  PLAYWRIGHT_JSON_OUTPUT_NAME: report,
}
const { status } = spawnSync(
  join('node_modules', '.bin', 'playwright'),
  ['test', '-c', 'bench', '--reporter=list,json', ...words.slice(mark + 1)],
  { stdio: 'inherit', env },
)
print(notesOf('row', JSON.parse(readFileSync(report, 'utf8')).suites))
rmSync(folder, { recursive: true, force: true })
process.exit(status ?? 1)

function print(rows) {
  console.log(
    `\n${rounds} rounds; Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}\n`,
  )
  console.log(
    tableOf(
      ['what', 'measured', 'ratio', 'bar', ''],
      rows.map(({ what, measured, ratio, bar, isReached }) => [
        what,
        measured,
        ratio,
        bar,
        isReached === false ? 'MISSED' : '',
      ]),
    ),
  )
}
