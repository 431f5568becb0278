// Owns what each test of faults is given: a scene of its own, in a browser that they share. What the pages of a failed
// test saw is kept.

import { test as base } from 'playwright/test'
import { Chromium } from '../chromium.ts'
import { Scene } from './scene.ts'

export const test = base.extend<{ scene: Scene }, { shared: Chromium }>({
  shared: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads from the pattern what it wants
    async ({}, use) => {
      const shared = await Chromium.launch()
      await use(shared)
      await shared.kill()
    },
    { scope: 'worker' },
  ],
  scene: async ({ shared }, use, testInfo) => {
    const scene = await Scene.open(shared)
    await use(scene)
    if (testInfo.status !== testInfo.expectedStatus)
      console.log(`what the pages saw: ${scene.keep()}`)
    await scene.close()
  },
})

/** Notes a gap for the table that `npm run faults` prints. */
export function noteGap(what: string, ms: number): void {
  test.info().annotations.push({ type: 'gap', description: JSON.stringify({ what, ms }) })
  console.log(`gap when ${what}: ${ms} ms`)
}

/** What takes too long for every run of the tests is left to `npm run faults`. */
export const RUNS_ALL = process.env['FAULTS'] === 'all'
