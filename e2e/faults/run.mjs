// Runs every fault in real browsers as many times as asked and prints a table of the gaps. The first broken promise
// ends it. `node e2e/faults/run.mjs --times 10`; what follows `--` goes to Playwright (`-- -g frozen`).

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argumentsOf } from '../../scripts/arguments.mjs'
import { notesOf, percentile, tableOf } from '../../scripts/report.mjs'
import { findChromium } from '../../scripts/chromium.mjs'
import { whyNoNetworks } from '../../scripts/network-tools.mjs'

const { values, positionals } = argumentsOf(import.meta.url, {
  options: { times: { type: 'string', default: '1' } },
  allowPositionals: true,
})
const times = Number(values.times)
if (!Number.isInteger(times) || times < 1) {
  console.error(
    'usage: npm run faults -- [--times, a whole number from 1 on] [-- options of Playwright]',
  )
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'baton-faults-'))
const report = join(folder, 'report.json')
const env = {
  ...process.env,
  CHROME_PATH: findChromium(),
  FAULTS: 'all',
  NO_NETWORKS: whyNoNetworks() ?? '',
  PLAYWRIGHT_JSON_OUTPUT_NAME: report,
}
const { status } = spawnSync(
  join('node_modules', '.bin', 'playwright'),
  [
    'test',
    '-c',
    'e2e',
    'e2e/faults/',
    '--workers=1',
    '--max-failures=1',
    `--repeat-each=${times}`,
    '--reporter=list,json',
    ...positionals,
  ],
  { stdio: 'inherit', env },
)
const { suites, stats } = JSON.parse(readFileSync(report, 'utf8'))
const gapsByWhat = new Map()
for (const { what, ms } of notesOf('gap', suites))
  gapsByWhat.set(what, [...(gapsByWhat.get(what) ?? []), ms])
const rows = [...gapsByWhat].map(([what, gaps]) => [
  what,
  String(gaps.length),
  ...[percentile(gaps, 0.5), percentile(gaps, 0.95), Math.max(...gaps)].map((ms) => `${ms} ms`),
])
if (rows.length > 0) {
  const table = tableOf(['what happens', 'times', 'p50', 'p95', 'worst'], rows)
  console.log(`\nGaps in the receipts of those who were not hit, when\n\n${table}`)
}
console.log(`\n${stats.expected} passed, ${stats.unexpected} failed, ${stats.skipped} left out`)
rmSync(folder, { recursive: true, force: true })
process.exit(status ?? 1)
