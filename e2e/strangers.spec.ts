// A stranger has no token: what signaling shows to a stranger, and what a stranger can do to a room.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { expect, type Page } from 'playwright/test'
import { WebSocket } from 'ws'
import { toBase64Url } from '../protocol/base64url.ts'
import { NO_TERM, type Term } from '../protocol/ids.ts'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { drawPeerName } from '../protocol/peer-secret.ts'
import { NONCE_BYTES, seal } from '../protocol/seal.ts'
import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { deriveRoom } from '../protocol/token.ts'
import { openTab, Server, untilSettled, witnessOf, type TestPage } from './stage.ts'
import { test } from './test.ts'

const TOKEN = 'the-members-own-secret-token-1'

let server: Server
let tabs: Page[] = []

test.beforeEach(async ({ browser }) => {
  server = await Server.start()
  tabs = [await openTab(browser, server.url, TOKEN), await openTab(browser, server.url, TOKEN)]
  await untilSettled(tabs)
})

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  await server.stop()
})

/** One who speaks to signaling as a page would, and has no token. */
class Stranger {
  readonly name = drawPeerName(randomBytes)
  readonly id = this.name.peer
  readonly heard: FromSignaling[] = []
  readonly #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      const message = parseFromSignaling(String(data))
      if (message !== null) this.heard.push(message)
    })
  }

  static async at(url: string): Promise<Stranger> {
    const socket = new WebSocket(url.replace('http', 'ws') + 'signal')
    await once(socket, 'open')
    return new Stranger(socket)
  }

  say(message: ToSignaling): void {
    this.#socket.send(JSON.stringify(message))
  }

  async until<Type extends FromSignaling['type']>(
    type: Type,
  ): Promise<Extract<FromSignaling, { type: Type }>> {
    for (;;) {
      const found = this.heard.find(
        (message): message is Extract<FromSignaling, { type: Type }> => message.type === type,
      )
      if (found !== undefined) return found
      await once(this.#socket, 'message')
    }
  }

  close(): void {
    this.#socket.close()
  }
}

test('[SG1] a page with another token is in another room', async ({ browser }) => {
  const other = await openTab(browser, server.url, `${TOKEN}x`)
  tabs.push(other)
  await tabs[0]!.evaluate(() => (window as unknown as TestPage).room.append('log', 'for members'))
  const seen = await other.evaluate(() => {
    const { room } = window as unknown as TestPage
    return { role: room.status.role, peers: room.peers.length }
  })
  expect(seen).toEqual({ role: 'host', peers: 0 })
  expect((await witnessOf(other)).replayed).toEqual([])
  expect(await tabs[0]!.evaluate(() => (window as unknown as TestPage).room.peers.length)).toBe(1)
})

test('[SG2] who knows the topic but not the token gets no link and no message', async () => {
  const stranger = await Stranger.at(server.url)
  const { topic } = deriveRoom(TOKEN)
  stranger.say({
    type: 'join',
    version: PROTOCOL_VERSION,
    topic,
    ...stranger.name,
    claim: null,
    held: NO_TERM,
  })
  const { members, claim } = await stranger.until('joined')
  expect(members).toHaveLength(2)
  const wrongKey = randomBytes(32)
  for (const { peer } of members) {
    const attempt = toBase64Url(randomBytes(12))
    const offer = JSON.stringify({ count: 1, signal: { type: 'offer', sdp: 'v=0\r\n' } })
    stranger.say({
      type: 'signal',
      to: peer,
      attempt,
      box: seal(
        wrongKey,
        { topic, from: stranger.id, to: peer, attempt },
        offer,
        randomBytes(NONCE_BYTES),
      ),
    })
  }
  // It may not take the room either: the host is there and answers for itself.
  stranger.say({ type: 'claim', term: (claim!.term + 1) as Term, reason: 'closed' })
  expect((await stranger.until('denied')).why).not.toBe('outdated')

  // The room goes on, and by the time these receipts are there the offers have long been looked at.
  for (const tab of tabs)
    await tab.evaluate(() => (window as unknown as TestPage).room.append('log', 'still ours'))
  for (const tab of tabs) {
    expect(await tab.evaluate(() => (window as unknown as TestPage).room.peers.length)).toBe(1)
    expect(await tab.evaluate(() => (window as unknown as TestPage).room.status.term)).toBe(1)
  }
  expect(stranger.heard.filter(({ type }) => type === 'signal')).toEqual([])
  expect(JSON.stringify(stranger.heard)).not.toContain('still ours')
  stranger.close()
})

test('[SG1 SG2] what passes through signaling shows neither token nor addresses nor values', async ({
  browser,
}) => {
  const page = await (await browser.newContext()).newPage()
  tabs.push(page)
  const frames: string[] = []
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.push(String(payload)))
    socket.on('framereceived', ({ payload }) => frames.push(String(payload)))
  })
  await page.goto(`${server.url}#room=${TOKEN}`)
  await page.waitForFunction(() => 'Baton' in window)
  await page.evaluate(async () => {
    const own = window as unknown as TestPage
    own.room = own.Baton.joinRoom()
    await own.room.append('log', 'a very particular value')
  })
  const transcript = frames.join('\n')
  expect(frames.some((frame) => frame.includes('"signal"'))).toBe(true)
  for (const secret of [
    TOKEN,
    'a very particular value',
    'candidate:',
    'a=fingerprint',
    'v=0\r\n',
  ]) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64').replaceAll('=', ''),
      toBase64Url(Buffer.from(secret)),
    ]) {
      expect(transcript).not.toContain(form)
    }
  }
})
