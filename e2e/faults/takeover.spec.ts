// A new host that is killed while it takes over, and many hosts in a row.

import { expect } from 'playwright/test'
import { gapAfter, endure } from './fault.ts'
import { noteGap, RUNS_ALL, test } from './fixtures.ts'
import { closed, left } from './going.ts'
import { crashed } from './killing.ts'

/** Longer than a new host waits for a peer that does not answer. */
const HANGS_MS = 3_000
const MIGRATIONS = RUNS_ALL ? 10 : 4

test('[MG2] when the new host is killed while it takes over, the next one does the same', async ({
  scene,
  shared,
}) => {
  for (let i = 0; i < 5; i++) await scene.enter(await shared.openTab())
  await scene.untilSettled()
  const { host } = scene
  const standbys = scene.tabs.filter((tab) => tab.state!.role === 'standby')
  const [hung, ...writers] = scene.tabs.filter((tab) => tab.state!.role === 'peer')
  const others = [...standbys, ...writers]
  for (const tab of others) await tab.startWriting()
  for (const tab of others) await tab.untilAcked(20)

  // A takeover is over in some milliseconds, unless it waits for one who does not answer.
  scene.begin('hang', 'another peer hangs', [hung!])
  const hanging = hung!.page.evaluate((ms) => {
    const endMs = Date.now() + ms
    while (Date.now() < endMs);
  }, HANGS_MS)
  const killedAtMs = Date.now()
  scene.begin('crash', 'the host crashes', [host])
  await crashed.strike(host, scene)
  scene.remove(host, 'crashed')
  const successor = await Promise.race(
    standbys.map(async (tab) => {
      await tab.until('it takes over', () => tab.state!.hostId === tab.id)
      return tab
    }),
  )
  scene.begin('crash', 'its successor crashes while it takes over', [successor])
  await crashed.strike(successor, scene)
  scene.remove(successor, 'crashed')
  expect(
    successor.history.filter(({ type }) => type === 'hosting'),
    'the successor leads already: it was killed too late',
  ).toEqual([])

  const survivors = others.filter((tab) => tab !== successor)
  for (const tab of survivors)
    await tab.until('somebody leads', () => tab.term > 2 && tab.state!.status === 'live')
  for (const tab of survivors) await tab.untilAcked(20)
  await hanging
  scene.heal('hang', 'another peer hangs')
  await hung!.until('it follows', () => hung!.term > 2 && hung!.state!.status === 'live')
  const gapMs = gapAfter(killedAtMs, survivors)
  await scene.judge()
  noteGap('the host and then its successor crash', gapMs)
})

test(`[MG2 MG3 MG4] nothing is lost, doubled or reordered over ${MIGRATIONS} hosts in a row`, async ({
  scene,
  shared,
}) => {
  const gapsMs: number[] = []
  for (let i = 0; i < MIGRATIONS; i++) {
    while (scene.tabs.length < 3) await scene.enter(await shared.openTab())
    await scene.untilSettled()
    gapsMs.push(await endure([crashed, closed, left][i % 3]!, scene))
  }
  await scene.judge()
  expect(Math.max(...scene.tabs.map(({ term }) => term))).toBe(MIGRATIONS + 1)
  noteGap(`${MIGRATIONS} hosts go one after the other, the longest`, Math.max(...gapsMs))
})
