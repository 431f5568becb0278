// The React entry in a real React, in development: what mounts, moves, leaves, and is shared.

import { expect, type Browser, type Page } from 'playwright/test'
import { createToken } from '../protocol/token.ts'
import { BuiltPages } from './built-pages.ts'
import { Server } from './stage.ts'
import type { Shown } from './react-page.tsx'
import { test } from './test.ts'

let pages: BuiltPages
let server: Server
const newToken = () => createToken((length) => crypto.getRandomValues(new Uint8Array(length)))
const joinedBy = (token: string) => ({ token, signaling: `${server.url}signal` })

/** React in development: only there does StrictMode mount everything twice. */
test.beforeAll(async () => {
  server = await Server.start()
  pages = await BuiltPages.serve(['react.html'])
})

test.afterAll(async () => {
  await pages.close()
  await server.stop()
})

/** A tab with nothing shown yet, and what it opened towards signaling. */
async function openTab(browser: Browser): Promise<{ page: Page; joins: string[] }> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  const joins: string[] = []
  page.on('websocket', (socket) => {
    if (socket.url().endsWith('/signal')) joins.push(socket.url())
  })
  await page.goto(pages.urlOf('react.html'))
  await page.waitForFunction(() => 'show' in window)
  return { page, joins }
}

/** Shows these providers, or changes them. */
const show = (page: Page, ...rooms: Shown['rooms'][number][]) =>
  page.evaluate((shown) => window.show(shown), { rooms })
const showBelow = (page: Page, room: Shown['rooms'][number], below: Omit<Shown, 'rooms'>) =>
  page.evaluate((shown) => window.show(shown), { rooms: [room], ...below })
const told = (page: Page, what: string) => page.getByTestId(what)

test('in StrictMode a provider joins once, and shows how the room is', async ({ browser }) => {
  const token = newToken()
  const [first, second] = [await openTab(browser), await openTab(browser)]
  for (const { page } of [first, second]) {
    // In one go: React mounts nothing twice that has rendered again before its effects ran.
    await page.evaluate((shown) => window.showAtOnce(shown), { rooms: [joinedBy(token)] })
    await expect(page.getByRole('status')).toHaveText('Live')
  }
  for (const { page, joins } of [first, second]) {
    await expect(told(page, 'others')).toHaveText('1')
    await expect(told(page, 'latency')).toHaveText(/^\d+$/)
    await expect.poll(() => page.evaluate(() => window.mounts)).toBe(2)
    expect(joins).toHaveLength(1)
  }
  await expect(told(first.page, 'role')).toHaveText('host')
  await expect(told(second.page, 'role')).toHaveText('standby')
  await second.page.getByText('Wave').click()
  await expect(told(first.page, 'waves')).toHaveText('hello')
})

test('a provider that is unmounted leaves its room', async ({ browser }) => {
  const token = newToken()
  const [first, second] = [await openTab(browser), await openTab(browser)]
  for (const { page } of [first, second]) await show(page, joinedBy(token))
  await expect(told(first.page, 'others')).toHaveText('1')
  await second.page.evaluate(() => window.unmount())
  await expect(told(first.page, 'others')).toHaveText('0')
  await show(second.page, joinedBy(token))
  await expect(told(first.page, 'others')).toHaveText('1')
  expect(second.joins).toHaveLength(2)
})

test('rooms that providers left are gone from memory, whether they were unmounted or moved on', async ({
  browser,
}) => {
  const { page } = await openTab(browser)
  const session = await page.context().newCDPSession(page)
  const roomsLeft = async () => {
    await session.send('HeapProfiler.collectGarbage')
    return page.evaluate(() => window.rooms.filter((room) => room.deref() !== undefined).length)
  }
  for (let round = 0; round < 10; round++) {
    for (const token of [newToken(), newToken()]) {
      await showBelow(page, joinedBy(token), { counters: ['a'], objects: true })
      await expect(told(page, 'token')).toHaveText(token)
      await expect(page.locator('[data-ready=true]')).toHaveCount(1)
    }
    await page.evaluate(() => window.unmount())
  }
  expect(await page.evaluate(() => new Set(window.rooms).size)).toBeGreaterThanOrEqual(20)
  await expect.poll(roomsLeft).toBe(0)
})

test('another token moves the tree to another room; the same props again change nothing', async ({
  browser,
}) => {
  const [one, other] = [newToken(), newToken()]
  const [first, second] = [await openTab(browser), await openTab(browser)]
  for (const { page } of [first, second]) await show(page, joinedBy(one))
  await expect(told(first.page, 'others')).toHaveText('1')
  await show(second.page, { ...joinedBy(one), iceServers: [] })
  await expect.poll(() => second.joins.length).toBe(2) // other options, the same room
  await show(second.page, { iceServers: [], ...joinedBy(one) })
  await show(second.page, joinedBy(other))
  await expect(told(second.page, 'token')).toHaveText(other)
  await expect(told(second.page, 'role')).toHaveText('host')
  await expect(told(first.page, 'others')).toHaveText('0')
  expect(second.joins).toHaveLength(3)
  await show(first.page, joinedBy(other))
  await first.page.getByText('Wave').click()
  await expect(told(second.page, 'waves')).toHaveText('hello')
})

test('two providers on one page are two members', async ({ browser }) => {
  const token = newToken()
  const { page, joins } = await openTab(browser)
  await show(page, joinedBy(token), joinedBy(token))
  await expect(told(page, 'others')).toHaveText(['1', '1'])
  expect(joins).toHaveLength(2)
  await show(page, joinedBy(token))
  await expect(told(page, 'others')).toHaveText(['0'])
})

test('what a server rendered hydrates without a difference, then joins', async ({ browser }) => {
  const { page, joins } = await openTab(browser)
  await page.evaluate((options) => window.hydrate({ rooms: [options] }), joinedBy(newToken()))
  await expect(page.getByRole('status')).toHaveText('Live')
  expect(await page.evaluate(() => window.problems)).toEqual([])
  expect(joins).toHaveLength(1)
})

test("an app's own room is used as it is, and stays when the provider goes", async ({
  browser,
}) => {
  const token = newToken()
  const [first, second] = [await openTab(browser), await openTab(browser)]
  await show(first.page, joinedBy(token))
  await second.page.evaluate((options) => window.showOwn(options), joinedBy(token))
  await expect(told(first.page, 'others')).toHaveText('1')
  await second.page.evaluate(() => window.unmount())
  await first.page.getByText('Wave').click()
  await expect(told(first.page, 'waves')).toHaveText('hello') // a round of the room has passed since
  await expect(told(first.page, 'others')).toHaveText('1')
})

test('what is below a provider listens to its room before the room can tell anything', async ({
  browser,
}) => {
  const { page } = await openTab(browser)
  expect(
    await page.evaluate((options) => window.showAtOnce({ rooms: [options] }), joinedBy(newToken())),
  ).toBe(1)
})

test('what joining throws goes up the tree', async ({ browser }) => {
  const { page } = await openTab(browser)
  await show(page, { token: '' })
  await expect
    .poll(() => page.evaluate(() => window.problems.join()))
    .toContain('A room needs a token')
})

test('the QR code is drawn here, and nothing is fetched for it', async ({ browser }) => {
  const { page } = await openTab(browser)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await show(page, joinedBy(newToken()))
  const code = page.getByRole('img', { name: 'QR code with the link to this room' })
  await expect(code).toBeVisible()
  expect(await code.boundingBox()).toMatchObject({ width: 192, height: 192 })
  expect(asked.filter((url) => !url.startsWith('blob:'))).toEqual([])
})

test('components of one key share one state, in one tab and in others, and it outlives the host', async ({
  browser,
}) => {
  const room = joinedBy(newToken())
  const tabs = [await openTab(browser), await openTab(browser)]
  for (const { page } of tabs) {
    await showBelow(page, room, { counters: ['a', 'a', 'b'] })
    await expect(page.locator('[data-ready=true]')).toHaveCount(3)
  }
  const [first, second] = tabs.map(({ page }) => page) as [Page, Page]
  const counters = (page: Page) => told(page, 'counter')
  await counters(first).nth(0).click()
  await expect(counters(first)).toHaveText(['1', '1', '0'])
  await expect(counters(second)).toHaveText(['1', '1', '0'])
  await counters(second).nth(1).click()
  await counters(second).nth(2).click()
  for (const page of [first, second]) await expect(counters(page)).toHaveText(['2', '2', '1'])
  await expect(told(first, 'role')).toHaveText('host')
  await first.close()
  await counters(second).nth(0).click()
  const newcomer = await openTab(browser)
  await showBelow(newcomer.page, room, { counters: ['b', 'a'] })
  await expect(counters(newcomer.page)).toHaveText(['1', '3'])
})

test('another key or another token shows another state, and changes go where they are shown', async ({
  browser,
}) => {
  const [one, other] = [joinedBy(newToken()), joinedBy(newToken())]
  const [first, second] = [(await openTab(browser)).page, (await openTab(browser)).page]
  const counter = (page: Page) => told(page, 'counter')
  await showBelow(second, one, { counters: ['a'] })
  await showBelow(first, one, { counters: ['a'] })
  await counter(first).click()
  await expect(counter(second)).toHaveText('1')
  await showBelow(first, one, { counters: ['b'] })
  await expect(counter(first)).toHaveText('0')
  await counter(first).click()
  await expect(counter(first)).toHaveText('1')
  await showBelow(first, other, { counters: ['b'] })
  await expect(counter(first)).toHaveText('0')
  for (let i = 0; i < 5; i++) await counter(first).click() // the first of them before the new room is joined
  await expect(counter(first)).toHaveText('5')
  await showBelow(second, one, { counters: ['a', 'b'] })
  await expect(counter(second)).toHaveText(['1', '1'])
  await showBelow(first, one, { counters: ['a'] })
  await expect(counter(first)).toHaveText('1')
})

test('reducer, map, log and presence in StrictMode: two tabs end equal', async ({ browser }) => {
  const room = joinedBy(newToken())
  const [first, second] = [(await openTab(browser)).page, (await openTab(browser)).page]
  for (const page of [first, second]) {
    await showBelow(page, room, { objects: true })
    await expect(page.getByRole('status')).toHaveText('Live')
  }
  // StrictMode runs the effect that appends twice on each page; both calls came before there was a room.
  await expect(told(first, 'lines')).toHaveText('mounted mounted mounted mounted')
  const press = async (page: Page, name: string, times = 1) => {
    for (let i = 0; i < times; i++) await page.getByRole('button', { name, exact: true }).click()
  }
  await Promise.all([press(first, 'Dispatch', 10), press(second, 'Dispatch', 10)])
  await press(second, 'Set')
  for (const page of [first, second]) {
    await expect(told(page, 'sum')).toHaveText('20')
    await expect(told(page, 'names')).toHaveText('a1 b2')
  }
  await press(first, 'Delete')
  await expect(told(second, 'names')).toHaveText('b2')
  await press(second, 'Clear')
  await expect(told(first, 'names')).toHaveText('')
  await press(second, 'Append')
  await expect(told(first, 'lines')).toHaveText('mounted mounted mounted mounted clicked')
  await press(first, 'Move', 3)
  await expect(told(second, 'present')).toHaveText('3')
  await expect(told(first, 'present')).toHaveText('0')
  await first.evaluate(() => window.unmount())
  await expect(told(second, 'present')).toHaveText('')
  await press(second, 'Dispatch')
  await showBelow(first, room, { objects: true })
  await expect(told(first, 'sum')).toHaveText('21')
})

test("what is unmounted below an app's own room ends, and the room goes on", async ({
  browser,
}) => {
  const room = joinedBy(newToken())
  const [first, second] = [(await openTab(browser)).page, (await openTab(browser)).page]
  await first.evaluate((options) => window.showOwn(options), room)
  await showBelow(second, room, { objects: true })
  await expect(told(second, 'present')).toHaveText('0')
  await first.evaluate(() => window.unmount())
  await expect(told(second, 'present')).toHaveText('')
  await expect(told(second, 'others')).toHaveText('1')
})

test('[SG1d] without a token a provider follows the link of another room, and no other fragment', async ({
  browser,
}) => {
  const { page, joins } = await openTab(browser)
  const signaling = `${server.url}signal`
  await show(page, { signaling })
  await expect(page.getByRole('status')).toHaveText('Live')
  const first = (await told(page, 'token').textContent())!
  expect(new URL(page.url()).hash).toBe(`#room=${first}`)
  const second = newToken()
  const mounts = await page.evaluate(() => window.mounts)
  for (const [fragment, token] of [
    ['/board/4', first],
    [`/board/4?room=${second}`, second],
    ['rules', second],
    [`room=${first}`, first],
  ]) {
    await page.evaluate((fragment) => (location.hash = fragment!), fragment)
    await expect(told(page, 'token')).toHaveText(token!)
    await expect(page.getByRole('status')).toHaveText('Live')
  }
  expect(joins).toHaveLength(3)
  expect(await page.evaluate(() => window.mounts)).toBe(mounts)
  expect(await page.evaluate(() => window.problems)).toEqual([])
})

test('[SG1c] a provider joins a public room by its name', async ({ browser }) => {
  const tabs = [await openTab(browser), await openTab(browser)]
  for (const { page } of tabs) {
    await show(page, { room: 'lobby', signaling: `${server.url}signal` })
    await expect(page.getByRole('status')).toHaveText('Live')
  }
  for (const { page } of tabs) await expect(told(page, 'others')).toHaveText('1')
})

test('an option that there is not is what the provider throws', async ({ browser }) => {
  const { page } = await openTab(browser)
  await show(page, { tokn: 'x' } as never)
  await expect
    .poll(() => page.evaluate(() => window.problems.join()))
    .toContain('BatonError: joinRoom has no option "tokn"')
})

test('a tab keeps its client id when it is reloaded, and a tab opened from it has its own', async ({
  browser,
}) => {
  const { page } = await openTab(browser)
  await show(page, joinedBy(newToken()))
  await expect(told(page, 'client')).not.toHaveText('none')
  const id = await told(page, 'client').textContent()
  await page.reload()
  await page.waitForFunction(() => 'show' in window)
  await show(page, joinedBy(newToken()))
  await expect(told(page, 'client')).toHaveText(id!)
  const opened = page.waitForEvent('popup')
  await page.evaluate(() => void window.open(location.href)) // starts with a copy of this tab's session storage
  const copy = await opened
  await copy.waitForFunction(() => 'show' in window)
  await show(copy, joinedBy(newToken()))
  await expect(told(copy, 'client')).not.toHaveText('none')
  expect(await told(copy, 'client').textContent()).not.toBe(id)
})
