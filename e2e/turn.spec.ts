// Rooms whose every frame goes over a real TURN server, with credentials that the signaling service minted, and
// what a page says where these come to nothing.

import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Browser, type Page } from 'playwright/test'
import type { PeerId } from '../protocol/ids.ts'
import { findCoturn, WHERE_FROM } from '../scripts/coturn.mjs'
import { mintTurn } from '../signaling/turn.ts'
import { Server, untilSettled, type TestPage } from './stage.ts'
import { test } from './test.ts'

type TurnPage = TestPage & { codes: string[]; pairs: RTCPeerConnection[] }

const SECRET = 'a-secret-of-the-test-alone'
const TOKEN = 'a-token-for-rooms-over-turn-1'

const coturn = findCoturn()
if (coturn === null) console.warn(WHERE_FROM)

let folder: string
let turn: ChildProcess
let port: number
let server: Server | null = null
let tabs: Page[] = []

test.skip(coturn === null, WHERE_FROM)
test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-turn-'))
  await writeFile(join(folder, 'secret'), SECRET)
  port = await freePort()
  // Its configuration in a file: a secret among the arguments is everybody's to read.
  await writeFile(
    join(folder, 'turn.conf'),
    [
      'listening-ip=127.0.0.1',
      'relay-ip=127.0.0.1',
      `listening-port=${port}`,
      'realm=baton.test',
      'use-auth-secret',
      `static-auth-secret=${SECRET}`,
      'allow-loopback-peers',
      'fingerprint',
      'no-cli',
      'no-tls',
      'no-dtls',
      'no-stdout-log',
      'log-file=/dev/null',
      `pidfile=${join(folder, 'turn.pid')}`,
      `userdb=${join(folder, 'turn.db')}`,
    ].join('\n'),
  )
  turn = spawn(coturn as string, ['-c', join(folder, 'turn.conf')], { stdio: 'ignore' })
  await untilListening()
})

test.afterAll(async () => {
  const exited = once(turn, 'exit')
  turn.kill()
  await exited
  await rm(folder, { recursive: true })
})

test.afterEach(async () => {
  for (const tab of tabs) await tab.context().close()
  tabs = []
  await server?.stop()
})

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  socket.close()
  await once(socket, 'close')
  return port
}

/** A STUN binding request, asked until it is answered: the server does not say when it listens. */
async function untilListening(): Promise<void> {
  const socket = createSocket('udp4')
  const request = Buffer.alloc(20)
  request.writeUInt16BE(1, 0)
  request.writeUInt32BE(0x2112a442, 4)
  const answered = once(socket, 'message')
  const asking = setInterval(() => socket.send(request, port, '127.0.0.1'), 50)
  await answered
  clearInterval(asking)
  socket.close()
}

/** A signaling service that mints for our TURN server, over `transport`, and relays nothing itself. */
async function startServer(transport: 'udp' | 'tcp', secretFile = 'secret'): Promise<Server> {
  const flags = [
    '--no-relay',
    '--turn',
    `turn:127.0.0.1:${port}?transport=${transport}`,
    '--turn-secret-file',
    join(folder, secretFile),
  ]
  return Server.start({ flags })
}

/** A page whose connections go over TURN or not at all. */
async function enter(browser: Browser, iceServers: readonly RTCIceServer[] = []): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  tabs.push(page)
  await page.addInitScript(() => {
    const Real = RTCPeerConnection
    const own = window as unknown as TurnPage
    own.pairs = []
    window.RTCPeerConnection = class extends Real {
      constructor(config?: RTCConfiguration) {
        super({ ...config, iceTransportPolicy: 'relay' })
        own.pairs.push(this)
      }
    }
  })
  await page.goto(`${server!.url}#room=${TOKEN}`)
  await page.waitForFunction(() => 'Baton' in window)
  await page.evaluate((given) => {
    const own = window as unknown as TurnPage
    Object.assign(own, { errors: [], codes: [] })
    own.room = own.Baton.joinRoom({ iceServers: given })
    own.room.on('error', ({ code, message }) => {
      own.codes.push(code)
      own.errors.push(message)
    })
  }, iceServers)
  return page
}

/** How the one connection of a page goes. */
function typesOf(page: Page): Promise<readonly (string | undefined)[]> {
  return page.evaluate(async () => {
    const report = await (window as unknown as TurnPage).pairs
      .find(({ connectionState }) => connectionState === 'connected')!
      .getStats()
    const local = [...report.values()].filter(
      ({ type, candidateType }) => type === 'local-candidate' && candidateType === 'relay',
    )
    return local.map(({ relayProtocol }) => relayProtocol as string)
  })
}

for (const transport of ['udp', 'tcp'] as const) {
  test(`[SG5] pages connect over TURN by ${transport}, with credentials that nobody gave them but signaling`, async ({
    browser,
  }) => {
    server = await startServer(transport)
    const [a, b] = [await enter(browser), await enter(browser)]
    for (const page of tabs) await page.evaluate(() => (window as unknown as TurnPage).room.ready)
    await untilSettled(tabs)
    await a.evaluate(() => (window as unknown as TurnPage).room.append('log', 'over TURN'))
    const seen = await b.evaluate(async () => {
      const { room, codes } = window as unknown as TurnPage
      return {
        values: (await room.replay('log')).map(({ value }) => value),
        paths: room.peers.map(({ path }) => path),
        codes,
      }
    })
    expect(seen).toEqual({ values: ['over TURN'], paths: ['direct'], codes: [] })
    expect(new Set(await typesOf(a))).toEqual(new Set([transport]))
  })
}

async function expectTold(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as unknown as TurnPage).codes.includes('turn-failed'))
  const { codes, errors } = await page.evaluate(() => ({
    codes: (window as unknown as TurnPage).codes,
    errors: (window as unknown as TurnPage).errors,
  }))
  expect(codes.filter((code) => code === 'turn-failed')).toHaveLength(1)
  expect(errors.join()).toContain('No TURN server gave this page an address')
}

test('[SG5] a credential that the TURN server refuses is noticed, and said', async ({
  browser,
}) => {
  await writeFile(join(folder, 'other-secret'), 'not-the-secret')
  server = await startServer('udp', 'other-secret')
  await (await enter(browser)).evaluate(() => (window as unknown as TurnPage).room.ready)
  await expectTold(await enter(browser))
})

test('[SG5] a credential that has expired is noticed, and said', async ({ browser }) => {
  server = await Server.start({ flags: ['--no-relay'] })
  const expired = mintTurn(
    { urls: [`turn:127.0.0.1:${port}`], secret: SECRET, ttlSeconds: 60 },
    'A'.repeat(22) as PeerId,
    Date.now() - 120_000,
  )
  const iceServers = [
    { urls: [...expired.urls], username: expired.username, credential: expired.credential },
  ]
  await (
    await enter(browser, iceServers)
  ).evaluate(() => (window as unknown as TurnPage).room.ready)
  await expectTold(await enter(browser, iceServers))
})
