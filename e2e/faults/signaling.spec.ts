// A signaling service that is killed, is started again, or hangs.

import { expect } from 'playwright/test'
import { gapAfter, wait } from './fault.ts'
import { noteGap, RUNS_ALL, test } from './fixtures.ts'
import { crashed } from './killing.ts'
import type { Scene } from './scene.ts'

const HANGS_MS = 5_000

async function writeInThree(scene: Scene): Promise<void> {
  for (let i = 0; i < 3; i++) await scene.enter(await scene.shared.openTab())
  await scene.untilSettled()
  for (const tab of scene.tabs) await tab.startWriting()
  for (const tab of scene.tabs) await tab.untilAcked(20)
}

test('[SG3] a room does not notice that signaling is killed and started again, and lets newcomers in', async ({
  scene,
  shared,
}) => {
  await writeInThree(scene)
  const killedAtMs = Date.now()
  scene.begin('signaling-restart', 'signaling is killed', [], 'unreachable')
  await scene.server.stop('SIGKILL')
  for (const tab of scene.tabs)
    await tab.until(
      'it knows that signaling is gone',
      () => tab.state!.signaling === 'disconnected',
    )
  for (const tab of scene.tabs) await tab.untilAcked(20)
  await scene.restartSignaling()
  scene.heal('signaling-restart', 'signaling is killed')
  for (const tab of scene.tabs)
    await tab.until('it has signaling again', () => tab.state!.signaling === 'connected')
  for (const tab of scene.tabs) await tab.untilAcked(20)
  const gapMs = gapAfter(killedAtMs, scene.tabs)
  await scene.enter(await shared.openTab())
  await scene.judge()
  for (const { term } of scene.tabs) expect(term).toBe(1)
  noteGap('signaling is killed and started again', gapMs)
})

test('[SG3] a room does not notice that signaling hangs, and lets in who came meanwhile', async ({
  scene,
  shared,
}) => {
  test.skip(!RUNS_ALL, 'npm run faults has the time for it')
  await writeInThree(scene)
  const hungAtMs = Date.now()
  scene.begin('signaling-down', 'signaling hangs', [], 'unreachable')
  const page = await shared.openTab()
  await page.goto(scene.server.url)
  scene.server.signal('SIGSTOP')
  const entering = scene.enterHere(page)
  await wait(HANGS_MS)
  for (const tab of scene.tabs) await tab.untilAcked(20)
  scene.server.signal('SIGCONT')
  scene.heal('signaling-down', 'signaling hangs')
  await entering
  for (const tab of scene.tabs) await tab.untilAcked(0)
  const gapMs = gapAfter(hungAtMs, scene.tabs)
  await scene.judge()
  for (const { term } of scene.tabs) expect(term).toBe(1)
  noteGap(`signaling hangs for ${HANGS_MS / 1000} s`, gapMs)
})

test('[EL6] somebody leads when the host crashes while signaling is down, and goes on when it is back', async ({
  scene,
}) => {
  await writeInThree(scene)
  const { host } = scene
  const others = scene.tabs.filter((tab) => tab !== host)
  await host.stopWriting()
  scene.begin('signaling-restart', 'signaling is killed', [], 'unreachable')
  await scene.server.stop('SIGKILL')
  for (const tab of scene.tabs)
    await tab.until(
      'it knows that signaling is gone',
      () => tab.state!.signaling === 'disconnected',
    )
  const killedAtMs = Date.now()
  scene.begin('crash', 'the host crashes', [host])
  await crashed.strike(host, scene)
  scene.remove(host, 'crashed')
  for (const tab of others)
    await tab.until('somebody leads', () => tab.term > 1 && tab.state!.status === 'live')
  for (const tab of others) await tab.untilAcked(20)
  const gapMs = gapAfter(killedAtMs, others)
  await scene.restartSignaling()
  scene.heal('signaling-restart', 'signaling is killed')
  for (const tab of others)
    await tab.until('it has signaling again', () => tab.state!.signaling === 'connected')
  for (const tab of others) await tab.untilAcked(20)
  await scene.judge()
  noteGap('the host crashes while signaling is down', gapMs)
})
