// Runs everything that must hold, side by side where one need not wait for the other, and ends with one line of totals.
// `node scripts/test.mjs build e2e` runs those stages alone; what follows `--` goes to the stage's own runner.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from './chromium.mjs'
import { whyNoNetworks } from './network-tools.mjs'
import { Stages } from './stages.mjs'

const reports = mkdtempSync(join(tmpdir(), 'baton-'))
const bin = (name) => join('node_modules', '.bin', name)
const npmRun = (name) => ['npm', 'run', '--silent', name]

/** What fails soon keeps the rest waiting. A stage names all that it waits for: any may be left out of a run. */
const AT_ONCE = ['typecheck', 'lint', 'spec']
const BUILT = [...AT_ONCE, 'build', 'size', 'drop-in']
const SOON = [...BUILT, 'unit', 'hostile', 'package']

/** A stage without a report counts as one test. */
const STAGES = [
  { name: 'typecheck', command: npmRun('typecheck'), after: [] },
  { name: 'lint', command: npmRun('lint'), after: [] },
  { name: 'spec', command: npmRun('spec'), after: [] },
  { name: 'unit', ...vitest('unit.json'), after: AT_ONCE },
  { name: 'build', command: npmRun('build'), after: AT_ONCE },
  { name: 'size', command: [process.execPath, 'scripts/size.mjs'], after: [...AT_ONCE, 'build'] },
  {
    name: 'drop-in',
    command: [process.execPath, 'scripts/try-drop-in.mjs'],
    after: [...AT_ONCE, 'build'],
  },
  {
    name: 'hostile',
    ...vitest('hostile.json', '-c', 'hostile/vitest.config.ts'),
    after: BUILT,
  },
  {
    name: 'package',
    command: [process.execPath, 'scripts/package.mjs'],
    after: BUILT,
  },
  {
    name: 'e2e',
    command: [bin('playwright'), 'test', '-c', 'e2e', '--reporter=list,json'],
    env: () => ({
      CHROME_PATH: findChromium(),
      NO_NETWORKS: whyNoNetworks() ?? '',
      PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'e2e.json'),
    }),
    count: countPlaywright,
    after: SOON,
  },
  // Browsers mostly wait. The simulation takes what they leave.
  {
    name: 'sim',
    command: [process.execPath, 'scripts/sim.mjs', '--from', 'code', '--seeds', '1500'],
    after: SOON,
    isPatient: true,
  },
  {
    name: 'planted',
    command: [process.execPath, 'scripts/sim.mjs', '--planted', '--budget', '300'],
    after: [...SOON, 'sim'],
    isPatient: true,
  },
]

function vitest(report, ...options) {
  const toReport = ['--reporter=json', `--outputFile.json=${join(reports, report)}`]
  return {
    command: [bin('vitest'), 'run', ...options, '--reporter=default', ...toReport],
    count: () => countVitest(report),
  }
}

function countVitest(report) {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(join(reports, report), 'utf8'))
  return { passed: numPassedTests, failed: numFailedTests }
}

function countPlaywright() {
  const { stats } = JSON.parse(readFileSync(join(reports, 'e2e.json'), 'utf8'))
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected }
}

const [wanted, extra] = splitAt(process.argv.slice(2), '--')
const stages = STAGES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
let passed = 0
let failed = 0
const haveAllRun = await new Stages(
  stages.map((stage) => ({ ...stage, command: [...stage.command, ...extra] })),
).run(({ count }, status) => {
  const totals = counted(count, status)
  passed += totals.passed
  failed += totals.failed
})
rmSync(reports, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 && haveAllRun ? 0 : 1)

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
