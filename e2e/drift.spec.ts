// DriftDB's own clients, unchanged, on the gateway, with real tabs that host the room, and a crash of the host. What
// they get wrong by themselves is listed in docs/from-driftdb.md, and stepped around here.

import { expect, type Browser, type Page } from 'playwright/test'
import { createToken } from '../protocol/token.ts'
import { BuiltPages } from './built-pages.ts'
import { crash, hostOf, openTab, Server, untilSettled, type TestPage } from './stage.ts'
import { test } from './test.ts'

let pages: BuiltPages
let server: Server
let tabs: Page[] = []

test.beforeAll(async () => {
  // They were written for React 18.
  pages = await BuiltPages.serve(['drift.html'], {
    aliases: [
      { find: /^react(?=\/|$)/, replacement: 'react-18' },
      { find: /^react-dom(?=\/|$)/, replacement: 'react-dom-18' },
    ],
  })
})

test.afterAll(() => pages.close())

test.beforeEach(async () => {
  server = await Server.start()
})

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  tabs = []
  await server.stop()
})

async function openHosts(browser: Browser, count: number): Promise<string> {
  const { room } = await server.newRoom()
  for (let i = 0; i < count; i++) tabs.push(await openTab(browser, server.url, room))
  await untilSettled(tabs)
  return room
}

type DriftTab = { readonly page: Page; readonly name: string; readonly sockets: string[] }

/** A page of DriftDB's clients, once it says that it is connected. */
async function openDrift(
  browser: Browser,
  room: string,
  name: string,
  { useBinary = false, hosts = false } = {},
): Promise<DriftTab> {
  const page = await (await browser.newContext()).newPage()
  tabs.push(page)
  page.on('pageerror', (error) => {
    throw error
  })
  const sockets: string[] = []
  page.on('websocket', (socket) => {
    if (socket.url().includes('/connect')) sockets.push(socket.url())
  })
  await page.goto(pages.urlOf('drift.html'))
  await page.waitForFunction(() => 'drift' in window)
  if (hosts)
    await page.evaluate((options) => window.drift.host(options), {
      token: room,
      signaling: `${server.url}signal`,
    })
  await page.evaluate((shown) => window.drift.show(shown), {
    api: server.url,
    room,
    useBinary,
    name,
  })
  await expect(page.getByText('Connected', { exact: true })).toBeVisible()
  return { page, name, sockets }
}

async function count(tab: DriftTab, times: number): Promise<void> {
  await tab.page.evaluate(async (times) => {
    for (let i = 0; i < times; i++) {
      window.drift.count(1)
      await new Promise((resolve) => setTimeout(resolve)) // as fast as a person's page may
    }
  }, times)
}

async function expectShown(
  drifts: readonly DriftTab[],
  testId: string,
  text: string,
): Promise<void> {
  for (const { page } of drifts) await expect(page.getByTestId(testId)).toHaveText(text)
}

const linesOf = ({ page }: DriftTab) => page.locator('li').allTextContents()

test('what driftdb-react shares goes on through a crash of the host, in JSON and in CBOR', async ({
  browser,
}) => {
  const room = await openHosts(browser, 3)
  const hosts = [...tabs]
  const [ada, bob] = [
    await openDrift(browser, room, 'Ada'),
    await openDrift(browser, room, 'Bob', { useBinary: true }),
  ]
  const both = [ada, bob]
  expect([ada.sockets, bob.sockets].map(([url]) => url?.includes('cbor=true'))).toEqual([
    false,
    true,
  ])
  await expectShown([ada], 'people', 'Bob')
  await expectShown([bob], 'people', 'Ada')

  await count(ada, 40) // more than their client retains before it compacts
  await expectShown(both, 'count', '40')
  await count(bob, 10)
  await expectShown(both, 'count', '50')
  await ada.page.evaluate(() => window.drift.setText('from Ada'))
  await expectShown(both, 'text', 'from Ada')
  for (const tab of both)
    await tab.page.evaluate((name) => window.drift.append(`${name} before`), tab.name)
  for (const { page } of both) await expect(page.locator('li')).toHaveCount(2)

  const retained = await hosts[0]!.evaluate(
    async () => (await (window as unknown as TestPage).room.replay('counter')).length,
  )
  expect(retained, 'their client has compacted').toBeLessThan(40)

  const counting = count(ada, 60)
  await crash(await hostOf(hosts))
  await counting
  await expectShown(both, 'count', '110')
  await bob.page.evaluate(() => window.drift.setText('from Bob'))
  await expectShown(both, 'text', 'from Bob')
  for (const tab of both)
    await tab.page.evaluate((name) => window.drift.append(`${name} after`), tab.name)
  for (const { page } of both) await expect(page.locator('li')).toHaveCount(4)
  expect(await linesOf(bob)).toEqual(await linesOf(ada))

  const cid = await openDrift(browser, room, 'Cid')
  await expectShown([cid], 'count', '110')
  await expectShown([cid], 'text', 'from Bob')
  await expectShown([cid], 'people', 'Ada Bob')
  await expect(cid.page.locator('li')).toHaveCount(4)
  expect(await linesOf(cid)).toEqual(await linesOf(ada))
  for (const { sockets } of both)
    expect(sockets, 'the crash was not seen: no socket was opened again').toHaveLength(1)
})

test('two counters at once come to the exact sum for a newcomer, through a crash of the host', async ({
  browser,
}) => {
  const room = await openHosts(browser, 3)
  const hosts = [...tabs]
  const both = [
    await openDrift(browser, room, 'Ada'),
    await openDrift(browser, room, 'Bob', { useBinary: true }),
  ]
  const counting = both.map((tab) => count(tab, 200))
  await crash(await hostOf(hosts))
  await Promise.all(counting)
  // What is pending goes in first: an answer keeps its place behind it.
  for (const tab of both)
    await tab.page.evaluate((name) => window.drift.append(`${name} is done`), tab.name)
  for (const { page } of both) await expect(page.locator('li')).toHaveCount(2)
  await expectShown([await openDrift(browser, room, 'Cid')], 'count', '400')
})

test('the plain client of npm driftdb: rooms, HTTP and latency', async ({ browser }) => {
  const room = await openHosts(browser, 2)
  const { page } = await openDrift(browser, room, 'Ada')
  const seen = await page.evaluate(
    async ({ api, room }) => {
      const { Api, DbConnection, HttpConnection } = window.drift.plain
      const found = await new Api(api).getRoom(room)
      const http = new HttpConnection(found.http_url)
      await http.send({ type: 'push', key: 'plain', value: 1, action: { type: 'append' } })
      const size = await http.send({
        type: 'push',
        key: 'plain',
        value: 2,
        action: { type: 'append' },
      })
      const init = await http.send({ type: 'get', key: 'plain', seq: 0 })
      const db = new DbConnection()
      await db.connect(found.socket_url)
      const latency = await db.testLatency()
      db.disconnect()
      return { room: found.room, size, init, latency, fresh: (await new Api(api).newRoom()).room }
    },
    { api: server.url, room },
  )
  expect(seen).toMatchObject({
    room,
    size: { type: 'stream_size', key: 'plain', size: 2 },
    init: { type: 'init', data: [{ value: 1 }, { value: 2 }] },
    latency: expect.any(Number),
  })
  expect(seen.fresh).not.toBe(room)
})

test('pages of their clients that join the room host it themselves, one after the other', async ({
  browser,
}) => {
  const room = createToken((length) => crypto.getRandomValues(new Uint8Array(length)))
  const [ada, bob] = [
    await openDrift(browser, room, 'Ada', { hosts: true }),
    await openDrift(browser, room, 'Bob', { hosts: true }),
  ]
  await count(ada, 5)
  await expectShown([ada, bob], 'count', '5')
  await ada.page.context().close()
  tabs = tabs.filter((tab) => tab !== ada.page)
  await count(bob, 5)
  await expectShown([bob], 'count', '10')
  await expectShown([await openDrift(browser, room, 'Cid')], 'count', '10')
})
