// Everything that may happen to the tab that hosts, one fault at a time.

import { endure, openPage } from './fault.ts'
import { noteGap, RUNS_ALL, test } from './fixtures.ts'
import { FAULTS } from './list.ts'

for (const fault of FAULTS) {
  test(`[MG2 MG3 MG4] nothing is lost, doubled or reordered when the host's tab ${fault.what}`, async ({
    scene,
    shared,
  }) => {
    test.skip(fault.isLong === true && !RUNS_ALL, 'npm run faults has the time for it')
    await scene.enter(await openPage(fault, scene))
    for (let i = 0; i < 2; i++) await scene.enter(await shared.openTab())
    await scene.untilSettled()
    const gapMs = await endure(fault, scene)
    await scene.judge()
    noteGap(`the host's tab ${fault.what}`, gapMs)
  })
}
