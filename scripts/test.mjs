// Runs everything that must hold, in the order in which it fails fastest, and ends with one line of totals.
// `node scripts/test.mjs build e2e` runs those stages alone; what follows `--` goes
// to the stage's own runner.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from './chromium.mjs'
import { whyNoNetworks } from './network-tools.mjs'

const reports = mkdtempSync(join(tmpdir(), 'baton-'))
const bin = (name) => join('node_modules', '.bin', name)

/** A stage without a report counts as one test. */
const STAGES = [
  { name: 'typecheck', command: ['npm', 'run', '--silent', 'typecheck'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'spec', command: ['npm', 'run', '--silent', 'spec'] },
  {
    name: 'unit',
    command: [
      bin('vitest'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(reports, 'unit.json')}`,
    ],
    count: () => countVitest('unit.json'),
  },
  {
    name: 'sim',
    command: [process.execPath, 'scripts/sim.mjs', '--from', 'code', '--seeds', '5000'],
  },
  {
    name: 'planted',
    command: [process.execPath, 'scripts/sim.mjs', '--planted', '--budget', '60'],
  },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  { name: 'size', command: [process.execPath, 'scripts/size.mjs'] },
  {
    name: 'hostile',
    command: [
      bin('vitest'),
      'run',
      '-c',
      'hostile/vitest.config.ts',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${join(reports, 'hostile.json')}`,
    ],
    count: () => countVitest('hostile.json'),
  },
  { name: 'package', command: [process.execPath, 'scripts/package.mjs'] },
  {
    name: 'e2e',
    command: [bin('playwright'), 'test', '-c', 'e2e', '--reporter=list,json'],
    env: () => ({
      CHROME_PATH: findChromium(),
      NO_NETWORKS: whyNoNetworks() ?? '',
      PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'e2e.json'),
    }),
    count: countPlaywright,
  },
]

function countVitest(report) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(join(reports, report), 'utf8'))
  return { passed: numPassedTests, failed: numFailedTests }
}

function countPlaywright() {
  const { stats } = JSON.parse(readFileSync(join(reports, 'e2e.json'), 'utf8'))
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected }
}

const [wanted = [], extra = []] = splitAt(process.argv.slice(2), '--')
let passed = 0
let failed = 0
for (const { name, command, env = () => ({}), count } of STAGES) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n--- ${name} ---`)
  const { status } = spawnSync(command[0], [...command.slice(1), ...extra], {
    stdio: 'inherit',
    env: { ...process.env, ...env() },
  })
  const totals = counted(count, status)
  passed += totals.passed
  failed += totals.failed
  // What comes later stands on what came before: a build that fails makes every browser test fail, too.
  if (status !== 0) break
}
rmSync(reports, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function counted(count, status) {
  let totals = { passed: status === 0 ? 1 : 0, failed: 0 }
  try {
    if (count !== undefined) totals = count()
  } catch {
    // the runner died before it wrote its report; its status says so
  }
  return status !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals
}

function splitAt(words, mark) {
  const at = words.indexOf(mark)
  return at === -1 ? [words, []] : [words.slice(0, at), words.slice(at + 1)]
}
