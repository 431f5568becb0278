// Rooms with pages that find no direct path: what a relayed link carries, what signaling sees of it, and what a
// signaling service that cheats can do to it.

import { expect, type Browser, type Page } from 'playwright/test'
import { fromBase64Url, toBase64Url } from '../protocol/base64url.ts'
import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { deriveRoom } from '../protocol/token.ts'
import { startServer } from '../signaling/server.ts'
import { DIRECT_AGAIN_MIN_MS } from '../transport/link-limits.ts'
import { CheatingProxy } from './cheating-proxy.ts'
import {
  hostOf,
  PAGES,
  Server,
  startWriting,
  stopWriting,
  untilAcked,
  untilSettled,
  witnessOf,
  type TestPage,
} from './stage.ts'
import { test } from './test.ts'

type RelayPage = TestPage & { codes: string[]; blocked: boolean; longTimers: (() => void)[] }

const TOKEN = 'a-token-for-rooms-that-are-relayed-1'

let server: Pick<Server, 'url' | 'port' | 'stop'>
let tabs: Page[] = []
let proxy: CheatingProxy | null = null

test.beforeEach(async () => {
  server = await Server.start()
})

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  tabs = []
  await proxy?.close()
  proxy = null
  await server.stop()
})

/** How WebRTC is broken in a page: it finds no address of its own, or the browser grants no connection at all. */
type Handicap = 'deaf' | 'refused' | null

async function openPage(browser: Browser, handicap: Handicap): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.addInitScript((how) => {
    const own = window as unknown as RelayPage
    const Real = RTCPeerConnection
    own.blocked = how !== null
    window.RTCPeerConnection = class extends Real {
      constructor(config?: RTCConfiguration) {
        if (own.blocked && how === 'refused') throw new Error('this page may not connect')
        super(own.blocked ? { ...config, iceTransportPolicy: 'relay' } : config)
      }
    }
  }, handicap)
  await page.addInitScript((longMs) => {
    const own = window as unknown as RelayPage
    own.longTimers = []
    // The room's timers are the page's own at first.
    const setLater = setTimeout
    window.setTimeout = ((call: () => void, ms = 0) => {
      const id = setLater(call, ms)
      if (ms >= longMs)
        own.longTimers.push(() => {
          clearTimeout(id)
          call()
        })
      return id
    }) as typeof setTimeout
    // Later ones run in a Worker, which is told of each by its id and its milliseconds.
    window.Worker = class extends Worker {
      override postMessage([id, ms]: readonly [number, number]): void {
        super.postMessage([id, ms])
        if (ms >= longMs) own.longTimers.push(() => super.postMessage([id, 0]))
      }
    } as typeof Worker
  }, DIRECT_AGAIN_MIN_MS)
  tabs.push(page)
  return page
}

/** What the page meant to do after a quarter of a minute or more, such as looking for a direct path, it does now. */
async function endLongTimers(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const end of (window as unknown as RelayPage).longTimers.splice(0)) end()
  })
}

/** Joins without waiting for anything. */
async function enter(page: Page, signaling?: string): Promise<void> {
  await page.goto(`${server.url}#room=${TOKEN}`)
  await page.waitForFunction(() => 'Baton' in window)
  await page.evaluate((url) => {
    const tab = window as unknown as RelayPage
    Object.assign(tab, {
      given: [],
      acks: [],
      resets: [],
      errors: [],
      codes: [],
      writing: null,
      stopWriting: false,
    })
    tab.room = tab.Baton.joinRoom(url === null ? {} : { signaling: url })
    tab.room.onMessage(({ seq, value }) => tab.given.push({ seq, value }))
    tab.room.on('reset', (reset) => tab.resets.push(reset))
    tab.room.on('error', ({ code, message }) => {
      tab.codes.push(code)
      tab.errors.push(message)
    })
  }, signaling ?? null)
}

async function join(
  browser: Browser,
  handicap: Handicap = null,
  signaling?: string,
): Promise<Page> {
  const page = await openPage(browser, handicap)
  await enter(page, signaling)
  await page.evaluate(() => (window as unknown as RelayPage).room.ready)
  return page
}

function pathOf(page: Page): Promise<string | null> {
  return page.evaluate(() => (window as unknown as RelayPage).room.status.path)
}

function termOf(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as RelayPage).room.status.term)
}

function codesOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (window as unknown as RelayPage).codes)
}

async function untilTold(code: string, pages: readonly Page[]): Promise<void> {
  await expect.poll(async () => (await Promise.all(pages.map(codesOf))).flat()).toContain(code)
}

/** Every page was given the same, and what has a receipt is there once. */
async function expectOneSequence(pages: readonly Page[], { mayReset = false } = {}): Promise<void> {
  const witnesses = await Promise.all(pages.map(witnessOf))
  const [first] = witnesses
  for (const { replayed, resets } of witnesses) {
    if (!mayReset) expect(resets).toBe(0)
    expect(replayed).toEqual(first!.replayed)
  }
  const places = new Map(first!.replayed.map(({ seq, value }) => [value, seq]))
  expect(places.size).toBe(first!.replayed.length)
  for (const { mid, seq } of witnesses.flatMap(({ acks }) => acks))
    expect(places.get(mid)).toBe(seq)
}

test('[SG5] a page without a direct path is in the room by the relay, and signaling sees nothing of it', async ({
  browser,
}) => {
  const near = [await join(browser), await join(browser)]
  await untilSettled(near)
  const far = await openPage(browser, 'deaf')
  const frames: string[] = []
  far.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.push(String(payload)))
    socket.on('framereceived', ({ payload }) => frames.push(String(payload)))
  })
  await enter(far)
  await far.evaluate(() => (window as unknown as RelayPage).room.ready)
  expect(await pathOf(far)).toBe('relayed')
  await untilSettled(tabs)
  // The standbys are linked to each other too: who leads next reaches the rest at once.
  for (const tab of tabs)
    await tab.waitForFunction(() =>
      (window as unknown as RelayPage).room.peers.every(({ path }) => path !== null),
    )
  expect(
    await near[0]!.evaluate(() =>
      (window as unknown as RelayPage).room.peers.map(({ path }) => path).sort(),
    ),
  ).toEqual(['direct', 'relayed'])

  for (const tab of tabs) await startWriting(tab)
  for (const tab of tabs) await untilAcked(tab, 20)
  const values = await far.evaluate(async () => {
    const { room } = window as unknown as RelayPage
    await room.append('a very particular key', 'a very particular value')
    const large = Array.from({ length: 60_000 }, (_, n) => n % 256)
    await room.append('large', large)
    return (await room.replay('large')).length
  })
  expect(values).toBe(1)

  await (await hostOf(near)).evaluate(() => (window as unknown as RelayPage).room.leave())
  for (const tab of tabs.slice(1)) await untilAcked(tab, 10)
  for (const tab of tabs.slice(1)) await stopWriting(tab)
  expect([far, near[1]]).toContain(await hostOf(tabs.slice(1)))
  await expectOneSequence(tabs.slice(1))

  expect(frames.filter((frame) => frame.startsWith('{"type":"relay"')).length).toBeGreaterThan(20)
  const transcript = frames.join('\n')
  const { key } = deriveRoom(TOKEN)
  const secrets = [
    TOKEN,
    'a very particular value',
    'a very particular key',
    'candidate:',
    'a=fingerprint',
    'v=0\r\n',
    Buffer.from(key).toString('latin1'),
  ]
  for (const secret of secrets) {
    const bytes = Buffer.from(secret, secret.length === key.length ? 'latin1' : 'utf8')
    for (const form of [
      secret,
      bytes.toString('hex'),
      bytes.toString('base64').replaceAll('=', ''),
      toBase64Url(bytes),
    ])
      expect(transcript.includes(form), `signaling saw ${form}`).toBe(false)
  }
})

test('[SG5] a direct path is found once there is one, and takes over without a loss', async ({
  browser,
}) => {
  const near = await join(browser)
  const far = await join(browser, 'refused')
  expect(await pathOf(far)).toBe('relayed')
  await untilSettled(tabs)
  for (const tab of tabs) await startWriting(tab)
  await far.evaluate(() => {
    Object.assign(window, { blocked: false })
  })
  for (const tab of tabs) await endLongTimers(tab)
  await far.waitForFunction(() => (window as unknown as RelayPage).room.status.path === 'direct')
  await near.waitForFunction(
    () => (window as unknown as RelayPage).room.peers[0]?.path === 'direct',
  )
  for (const tab of tabs) await untilAcked(tab, 50)
  for (const tab of tabs) await stopWriting(tab)
  await expectOneSequence(tabs)
})

test('[SG5] more than the service relays at once takes its time, and nobody takes the other for dead', async ({
  browser,
}) => {
  await server.stop()
  const slow = await startServer({ folder: PAGES, port: 0, relayBytesPerSecond: 192 * 1024 })
  server = { url: slow.url, port: slow.port, stop: () => slow.close() }
  const near = await openPage(browser, null)
  const pauses: number[] = []
  const refusals: string[] = []
  near.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const message = parseFromSignaling(String(payload))
      if (message?.type === 'pause') pauses.push(message.ms)
      if (message?.type === 'error') refusals.push(message.code)
    }),
  )
  await enter(near)
  const far = [await join(browser, 'refused'), await join(browser, 'refused')]
  await untilSettled(tabs)
  // All of it goes out twice from the host: 2 MB, at 140 KiB a second.
  await Promise.all(
    far.map((page) =>
      page.evaluate(async () => {
        const { room } = window as unknown as RelayPage
        await Promise.all(
          Array.from({ length: 10 }, (_, n) => room.append('bulk', `${n} ${'x'.repeat(50_000)}`)),
        )
      }),
    ),
  )
  for (const tab of tabs)
    await tab.waitForFunction(() => (window as unknown as RelayPage).given.length === 20)
  expect(await Promise.all(tabs.map(termOf))).toEqual([1, 1, 1])
  expect((await Promise.all(tabs.map(codesOf))).flat()).toEqual([])
  expect(refusals).toEqual([])
  // Whether the service has to ask for one hangs on the pace of the machine: see the tests of its own sockets.
  for (const pauseMs of pauses) expect(pauseMs).toBeLessThan(1_000)
})

test('[SG5] a restart of the service interrupts a relayed link, and loses nothing', async ({
  browser,
}) => {
  await join(browser)
  const far = await join(browser, 'refused')
  await untilSettled(tabs)
  await startWriting(far)
  await untilAcked(far, 10)
  const { port } = server
  await server.stop('SIGKILL')
  server = await Server.start({ port })
  await untilAcked(far, 10)
  await stopWriting(far)
  await untilSettled(tabs)
  // A service that takes long to come back is no reason to keep the host, and one of two hosts gives way.
  await expect
    .poll(async () => (await Promise.all(tabs.map(pathOf))).filter((path) => path !== null))
    .toEqual(['relayed'])
  const terms = await Promise.all(tabs.map(termOf))
  await expectOneSequence(tabs, { mayReset: terms.some((term) => term > 1) })
})

test('[SG5] a service that does not relay says so, and the page says what that means', async ({
  browser,
}) => {
  await server.stop()
  server = await Server.start({ flags: ['--no-relay'] })
  await join(browser)
  const far = await openPage(browser, 'refused')
  await enter(far)
  await untilTold('unreachable', [far])
  expect((await far.evaluate(() => (window as unknown as RelayPage).errors)).join()).toContain(
    'does not relay',
  )
})

test.describe('[SG5] a signaling service that cheats', () => {
  type Relayed = Extract<FromSignaling, { type: 'relay' }>

  function flipped(message: Relayed): Relayed {
    const bytes = fromBase64Url(message.box)!
    bytes[40] = bytes[40]! ^ 1
    return { ...message, box: toBase64Url(bytes) }
  }

  test('by a bit in each relayed packet lets nobody in, and is told of', async ({ browser }) => {
    proxy = await CheatingProxy.before(server.url, (message) => [
      message.type === 'relay' ? flipped(message) : message,
    ])
    const near = await join(browser, null, proxy.url)
    const far = await openPage(browser, 'refused')
    await enter(far, proxy.url)
    await untilTold('tampered', [near, far])
    await near.evaluate(() => (window as unknown as RelayPage).room.append('log', 'ours'))
    expect(await far.evaluate(() => (window as unknown as RelayPage).room.status.status)).not.toBe(
      'live',
    )
    expect(await far.evaluate(() => (window as unknown as RelayPage).given)).toEqual([])
    expect(await near.evaluate(() => (window as unknown as RelayPage).room.peers)).toEqual([])
  })

  test('by a bit in each envelope lets nobody in, and is told of', async ({ browser }) => {
    proxy = await CheatingProxy.before(server.url, (message) => {
      if (message.type !== 'signal') return [message]
      return [{ ...message, box: flipped({ ...message, type: 'relay', session: '' }).box }]
    })
    const near = await join(browser, null, proxy.url)
    const far = await openPage(browser, 'refused')
    await enter(far, proxy.url)
    await untilTold('unreachable', [far])
    await untilTold('tampered', [near])
    expect((await near.evaluate(() => (window as unknown as RelayPage).errors)).join()).toContain(
      'did not open',
    )
    expect(await near.evaluate(() => (window as unknown as RelayPage).room.peers)).toEqual([])
  })

  test('by playing recorded packets again gets none of them in, and is told of', async ({
    browser,
  }) => {
    const recorded: Relayed[] = []
    let isReplaying = false
    proxy = await CheatingProxy.before(server.url, (message) => {
      if (message.type !== 'relay') return [message]
      if (!isReplaying) recorded.push(message)
      return isReplaying ? [...recorded, message] : [message]
    })
    const near = await join(browser, null, proxy.url)
    const far = await join(browser, 'refused', proxy.url)
    await untilSettled(tabs)
    await startWriting(far)
    await untilAcked(far, 20)
    isReplaying = true
    await untilTold('tampered', [near, far])
    isReplaying = false
    await untilAcked(far, 20) // an honest service, and the room goes on over a new link
    await stopWriting(far)
    await expectOneSequence([near, far])
  })

  test('by swapping the packets of two pages gets none of them in, and is told of', async ({
    browser,
  }) => {
    let isSwapping = false
    const lastBoxBySender = new Map<string, string>()
    proxy = await CheatingProxy.before(server.url, (message) => {
      if (message.type !== 'relay') return [message]
      const other = [...lastBoxBySender].find(([sender]) => sender !== message.from)?.[1]
      lastBoxBySender.set(message.from, message.box)
      return [isSwapping && other !== undefined ? { ...message, box: other } : message]
    })
    await join(browser, null, proxy.url)
    const far = [
      await join(browser, 'refused', proxy.url),
      await join(browser, 'refused', proxy.url),
    ]
    await untilSettled(tabs)
    for (const tab of far) await startWriting(tab)
    for (const tab of far) await untilAcked(tab, 10)
    isSwapping = true
    await untilTold('tampered', tabs)
    isSwapping = false
    for (const tab of far) await untilAcked(tab, 10)
    for (const tab of far) await stopWriting(tab)
    await expectOneSequence(tabs)
  })
})
