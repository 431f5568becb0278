// A process of its own that keeps one Vitest warm: it runs the test files it is told of, one after the other, until
// a test fails, and says which. Whoever started it ends it when a mutant runs in a circle.

import { relative } from 'node:path'
import { createVitest } from 'vitest/node'

const root = process.cwd()
let failed = null

/** The first failing test ends its file. */
const reporter = {
  onTestCaseResult(test) {
    if (test.result().state !== 'failed' || failed !== null) return
    failed = `${relative(root, test.module.moduleId)}: ${test.fullName}`
    vitest.cancelCurrentRun('test-failure')
  },
}

const vitest = await createVitest('test', {
  root,
  watch: false,
  cache: false,
  // A mutant must be loaded anew.
  isolate: true,
  pool: 'threads',
  maxWorkers: 1,
  reporters: [reporter],
})
// Registers what a run needs, and runs nothing.
await vitest.standalone()
process.send('ready')
process.on('disconnect', () => process.exit())

process.on('message', async ({ changed, tests }) => {
  for (const file of changed) vitest.invalidateFile(`${root}/${file}`)
  failed = null
  const durationsMs = {}
  for (const test of tests) {
    const startMs = Date.now()
    await run(test)
    durationsMs[test] = Date.now() - startMs
    if (failed !== null) break
  }
  process.send({ failed, durationsMs })
})

async function run(test) {
  const path = `${root}/${test}`
  const specification = vitest.getRootProject().createSpecification(path)
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification])
  const own = testModules.find(({ moduleId }) => moduleId === path) // the others ran before
  // A file that does not even load has no test that fails.
  if (own?.ok() !== true || unhandledErrors.length > 0) failed ??= `${test}: does not run`
}
