// Rooms that were left or given up, in one real tab: nothing of the page holds them any more.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'playwright/test'
import { WebSocketServer } from 'ws'
import type { Room } from '../client/index.ts'
import { Chromium, type BrowserTab } from './chromium.ts'
import { Server, type TestPage } from './stage.ts'

const ROUNDS = 20

/** What a test page keeps of its rooms. The refs hold nothing. */
type LeavingPage = TestPage & {
  readonly refs: WeakRef<object>[]
  /** Joins, and puts every kind of object upon the room. */
  joinWithObjects(token: string, signaling?: string): { room: Room; isReady: Promise<unknown> }
  rooms: Room[]
}

let server: Server
let browser: Chromium
let tab: BrowserTab
let rooms = 0

test.beforeAll(async () => {
  server = await Server.start()
  browser = await Chromium.launch()
})
test.afterAll(async () => {
  await browser.kill()
  await server.stop()
})
test.beforeEach(async () => {
  tab = await openTab()
})
test.afterEach(() => tab.close())

const newToken = () => `leaving-test-room-${Date.now()}-${++rooms}`

async function openTab(): Promise<BrowserTab> {
  const opened = await browser.openTab()
  await opened.goto(server.url)
  await opened.evaluate(() => {
    const page = window as unknown as LeavingPage
    const refs: WeakRef<object>[] = []
    Object.assign(page, {
      refs,
      joinWithObjects(token: string, signaling = '/signal') {
        const { joinRoom, presence, sharedLog, sharedMap, sharedReducer, sharedValue } = page.Baton
        const room = joinRoom({ token, signaling })
        const objects = [
          sharedValue(room, 'value', 0),
          sharedMap(room, 'map'),
          sharedLog(room, 'log'),
          sharedReducer(room, 'sum', (sum: number, step: number) => sum + step, 0),
          presence(room, 'me'),
        ]
        for (const object of objects) object.subscribe(() => {})
        for (const held of [room, ...objects]) refs.push(new WeakRef(held))
        return { room, isReady: Promise.all([room.ready, ...objects.map(({ ready }) => ready)]) }
      },
    })
  })
  return opened
}

/** After a collection: what scripts hold in all, with what lies outside of their heap. */
async function usedMiB(): Promise<number> {
  await tab.send('HeapProfiler.collectGarbage')
  const used = await tab.send<{ usedSize: number; backingStorageSize: number }>(
    'Runtime.getHeapUsage',
  )
  return (used.usedSize + used.backingStorageSize) / 2 ** 20
}

/** How many of the rooms and objects are left after a collection, of how many. */
async function leftOf(): Promise<{ readonly left: number; readonly of: number }> {
  await tab.send('HeapProfiler.collectGarbage')
  return tab.evaluate(() => {
    const { refs } = window as unknown as LeavingPage
    return { left: refs.filter((ref) => ref.deref() !== undefined).length, of: refs.length }
  })
}

const NOTHING_LEFT = { left: 0, of: ROUNDS * 6 }

test('rooms of 8 MiB that were left are gone from memory, with all that was shared in them', async () => {
  const beforeMiB = await usedMiB()
  await tab.evaluate(
    async ({ rounds, token }) => {
      const page = window as unknown as LeavingPage
      for (let round = 0; round < rounds; round++) {
        const { room, isReady } = page.joinWithObjects(`${token}-${round}`)
        await isReady
        for (let i = 0; i < 4; i++) await room.append('large', new Uint8Array(2 * 1024 * 1024))
        await room.leave()
      }
    },
    { rounds: ROUNDS, token: newToken() },
  )
  await expect.poll(leftOf).toEqual(NOTHING_LEFT)
  expect((await usedMiB()) - beforeMiB).toBeLessThan(5)
})

test('a room that others go on in is gone from the tab that left it', async () => {
  const token = newToken()
  const other = await openTab()
  const join = async (token: string) => {
    const page = window as unknown as LeavingPage
    page.room = page.joinWithObjects(token).room
    await page.room.ready
  }
  await other.evaluate(join, token)
  await tab.evaluate(
    async ({ rounds, token }) => {
      const page = window as unknown as LeavingPage
      for (let round = 0; round < rounds; round++) {
        const { room, isReady } = page.joinWithObjects(token)
        await isReady
        await room.leave()
      }
    },
    { rounds: ROUNDS, token },
  )
  await expect.poll(leftOf).toEqual(NOTHING_LEFT)
  const peers = await other.evaluate(() => (window as unknown as LeavingPage).room.peers.length)
  expect(peers).toBe(0)
  await other.close()
})

/** A signaling service that says one thing to whoever joins, or nothing. */
async function signalingThatSays(text: string | null): Promise<WebSocketServer> {
  const service = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  service.on('connection', (socket) =>
    socket.on('message', () => {
      if (text !== null) socket.send(text)
    }),
  )
  await once(service, 'listening')
  return service
}
const urlOf = (service: WebSocketServer) =>
  `ws://127.0.0.1:${(service.address() as AddressInfo).port}`

test('rooms that were given up are gone from memory', async () => {
  const refusal = { type: 'error', code: 'version', message: 'This service is newer.' }
  const service = await signalingThatSays(JSON.stringify(refusal))
  await tab.evaluate(
    async ({ rounds, token, url }) => {
      const page = window as unknown as LeavingPage
      for (let round = 0; round < rounds; round++)
        await page.joinWithObjects(`${token}-${round}`, url).room.ready.catch(() => {})
    },
    { rounds: ROUNDS, token: newToken(), url: urlOf(service) },
  )
  await expect.poll(leftOf).toEqual(NOTHING_LEFT)
  service.close()
})

test('rooms that were left before they were joined are gone from memory', async () => {
  const service = await signalingThatSays(null)
  await tab.evaluate(
    async ({ rounds, token, urls }) => {
      const page = window as unknown as LeavingPage
      for (let round = 0; round < rounds; round++)
        await page.joinWithObjects(`${token}-${round}`, urls[round % urls.length]).room.leave()
    },
    // One says nothing, of the other there is no answer at all.
    { rounds: ROUNDS, token: newToken(), urls: [urlOf(service), 'ws://127.0.0.1:1'] },
  )
  await expect.poll(leftOf).toEqual(NOTHING_LEFT)
  service.close()
})

test('a page from the back/forward cache has the rooms that it had not left, and no others', async () => {
  await tab.evaluate(async (token) => {
    const page = window as unknown as LeavingPage
    page.rooms = ['stays', 'leaves as the page goes', 'left'].map(
      (name) => page.joinWithObjects(`${token} ${name}`).room,
    )
    await Promise.all(page.rooms.map(({ ready }) => ready))
    await page.rooms[2]!.leave()
    window.addEventListener('pagehide', () => void page.rooms[1]!.leave())
    window.addEventListener('pageshow', ({ persisted }) =>
      Object.assign(window, { wasCached: persisted }),
    )
  }, newToken())
  await tab.goto(server.url.replace('127.0.0.1', 'localhost'))
  await goBack()
  const statuses = await tab.evaluate(async () => {
    const page = window as unknown as LeavingPage & { wasCached?: boolean }
    const staying = page.rooms[0]!
    if (staying.status.status !== 'live')
      await new Promise((resolve) => staying.on('host', resolve))
    return [page.wasCached, ...page.rooms.map(({ status }) => status.status)]
  })
  expect(statuses).toEqual([true, 'live', 'closed', 'closed'])
  await tab.evaluate(async () => {
    const page = window as unknown as LeavingPage
    await page.rooms[0]!.leave()
    page.rooms = []
  })
  await expect.poll(leftOf).toMatchObject({ left: 0 })
})

async function goBack(): Promise<void> {
  const { currentIndex, entries } = await tab.send<{
    currentIndex: number
    entries: readonly { id: number }[]
  }>('Page.getNavigationHistory')
  const entryId = entries[currentIndex - 1]!.id
  await tab.send('Page.navigateToHistoryEntry', { entryId })
  await expect.poll(() => tab.evaluate(() => 'rooms' in window).catch(() => false)).toBe(true)
}

test('200 joins and leaves in one tab leave no more than 10 MiB', async () => {
  const beforeMiB = await usedMiB()
  await tab.evaluate(async (token) => {
    const page = window as unknown as LeavingPage
    for (let round = 0; round < 200; round++) {
      const { room, isReady } = page.joinWithObjects(token)
      await isReady
      await room.append('large', new Uint8Array(1024 * 1024))
      await room.leave()
    }
  }, newToken())
  expect((await usedMiB()) - beforeMiB).toBeLessThan(10)
})
