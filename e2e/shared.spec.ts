// Shared objects and presence in real tabs, through crashes of the host.

import { expect, type Browser, type Page } from 'playwright/test'
import type { Presence, SharedReducer, SharedValue } from '../client/index.ts'
import { crash, hostOf, openTab, Server, untilSettled, type TestPage } from './stage.ts'
import { test } from './test.ts'

/** What a test page shares. */
type SharedPage = TestPage & {
  value: SharedValue<string>
  count: SharedReducer<number, number>
  here: Presence<string>
  /** The names that presence showed, after each change. */
  seen: string[][]
  /** Changes that settled. */
  done: number
  working: Promise<void>
}

let server: Server
let tabs: Page[] = []
let rooms = 0

test.beforeAll(async () => {
  server = await Server.start()
})

test.afterAll(() => server.stop())

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  tabs = []
})

async function openRoom(browser: Browser, count: number): Promise<string> {
  const token = `shared-test-room-${Date.now()}-${++rooms}`
  for (let i = 0; i < count; i++) await open(browser, token)
  await untilSettled(tabs)
  return token
}

async function open(browser: Browser, token: string): Promise<Page> {
  const tab = await openTab(browser, server.url, token)
  tabs.push(tab)
  await tab.evaluate(async (name) => {
    const page = window as unknown as SharedPage
    page.value = page.Baton.sharedValue(page.room, 'value', 'nothing')
    page.count = page.Baton.sharedReducer(
      page.room,
      'count',
      (sum: number, step: number) => sum + step,
      0,
    )
    await Promise.all([page.value.ready, page.count.ready])
    page.here = page.Baton.presence(page.room, name)
    page.seen = []
    page.here.subscribe((others) => page.seen.push([...others.values()].sort()))
  }, `tab ${tabs.length}`)
  return tab
}

async function crashHost(): Promise<Page> {
  const host = await hostOf(tabs)
  await crash(host)
  tabs = tabs.filter((tab) => tab !== host)
  await host.context().close()
  return host
}

/** Resolves when this many changes of the tab have settled. */
async function untilDone(tab: Page, count: number): Promise<void> {
  await tab.waitForFunction((count) => (window as unknown as SharedPage).done >= count, count)
}

function valueOf(tab: Page): Promise<string> {
  return tab.evaluate(() => (window as unknown as SharedPage).value.value)
}

test('[SH1] two pages that write one value 1,000 times each, through a crash of their host, end equal', async ({
  browser,
}) => {
  const token = await openRoom(browser, 3)
  const host = await hostOf(tabs)
  const writers = tabs.filter((tab) => tab !== host)
  for (const tab of writers) {
    await tab.evaluate(() => {
      const page = window as unknown as SharedPage
      page.done = 0
      page.working = (async () => {
        for (let n = 1; n <= 1_000; n++) {
          await page.value.set((current) => `${current.slice(-20)} ${page.room.id.slice(0, 3)}${n}`)
          page.done = n
        }
      })()
    })
  }
  await untilDone(writers[0]!, 100)
  await crashHost()
  for (const tab of writers) await tab.evaluate(() => (window as unknown as SharedPage).working)
  const newcomer = await open(browser, token)
  const [value, ...others] = await Promise.all([newcomer, ...writers].map(valueOf))
  expect(value).toMatch(/ \S{3}1000$/)
  expect(others).toEqual([value, value])
})

test('[SH1] a counter that three pages raise by 1,000 each, through two migrations, is 3,000 to a newcomer', async ({
  browser,
}) => {
  const token = await openRoom(browser, 6)
  // A page that is killed counts no further: those count that do not host by then.
  const roles = await Promise.all(
    tabs.map((tab) => tab.evaluate(() => (window as unknown as TestPage).room.status.role)),
  )
  const three = tabs.filter((_, i) => roles[i] === 'peer')
  expect(three).toHaveLength(3)
  for (const tab of three) {
    await tab.evaluate(() => {
      const page = window as unknown as SharedPage
      page.done = 0
      page.working = (async () => {
        for (let burst = 0; burst < 100; burst++) {
          const settled: Promise<void>[] = []
          for (let i = 0; i < 10; i++) settled.push(page.count.dispatch(1))
          await Promise.all(settled)
          page.done += 10
        }
      })()
    })
  }
  await untilDone(three[0]!, 100)
  await crashHost()
  await untilDone(three[1]!, 500)
  await crashHost()
  for (const tab of three) await tab.evaluate(() => (window as unknown as SharedPage).working)
  const newcomer = await open(browser, token)
  const sums = await Promise.all(
    [newcomer, ...three].map((tab) =>
      tab.evaluate(() => (window as unknown as SharedPage).count.value),
    ),
  )
  expect(sums).toEqual([3_000, 3_000, 3_000, 3_000])
  const retained = await newcomer.evaluate(
    async () => (await (window as unknown as SharedPage).room.replay('count')).length,
  )
  expect(retained).toBeLessThan(1_024)
})

test('the host is no way from itself, the others know how far it is, and all agree on its time', async ({
  browser,
}) => {
  await openRoom(browser, 2)
  const host = await hostOf(tabs)
  for (const tab of tabs) {
    await tab.waitForFunction(() => (window as unknown as TestPage).room.latency !== null)
    const { latency, aheadMs } = await tab.evaluate(() => {
      const { room } = window as unknown as TestPage
      return { latency: room.latency!, aheadMs: room.now() - Date.now() }
    })
    if (tab === host) expect(latency).toBe(0)
    else expect(latency).toBeGreaterThanOrEqual(0)
    // One machine has one clock; half a round trip is what nobody can tell.
    expect(Math.abs(aheadMs)).toBeLessThan(1_000 + latency)
  }
})

test('[SH12] the entry of a tab that is killed goes, and no other flickers while the room moves', async ({
  browser,
}) => {
  await openRoom(browser, 3)
  const names = new Map(tabs.map((tab, i) => [tab, `tab ${i + 1}`]))
  for (const tab of tabs)
    await tab.waitForFunction(() => (window as unknown as SharedPage).here.value.size === 2)
  for (const tab of tabs)
    await tab.evaluate(() => {
      Object.assign(window, { seen: [] })
    })
  const dead = names.get(await crashHost())!
  for (const tab of tabs) {
    await tab.waitForFunction(() => (window as unknown as SharedPage).here.value.size === 1)
    const other = [...names].find(([page, name]) => page !== tab && name !== dead)![1]
    // Nothing else changed: the other one was there all the time.
    expect(await tab.evaluate(() => (window as unknown as SharedPage).seen)).toEqual([[other]])
  }
})

test('[SH13] a tab keeps its id through a reload, and a copy of the tab gets its own', async ({
  browser,
}) => {
  const tab = await (await browser.newContext()).newPage()
  tabs.push(tab)
  await tab.goto(server.url)
  const idOf = async (page: Page) => {
    await page.waitForFunction(() => 'Baton' in window)
    return page.evaluate(() => (window as unknown as TestPage).Baton.uniqueClientId())
  }
  const id = await idOf(tab)
  await tab.reload()
  expect(await idOf(tab)).toBe(id)
  // A window that a page opens starts with a copy of its sessionStorage, as a duplicated tab does.
  await tab.evaluate(() => sessionStorage.setItem('lies', 'here'))
  const [copy] = await Promise.all([
    tab.waitForEvent('popup'),
    tab.evaluate(() => void window.open(location.href)),
  ])
  const copied = await idOf(copy)
  expect(await copy.evaluate(() => sessionStorage.getItem('lies'))).toBe('here')
  expect(copied).not.toBe(id)
  await copy.reload()
  expect(await idOf(copy)).toBe(copied)
  expect(await idOf(tab)).toBe(id)
})
