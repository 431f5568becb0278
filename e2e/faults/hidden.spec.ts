// Tabs that are hidden, and throttled as hard as the browser can.

import { expect } from 'playwright/test'
import type { RoomTab } from '../room-tab.ts'
import { gapAfter } from './fault.ts'
import { noteGap, RUNS_ALL, test } from './fixtures.ts'
import { rendererKilled } from './killing.ts'

/** Brings the browser's hardest regime for hidden pages, five minutes early. */
const GRACE_S = 2
const FLAGS = [`--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/${GRACE_S}`]
const WATCHED_MS = RUNS_ALL ? 20_000 : 6_000

async function hide(tab: RoomTab): Promise<void> {
  const { page } = tab
  const other = await page.browser.openBeside(page)
  await page.browser.send('Target.activateTarget', { targetId: other.target })
  await page.evaluate(async () => {
    while (!document.hidden)
      await new Promise((resolve) =>
        document.addEventListener('visibilitychange', resolve, { once: true }),
      )
  })
}

/** How often a timer of 100 ms fires in the page while it is watched. */
function ticksOf({ page }: RoomTab): Promise<number> {
  return page.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        const startMs = performance.now()
        let ticks = 0
        const tick = () => {
          if (performance.now() - startMs >= ms) resolve(ticks)
          else setTimeout(tick, 100, ticks++)
        }
        tick()
      }),
    WATCHED_MS,
  )
}

test('[EL2] a hidden host on a desktop stays host, and a hidden tab takes over from it when it is killed', async ({
  scene,
}) => {
  for (let i = 0; i < 3; i++) await scene.enter(await (await scene.ownBrowser(FLAGS)).openTab())
  await scene.untilSettled()
  const { host } = scene
  for (const tab of scene.tabs) await hide(tab)
  const others = scene.tabs.filter((tab) => tab !== host)
  for (const tab of others) await tab.startWriting()
  for (const tab of others) await tab.untilAcked(20)
  const hiddenAtMs = Date.now()
  const ticks = await ticksOf(host)
  expect(
    ticks,
    'the timers of a hidden page are throttled, or it is not hidden',
  ).toBeLessThanOrEqual(WATCHED_MS / 1000 + 2)
  for (const tab of others) await tab.untilAcked(20)
  for (const { term } of scene.tabs) expect(term).toBe(1)
  const quietGapMs = gapAfter(hiddenAtMs, others)

  const killedAtMs = Date.now()
  scene.begin('crash', 'the hidden host is killed', [host])
  await rendererKilled.strike(host, scene)
  scene.remove(host, 'crashed')
  for (const tab of others)
    await tab.until('a hidden tab leads', () => tab.term === 2 && tab.state!.status === 'live')
  for (const tab of others) await tab.untilAcked(20)
  const gapMs = gapAfter(killedAtMs, others)
  await scene.judge()
  noteGap('the host is hidden and throttled', quietGapMs)
  noteGap('a hidden host is killed among hidden tabs', gapMs)
})
