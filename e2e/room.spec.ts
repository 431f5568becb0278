// A room of the drop-in script in real tabs: one sequence, replays, links to share, large values, bad input.

import { expect, type Page } from 'playwright/test'
import {
  hostOf,
  openTab,
  Server,
  startWriting,
  stopWriting,
  untilAcked,
  untilSettled,
  witnessOf,
  type TestPage,
  type Witness,
} from './stage.ts'
import { test } from './test.ts'

let server: Server
let tabs: Page[] = []
let rooms = 0

test.beforeAll(async () => {
  server = await Server.start({ flags: ['--name', 'lan.test'] })
})

test.afterAll(() => server.stop())

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  tabs = []
})

/** As many tabs in a fresh room, all linked. */
async function openRoom(
  { browser }: { readonly browser: Parameters<typeof openTab>[0] },
  count: number,
): Promise<string> {
  const token = `browser-test-room-${Date.now()}-${++rooms}`
  for (let i = 0; i < count; i++) tabs.push(await openTab(browser, server.url, token))
  await untilSettled(tabs)
  return token
}

/** Every survivor was given the same; every receipt stands in it exactly once; a newcomer reads the same. */
function expectOneRoom(witnesses: readonly Witness[], newcomer: Witness): void {
  const [first] = witnesses as [Witness]
  for (const { given, replayed, resets, errors } of witnesses) {
    expect(resets).toBe(0)
    expect(errors).toEqual([])
    expect(given).toEqual(first.given.slice(first.given.length - given.length))
    expect(replayed).toEqual(first.replayed)
  }
  expect(newcomer.replayed).toEqual(first.replayed)
  const places = new Map(first.replayed.map(({ seq, value }) => [value, seq]))
  expect(places.size).toBe(first.replayed.length)
  for (const { mid, seq } of witnesses.flatMap(({ acks }) => acks))
    expect(places.get(mid)).toBe(seq)
}

test('[RE2] three tabs that write at once are given one sequence', async ({ browser }) => {
  const token = await openRoom({ browser }, 3)
  for (const tab of tabs) await startWriting(tab)
  for (const tab of tabs) await untilAcked(tab, 100)
  for (const tab of tabs) await stopWriting(tab)
  const newcomer = await openTab(browser, server.url, token)
  const witnesses = await Promise.all(tabs.map(witnessOf))
  tabs.push(newcomer)
  expectOneRoom(witnesses, await witnessOf(newcomer))
})

test('a loop that awaits each receipt leaves a page that hosts alone time for its timers', async ({
  browser,
}) => {
  await openRoom({ browser }, 1)
  const sent = await tabs[0]!.evaluate(async () => {
    const { room } = window as unknown as TestPage
    const page = { sends: 0, hadItsTurn: false }
    setTimeout(() => (page.hadItsTurn = true), 0)
    for (; !page.hadItsTurn && page.sends < 20_000; page.sends++)
      await room.append('log', page.sends)
    return page.sends
  })
  expect(sent).toBeLessThan(20_000)
})

test('[RE5] a subscription with replay is given what was and what comes, once each', async ({
  browser,
}) => {
  const token = await openRoom({ browser }, 2)
  await startWriting(tabs[0]!)
  await untilAcked(tabs[0]!, 30)
  const late = await openTab(browser, server.url, token)
  tabs.push(late)
  await late.evaluate(() => {
    const page = window as unknown as TestPage & { heard: number[] }
    page.heard = []
    page.room.subscribe('log', ({ seq }) => page.heard.push(seq), { replay: true })
  })
  await untilAcked(tabs[0]!, 30)
  await stopWriting(tabs[0]!)
  const written = await tabs[0]!.evaluate(() =>
    (window as unknown as TestPage).acks.map(({ seq }) => seq),
  )
  await late.waitForFunction(
    (count) => (window as unknown as { heard: number[] }).heard.length >= count,
    written.length,
  )
  expect(await late.evaluate(() => (window as unknown as { heard: number[] }).heard)).toEqual(
    written,
  )
})

test('a page without a token puts a fresh one into its fragment, and another page joins by that link', async ({
  browser,
}) => {
  const first = await (await browser.newContext()).newPage()
  tabs.push(first)
  await first.goto(server.url)
  await first.waitForFunction(() => 'Baton' in window)
  const { token, hash } = await first.evaluate(async () => {
    const page = window as unknown as TestPage
    page.room = page.Baton.joinRoom()
    await page.room.ready
    await page.room.append('log', 'hello')
    return { token: page.room.token, hash: location.hash }
  })
  expect(token).toMatch(/^[\w-]{22}$/)
  expect(hash).toBe(`#room=${token}`)
  const second = await openTab(browser, server.url, token)
  tabs.push(second)
  expect((await witnessOf(second)).replayed.map(({ value }) => value)).toEqual(['hello'])
})

test('a plain-http page on a network has all it needs', async ({ browser }) => {
  const url = server.url.replace('127.0.0.1', 'lan.test')
  for (let i = 0; i < 2; i++) tabs.push(await openTab(browser, url, 'plain-http-room-on-a-lan'))
  await untilSettled(tabs)
  expect(await tabs[0]!.evaluate(() => [isSecureContext, crypto.subtle === undefined])).toEqual([
    false,
    true,
  ])
  await tabs[0]!.evaluate(() =>
    (window as unknown as TestPage).room.append('log', 'over the network'),
  )
  expect((await witnessOf(tabs[1]!)).replayed.map(({ value }) => value)).toEqual([
    'over the network',
  ])
})

test('the classic drop-in script sets a global', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage()
  tabs.push(page)
  await page.goto(`${server.url}global.html`)
  expect(
    await page.evaluate(() => Object.keys((window as unknown as TestPage).Baton).sort()),
  ).toEqual([
    'BatonError',
    'createToken',
    'joinRoom',
    'linkTo',
    'onOtherRoom',
    'presence',
    'sharedLog',
    'sharedMap',
    'sharedReducer',
    'sharedValue',
    'uniqueClientId',
  ])
})

test('pages of rooms alone are in one room with the others', async ({ browser }) => {
  const values: unknown[] = []
  for (const script of ['/baton-room.js', '/baton.js', '/baton-room.js']) {
    const page = await (await browser.newContext()).newPage()
    tabs.push(page)
    await page.goto(server.url)
    values.push(
      await page.evaluate(async (script) => {
        const { joinRoom } = (await import(script)) as TestPage['Baton']
        const room = joinRoom({ token: 'one-room-of-several-scripts' })
        await room.append('log', script)
        return (await room.replay('log')).map(({ value }) => value)
      }, script),
    )
  }
  expect(values[2]).toEqual(['/baton-room.js', '/baton.js', '/baton-room.js'])
})

test('large values and bursts arrive whole and in order', async ({ browser }) => {
  await openRoom({ browser }, 2)
  const [a, b] = tabs as [Page, Page]
  const seqs = await a.evaluate(async () => {
    const { room } = window as unknown as TestPage
    const big = new Uint8Array(3 * 1024 * 1024).map((_, i) => i % 251)
    const receipts = await Promise.all([
      room.append('big', big),
      ...Array.from({ length: 5_000 }, (_, i) => room.append('log', i)),
    ])
    return receipts.map(({ seq }) => seq)
  })
  expect(seqs).toEqual(Array.from({ length: 5_001 }, (_, i) => i + 1))
  const seen = await b.evaluate(async () => {
    const { room, given } = window as unknown as TestPage
    const [message] = await room.replay('big')
    const bytes = message!.value as Uint8Array
    return {
      isWhole: bytes.length === 3 * 1024 * 1024 && bytes.every((byte, i) => byte === i % 251),
      numbers: given.slice(1).map(({ value }) => value),
    }
  })
  expect(seen.isWhole).toBe(true)
  expect(seen.numbers).toEqual(Array.from({ length: 5_000 }, (_, i) => i))
})

test('bad input gets a coded error and loses nothing', async ({ browser }) => {
  await openRoom({ browser }, 1)
  const codes = await tabs[0]!.evaluate(async () => {
    const { room } = window as unknown as TestPage
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const calls: (() => Promise<unknown>)[] = [
      () => room.append('k', undefined as never),
      () => room.append('k', Number.NaN),
      () => room.append('k', 10n as never),
      () => room.append('k', cyclic as never),
      () => room.append('k'.repeat(513), 1),
      () => room.append(7 as never, 1),
      () => room.append('\uD800', 1),
      () => room.append('k', 'x'.repeat(4 * 1024 * 1024)),
      () => room.compact('k', 0, 1),
      () => room.compact('k', 99, 1),
      () => room.replay('k', { after: -1 }),
    ]
    const answers: string[] = []
    for (const call of calls)
      answers.push(
        await call().then(
          () => 'accepted',
          (error: { code?: string }) => error.code ?? String(error),
        ),
      )
    const { seq } = await room.append('k', 'fine')
    return [...answers, seq]
  })
  expect(codes).toEqual([
    'bad-value',
    'bad-value',
    'bad-value',
    'bad-value',
    'key-too-long',
    'bad-argument',
    'bad-argument',
    'value-too-large',
    'compact-out-of-range',
    'compact-out-of-range',
    'bad-argument',
    1,
  ])
})

test('[EL6e] a page alone that is to pause gives no receipt while its socket is silent', async ({
  browser,
}) => {
  const silent = await Server.start()
  const tab = await openTab(browser, silent.url, `browser-test-pause-${Date.now()}`)
  tabs.push(tab)
  await tab.evaluate(async () => {
    const page = window as unknown as TestPage
    const { token } = page.room
    await page.room.leave()
    page.room = page.Baton.joinRoom({ token, partition: 'pause' })
    await page.room.append('log', 'before')
  })
  const statusIs = (status: string) =>
    tab.waitForFunction(
      (wanted) => (window as unknown as TestPage).room.status.status === wanted,
      status,
    )
  silent.signal('SIGSTOP')
  await statusIs('migrating')
  const acked = tab.evaluate(async () => {
    const { seq } = await (window as unknown as TestPage).room.append('log', 'after')
    return seq
  })
  let isAcked = false
  const noted = acked.then(() => (isAcked = true))
  expect(await tab.evaluate(() => (window as unknown as TestPage).room.status.pending)).toBe(1)
  expect(isAcked).toBe(false)
  silent.signal('SIGCONT')
  expect(await acked).toBe(2)
  await noted
  await statusIs('live')
  await silent.stop()
})

test('a page that has left says so, and nothing hangs', async ({ browser }) => {
  await openRoom({ browser }, 2)
  const host = await hostOf(tabs)
  const codes = await host.evaluate(async () => {
    const { room } = window as unknown as TestPage
    await room.leave()
    await room.leave()
    return [
      room.status.status,
      await room.append('k', 1).catch((error: { code: string }) => error.code),
      await room.replay('k').catch((error: { code: string }) => error.code),
    ]
  })
  expect(codes).toEqual(['closed', 'closed', 'closed'])
  const other = tabs.find((tab) => tab !== host)!
  await other.waitForFunction(
    () =>
      (window as unknown as TestPage).room.status.role === 'host' &&
      (window as unknown as TestPage).room.peers.length === 0,
  )
})
