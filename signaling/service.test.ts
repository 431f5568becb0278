import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SIGNAL_FRAME_BYTES_MAX } from '../protocol/signals.ts'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { DEFAULT_LIMITS, MESSAGES_BURST } from './directory/service-limits.ts'
import { refusal } from './directory/refusals.ts'
import { NO_TERM, type Claim, type Term } from '../protocol/ids.ts'
import { TOPIC } from './directory/directory-scene.ts'
import { startServer, type RunningServer } from './server.ts'
import { frame, named, PageSocket, peerId, Wire } from './socket-scene.ts'

const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9

let server: RunningServer
const log: string[] = []

beforeEach(async () => {
  log.length = 0
  server = await startServer({
    port: 0,
    restartGraceMs: 0,
    challengeMs: 20,
    log: (level, line) => log.push(`${level} ${line}`),
  })
})

afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

const claimOf = (term: number, name: string): Claim => ({ term: term as Term, host: peerId(name) })

/** Whatever was done to it: the service still introduces pages to each other. */
async function expectHealthy(): Promise<void> {
  const page = await PageSocket.join(server.url, 'witness')
  page.send({ type: 'signal', to: peerId('nobody'), attempt: 'x', box: 'y' })
  expect(await page.next()).toEqual(refusal('no-peer'))
  page.socket.close()
}

describe('pages that meet', () => {
  test('[SG3] one claims the room, the other hears of it, and envelopes pass', async () => {
    const a = await PageSocket.join(server.url, 'a')
    a.send({ type: 'claim', term: claimOf(1, 'a').term, reason: 'vacant' })
    expect(await a.next()).toEqual({ type: 'host', claim: claimOf(1, 'a') })
    const b = await PageSocket.open(server.url)
    b.send({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      ...named('b'),
      claim: null,
      held: NO_TERM,
    })
    expect(await b.next()).toEqual({
      type: 'joined',
      members: [{ peer: peerId('a'), term: 1 }],
      claim: claimOf(1, 'a'),
      hostHere: true,
      relay: true,
    })
    expect(await a.next()).toEqual({ type: 'peer-joined', peer: peerId('b') })
    b.send({ type: 'signal', to: peerId('a'), attempt: '1', box: 'sealed' })
    expect(await a.next()).toEqual({
      type: 'signal',
      from: peerId('b'),
      attempt: '1',
      box: 'sealed',
    })
  })

  test('[SG4] the other hears at once of a socket that is cut', async () => {
    const a = await PageSocket.join(server.url, 'a')
    const b = await PageSocket.join(server.url, 'b')
    await a.next()
    b.socket.terminate()
    expect(await a.next()).toEqual({ type: 'peer-left', peer: peerId('b'), why: 'closed' })
  })

  test('[EL4] a claim against a connected host is answered when its time has come', async () => {
    const a = await PageSocket.join(server.url, 'a')
    a.send({ type: 'claim', term: claimOf(1, 'a').term, reason: 'vacant' })
    const b = await PageSocket.join(server.url, 'b')
    b.send({ type: 'claim', term: claimOf(2, 'b').term, reason: 'silent' })
    expect(await b.next()).toMatchObject({ type: 'denied', why: 'host-alive' })
  })

  test('[SG6] at INFO the log holds no topic, peer or address', async () => {
    const a = await PageSocket.join(server.url, 'a')
    a.socket.close()
    await a.closed
    const info = log.filter((line) => !line.startsWith('DEBUG'))
    expect(info).toContain('INFO 1 peers in 1 rooms')
    for (const secret of [TOPIC, peerId('a'), '127.0.0.1'])
      expect(log.join('\n')).not.toContain(secret)
  })
})

describe('bad input', () => {
  const notJson = [
    '{',
    '',
    'NaN',
    'undefined',
    '{"type":"bye",}',
    '\ufeff{"type":"bye"}',
    '{"type":"bye"} // so long',
  ]
  test.each(notJson)('[SG6] %j is answered with bad-json', async (text) => {
    const page = await PageSocket.open(server.url)
    page.socket.send(text)
    expect(await page.next()).toEqual(refusal('bad-json'))
    await expectHealthy()
  })

  test.each([
    'null',
    '5',
    '"x"',
    '[1]',
    '{}',
    '{"type":"no such"}',
    '{"type":"bye","more":1}',
    '{"type":"__proto__"}',
    '{"type":"bye","__proto__":{"admin":1}}',
    '{"type":"suspect","term":1e999,"suspected":true}',
    `{"type":"join","version":1,"topic":"..","peer":"${peerId('a')}","claim":null}`,
    '['.repeat(30_000) + ']'.repeat(30_000),
  ])('[SG6] %.40j is answered with bad-shape', async (text) => {
    const page = await PageSocket.open(server.url)
    page.socket.send(text)
    expect(await page.next()).toEqual(refusal('bad-shape'))
    expect(({} as { admin?: number }).admin).toBeUndefined()
    await expectHealthy()
  })

  test('[SG6] a binary frame is answered with bad-frame', async () => {
    const page = await PageSocket.open(server.url)
    page.socket.send(Buffer.from('{"type":"heartbeat"}'))
    expect(await page.next()).toEqual(refusal('bad-frame'))
  })

  test('[SG6] five bad frames close the connection, and its room hears of it', async () => {
    const a = await PageSocket.join(server.url, 'a')
    const b = await PageSocket.join(server.url, 'b')
    await a.next()
    for (let i = 0; i < 5; i++) b.socket.send('{')
    expect(await b.closed).toBe(1008)
    expect(await a.next()).toEqual({ type: 'peer-left', peer: peerId('b'), why: 'closed' })
  })

  test('[SG6] a connection that never joins is closed', async () => {
    const impatient = await startServer({ port: 0, joinTimeoutMs: 20 })
    const page = await PageSocket.open(impatient.url)
    expect(await page.next()).toEqual(refusal('idle'))
    expect(await page.closed).toBe(1008)
    await impatient.close()
  })

  test('[SG6] who sends too much is told once, and stays when it stops', async () => {
    const page = await PageSocket.join(server.url, 'a')
    for (let i = 0; i < MESSAGES_BURST + 100; i++) page.send({ type: 'alive', term: 1 as Term })
    expect(await page.next()).toEqual(refusal('slow-down'))
    await expectHealthy()
    expect(page.socket.readyState).toBe(page.socket.OPEN)
  })

  const invalidUtf8 = Buffer.from([0xc3, 0x28])
  const nothing = Buffer.alloc(0)
  test.each([
    ['a frame that declares 1 GiB', 1009, [frame(TEXT, nothing, { declaredBytes: 2 ** 30 })]],
    [
      'a message one byte too long',
      1009,
      [frame(TEXT, Buffer.alloc(SIGNAL_FRAME_BYTES_MAX + 1, 'x'))],
    ],
    [
      'a message too long in pieces',
      1009,
      [
        frame(TEXT, Buffer.alloc(40_000, 'x'), { final: false }),
        frame(0, Buffer.alloc(40_000, 'x')),
      ],
    ],
    [
      'a message in too many pieces',
      1008,
      [
        frame(TEXT, nothing, { final: false }),
        ...Array.from({ length: 64 }, () => frame(0, nothing, { final: false })),
      ],
    ],
    ['text that is no UTF-8', 1007, [frame(TEXT, invalidUtf8)]],
    ['an unmasked frame', 1002, [frame(TEXT, nothing, { masked: false })]],
    ['a compressed frame that nobody agreed on', 1002, [frame(TEXT, nothing, { reserved: 0x40 })]],
    ['an unknown kind of frame', 1002, [frame(3, nothing)]],
    ['a continuation of nothing', 1002, [frame(0, nothing)]],
    ['a ping too long', 1002, [frame(PING, Buffer.alloc(126))]],
    [
      'a close with a code that does not exist',
      1002,
      [frame(CLOSE, Buffer.from([999 >> 8, 999 & 255]))],
    ],
    [
      'a binary frame that declares 1 GiB',
      1009,
      [frame(BINARY, nothing, { declaredBytes: 2 ** 30 })],
    ],
  ])('[SG6] %s is closed with %i', async (_name, code, frames) => {
    const wire = await Wire.upgraded(server.url)
    expect(await wire.closeCode(...frames)).toBe(code)
    await expectHealthy()
  })

  test('[SG6] what comes after a close is not heard', async () => {
    const wire = await Wire.upgraded(server.url)
    const goodbye = frame(CLOSE, Buffer.from([1000 >> 8, 1000 & 255]))
    expect(await wire.closeCode(goodbye, frame(TEXT, Buffer.from('{')))).toBe(1000)
    await expectHealthy()
  })
})

describe('connections that hang', () => {
  test('[SG6] one that answers no ping is cut', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const wire = await Wire.upgraded(server.url)
    const page = await PageSocket.join(server.url, 'a')
    vi.advanceTimersByTime(DEFAULT_LIMITS.pingIntervalMs)
    await once(page.socket, 'ping')
    page.send({ type: 'signal', to: peerId('nobody'), attempt: 'x', box: 'y' }) // travels behind the pong
    await page.next()
    vi.advanceTimersByTime(DEFAULT_LIMITS.pingIntervalMs)
    await once(wire.socket, 'close')
    expect(page.socket.readyState).toBe(page.socket.OPEN)
  })

  test('[SG6] one that does not read is cut, and its room hears of it', async () => {
    const wire = await Wire.upgraded(server.url)
    const join = {
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      ...named('stuck'),
      claim: null,
      held: NO_TERM,
    }
    wire.socket.write(frame(TEXT, Buffer.from(JSON.stringify(join))))
    await once(wire.socket, 'data')
    wire.socket.pause()
    const witness = await PageSocket.join(server.url, 'witness')
    const cut = witness.until(({ type }) => type === 'peer-left')
    const envelope = {
      type: 'signal',
      to: peerId('stuck'),
      attempt: 'x',
      box: 'x'.repeat(32 * 1024),
    } as const
    // Each page sends what it may in one go; the system's own buffers swallow the first few megabytes.
    for (let i = 0; ; i++) {
      const page = await PageSocket.join(server.url, `page${i}`)
      for (let j = 0; j < 30; j++) page.send(envelope)
      page.send({ ...envelope, to: peerId('nobody') })
      const news = await Promise.race([cut, page.until(({ type }) => type === 'error')])
      if (news.type === 'peer-left') break
    }
    expect(await cut).toEqual({ type: 'peer-left', peer: peerId('stuck'), why: 'closed' })
    wire.socket.destroy()
  }, 20_000) // some megabytes, on a machine that may be busy
})

describe('stopping', () => {
  test('[SG6] every page is told, and the port is free in time, whoever hangs', async () => {
    const page = await PageSocket.join(server.url, 'a')
    const silent = new Wire(server.url)
    const halfSaid = new Wire(server.url)
    await Promise.all([once(silent.socket, 'connect'), once(halfSaid.socket, 'connect')])
    halfSaid.socket.write('GET / HTTP/1.1\r\nHost:')
    const closing = server.close()
    expect(await page.next()).toEqual(refusal('shutting-down'))
    expect(await page.closed).toBe(1001)
    await closing
    const again = await startServer({ port: server.port })
    await again.close()
  })

  test('[SG6] closing again does nothing', async () => {
    expect(server.close()).toBe(server.close())
    await server.close()
  })
})
