// A page that hangs while others send: what is on its way to it stays bounded, and nobody else waits. [LK8 LK11]

import { expect, type Browser, type Page } from 'playwright/test'
import { hostOf, joinIn, Server, untilSettled, type TestPage } from './stage.ts'
import { test } from './test.ts'

type Watched = TestPage & { sentByChannel: Map<RTCDataChannel, number> }

const MESSAGES = 800
const MESSAGE_BYTES = 64 * 1024
const MIB = 2 ** 20

let server: Server

test.beforeAll(async () => {
  server = await Server.start()
})

test.afterAll(() => server.stop())

/** A tab of the room that counts what it hands to each of its channels. */
async function openWatched(browser: Browser, token: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.addInitScript(() => {
    const sentByChannel = new Map<RTCDataChannel, number>()
    Object.assign(window, { sentByChannel })
    const { send } = RTCDataChannel.prototype
    RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: Uint8Array<ArrayBuffer>) {
      sentByChannel.set(this, (sentByChannel.get(this) ?? 0) + data.byteLength)
      send.call(this, data)
    } as typeof send
  })
  await joinIn(page, server.url, token)
  return page
}

function statusOf(tab: Page): Promise<{ readonly role: string; readonly seq: number }> {
  return tab.evaluate(() => {
    const { role, seq } = (window as unknown as TestPage).room.status
    return { role, seq }
  })
}

/** Bytes that each channel of this page was handed so far, open or not. */
function bytesSent(page: Page): Promise<number[]> {
  return page.evaluate(() => [...(window as unknown as Watched).sentByChannel.values()])
}

/** Bytes of all buffers of this page that are still in use. */
async function bufferBytes(page: Page): Promise<number> {
  await page.evaluate(() => ((window as unknown as TestPage).given.length = 0)) // what the test's own page has kept
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number
    backingStorageSize?: number
  }
  await session.detach()
  expect(usage.backingStorageSize).toBeDefined()
  return usage.backingStorageSize! + usage.usedSize
}

test('[LK8 LK11] a page that hangs while 50 MB are sent gets 1 MiB, keeps nobody waiting, and catches up', async ({
  browser,
}) => {
  const tabs: Page[] = []
  const token = `flow-${Date.now()}-room`
  for (let i = 0; i < 4; i++) tabs.push(await openWatched(browser, token))
  await untilSettled(tabs)
  const host = await hostOf(tabs)
  const roles = await Promise.all(tabs.map(async (tab) => (await statusOf(tab)).role))
  const hung = tabs[roles.indexOf('peer')]!
  const sender = tabs[roles.indexOf('standby')]!
  const witness = tabs[roles.lastIndexOf('standby')]!

  // A request that is answered when the test says so, and for which the page's only thread waits.
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  await hung.route('**/hang', async (route) => {
    await released
    await route.fulfill({ body: '' })
  })
  const asked = hung.waitForRequest('**/hang')
  const hanging = hung.evaluate(() => {
    const request = new XMLHttpRequest()
    request.open('GET', '/hang', false)
    request.send()
  })
  await asked

  const before = { sent: await bytesSent(host), buffers: await bufferBytes(host) }
  await sender.evaluate(
    async ({ messages, bytes }) => {
      const { room } = window as unknown as Watched
      const value = new Uint8Array(bytes - 1)
      for (let sent = 0; sent < messages; sent += 40)
        await Promise.all(Array.from({ length: 40 }, () => room.relay('bulk', value)))
    },
    { messages: MESSAGES, bytes: MESSAGE_BYTES },
  )
  const after = { sent: await bytesSent(host), buffers: await bufferBytes(host) }

  // Everybody but the hung page has it all, while that page still hangs.
  const seq = (await statusOf(witness)).seq
  expect(seq).toBeGreaterThanOrEqual(MESSAGES)
  const sent = before.sent
    .map((bytes, channel) => after.sent[channel]! - bytes)
    .sort((a, b) => a - b)
  expect(sent.length).toBe(3)
  // The sender is told the places of its own messages alone. [MG4d]
  expect(sent[1]).toBeLessThan(2 * MIB)
  expect(sent[2]).toBeGreaterThan(45 * MIB)
  // The tail, what one that lags may lag, and as much again for what is in the making.
  expect(after.buffers - before.buffers).toBeLessThan(48 * MIB)

  release()
  await hanging
  await hung.waitForFunction((seq) => (window as unknown as TestPage).room.status.seq >= seq, seq)
  const { seq: next } = await sender.evaluate(() =>
    (window as unknown as TestPage).room.append('after', 'the bulk'),
  )
  await hung.waitForFunction(
    (next) => (window as unknown as TestPage).given.some(({ seq }) => seq === next),
    next,
  )
  for (const tab of tabs) await tab.context().close()
})
