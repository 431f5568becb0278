// How long nobody gets a receipt when the host goes: the longest wait over that moment in two other tabs, which write
// one message after the other without pause.

import { test, type Page } from 'playwright/test'
import { gapOver, hostOf, openTab, Server, startWriting, statusOf, stopWriting, untilAcked, untilSettled, witnessOf, type TestPage } from '../e2e/stage.ts'
import { freshToken } from './pages.ts'
import { percentile, row, ROUNDS } from './table.ts'

const HANG_MS = 4_000
const ACKS_BEFORE = 20
const ACKS_AFTER = 10

type Case = { readonly what: string; readonly rounds: number; readonly end: (host: Page) => Promise<unknown>; readonly p50Ms?: number; readonly p95Ms: number }

const CASES: readonly Case[] = [
  {
    what: "host's tab crashes",
    rounds: ROUNDS,
    // The renderer dies at once, and with it the answer to this very command.
    end: async (host) => void (await host.context().newCDPSession(host)).send('Page.crash').catch(() => {}),
    p50Ms: 100,
    p95Ms: 250,
  },
  { what: "host's tab is closed", rounds: ROUNDS, end: (host) => host.close(), p50Ms: 100, p95Ms: 250 },
  { what: 'host leaves', rounds: ROUNDS, end: (host) => host.evaluate(() => (window as unknown as TestPage).room.leave()), p95Ms: 100 },
  {
    what: `host hangs for ${HANG_MS / 1000} s`,
    rounds: Math.ceil(ROUNDS / 4),
    end: (host) => host.evaluate((ms) => {
      const endMs = Date.now() + ms
      while (Date.now() < endMs);
    }, HANG_MS),
    p95Ms: 3_000,
  },
]

let server: Server

test.beforeAll(async () => {
  server = await Server.start()
})

test.afterAll(() => server.stop())

for (const { what, rounds, end, p50Ms, p95Ms } of CASES) {
  test(what, async ({ browser }) => {
    const token = freshToken('gaps')
    const tabs: Page[] = []
    const gapsMs: number[] = []
    for (let round = 0; round < rounds; round++) {
      while (tabs.length < 3) tabs.push(await openTab(browser, server.url, token))
      await untilSettled(tabs)
      const host = await hostOf(tabs)
      const survivors = tabs.filter((tab) => tab !== host)
      gapsMs.push(await gapOf(host, survivors, end))
      await host.context().close()
      tabs.splice(tabs.indexOf(host), 1)
    }
    for (const tab of tabs) await tab.context().close()

    const [p50, p95] = [percentile(gapsMs, 0.5), percentile(gapsMs, 0.95)]
    const measured = `p50 ${p50} ms, p95 ${p95} ms, most ${Math.max(...gapsMs)} ms of ${rounds}`
    row({ what: `gap when the ${what}, p50`, measured, value: p50, unit: 'ms', ...(p50Ms === undefined ? {} : { atMost: p50Ms }) })
    row({ what: `gap when the ${what}, p95`, measured: '', value: p95, unit: 'ms', atMost: p95Ms })
  })
}

async function gapOf(host: Page, survivors: readonly Page[], end: (host: Page) => Promise<unknown>): Promise<number> {
  const { term } = await statusOf(host)
  for (const tab of survivors) await startWriting(tab)
  for (const tab of survivors) await untilAcked(tab, ACKS_BEFORE)
  const endedAtMs = Date.now()
  const ended = end(host)
  for (const tab of survivors) await tab.waitForFunction((before) => (window as unknown as TestPage).room.status.term > before, term)
  for (const tab of survivors) await untilAcked(tab, ACKS_AFTER)
  for (const tab of survivors) await stopWriting(tab)
  await ended
  return gapOver(endedAtMs, await Promise.all(survivors.map(witnessOf)))
}
