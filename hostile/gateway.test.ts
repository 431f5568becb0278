// What is said to the gateway: requests, frames, messages, floods. Rows 81 to 93 of docs/bad-input.md. A peer of this
// process hosts the room that is used through it.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { encode } from 'cborg'
import { afterEach, beforeEach, expect } from 'vitest'
import { DriftClient } from '../signaling/gateway/drift-scene.ts'
import { MESSAGE_BYTES_MAX } from '../signaling/gateway/gateway-limits.ts'
import { NodeHost } from '../signaling/gateway/node-host.ts'
import { frame, PageSocket, peerId, upgradeRequest, Wire } from '../signaling/socket-scene.ts'
import { row } from './row.ts'
import { attackedService, Victim } from './victim.ts'

const attacked = attackedService({ gateway: true })
let rooms = 0
let token: string
let host: NodeHost

beforeEach(async () => {
  rooms += 1
  token = `a-room-of-the-gateway-${rooms}`
  host = await NodeHost.join(attacked.victim.url, token)
})

/** The room goes on, over HTTP and over a socket. */
afterEach(async () => {
  expect(
    await answerTo(`/room/${token}/send`, {
      body: '{"type":"ping","nonce":1}',
      type: 'application/json',
    }),
  ).toEqual([200, { type: 'pong', nonce: 1 }])
  const client = await connect()
  client.send({ type: 'push', key: 'still here', value: 1, action: { type: 'append' } })
  await client.mark()
  expect(client.drain()).toMatchObject([{ type: 'push', key: 'still here' }])
  client.socket.terminate()
  host.room.close()
})

const connect = (encoding: 'json' | 'cbor' = 'json') =>
  DriftClient.connect(`${attacked.victim.url.replace('http', 'ws')}room/${token}/connect`, encoding)
const connectPath = () => `/room/${token}/connect`

type Request = {
  readonly method?: string
  readonly body?: string | Uint8Array
  readonly type?: string
  readonly headers?: string
  readonly host?: string
}

/** The status and the JSON with which one request over a raw socket is answered. */
async function answerTo(
  path: string,
  { method, body, type = '', headers = '', host = 'localhost' }: Request = {},
): Promise<[number, unknown]> {
  const bytes = Buffer.from(body ?? '')
  const isChunked = headers.includes('Transfer-Encoding')
  const lines = [
    `${method ?? (body === undefined ? 'GET' : 'POST')} ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...(isChunked ? [] : [`Content-Length: ${bytes.length}`]),
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
  ]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n${headers}\r\n`)
  return parsed(await new Wire(attacked.victim.url).answer(Buffer.concat([head, bytes])))
}

function parsed(answer: string): [number, unknown] {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const text = /transfer-encoding: chunked/i.test(head)
    ? body
        .split('\r\n')
        .filter((_, i) => i % 2 === 1)
        .join('')
    : body
  return [Number(head.split(' ')[1]), text === '' ? null : JSON.parse(text)]
}

const JSON_TYPE = 'application/json'
const error = { type: 'error', message: expect.stringMatching(/\w+ .*\w/) }

async function expectRefused(status: number, path: string, request?: Request): Promise<void> {
  expect([path, request, await answerTo(path, request)]).toEqual([path, request, [status, error]])
}

/** A socket of the gateway whose frames are up to the test. */
async function upgraded(): Promise<Wire> {
  const wire = new Wire(attacked.victim.url)
  const answered = once(wire.socket, 'data')
  wire.socket.write(upgradeRequest({ request: `GET ${connectPath()} HTTP/1.1` }))
  expect(String((await answered)[0])).toMatch(/^HTTP\/1.1 101 /)
  wire.forget()
  return wire
}

/** Its TCP socket: while that is paused, what it is told stays on the way. */
const rawOf = ({ socket }: DriftClient) =>
  (socket as unknown as { readonly _socket: Socket })._socket

/** How many errors a client is told for what it says, and nothing else. */
async function errorsFor(said: readonly (string | Uint8Array)[]): Promise<number> {
  const before = host.room.peer.lastSeq
  const client = await connect()
  for (const data of said) client.sendRaw(data)
  await client.mark()
  const told = client.drain()
  expect(told).toEqual(told.map(() => error))
  expect(host.room.peer.lastSeq).toBe(before)
  client.socket.terminate()
  return told.length
}

row(
  '81',
  'the gateway: other paths, ids that are not well-formed or too long, other methods',
  '404, 400, 405, each with JSON that says why',
  async () => {
    for (const path of [
      '/room',
      '/room/',
      `/room/${token}/`,
      `/room/${token}/x`,
      `/room//send`,
      `/room/${token}/send/send`,
    ])
      await expectRefused(404, path)
    for (const id of ['%', '%zz', '%ff', '%ed%a0%80', 'x'.repeat(257), '%F0%9F%92%A9'.repeat(200)])
      await expectRefused(400, `/room/${id}`)
    for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE'])
      for (const path of ['/new', `/room/${token}`, `/room/${token}/send`, connectPath()])
        await expectRefused(405, path, { method })
  },
)

row(
  '81a',
  'to the gateway: requests and an upgrade for another host than its own',
  '421, with JSON that says why',
  async () => {
    const host = 'rebound.example'
    for (const path of ['/new', `/room/${token}`, `/room/${token}/send`, '/room/%'])
      for (const method of ['GET', 'POST', 'OPTIONS'])
        expect(await answerTo(path, { method, host })).toEqual([421, error])
    const request = `GET ${connectPath()} HTTP/1.1`
    const answer = await new Wire(attacked.victim.url).answer(
      upgradeRequest({ request, host: `Host: ${host}` }),
    )
    expect(parsed(answer)).toEqual([421, error])
  },
)

row(
  '82',
  'a body of another type, of no JSON, of invalid UTF-8, of no message',
  '415, 400, 400, 422',
  async () => {
    const path = `/room/${token}/send`
    for (const type of [
      '',
      'text/plain',
      'application/cbor',
      'application/jsonx',
      'application/x-www-form-urlencoded',
    ])
      await expectRefused(415, path, { body: '{"type":"ping"}', type })
    for (const body of [
      '',
      '{',
      '{"type":"ping"}x',
      '\u{feff}',
      `"${'x'.repeat(1_000_000)}`,
      '['.repeat(100_000),
    ])
      await expectRefused(400, path, { body, type: JSON_TYPE })
    await expectRefused(400, path, { body: Uint8Array.of(0x22, 0xc3, 0x28, 0x22), type: JSON_TYPE })
    for (const body of [
      'null',
      '[]',
      '7',
      '{}',
      '{"type":"pull"}',
      '{"type":"push"}',
      '{"__proto__":{"type":"ping"}}',
      '{"type":"get","key":"k","seq":1e999}',
      `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    ])
      await expectRefused(422, path, { body, type: JSON_TYPE })
  },
)

row('83', 'a body of more than 5.6 MiB, told before and not', '413', async () => {
  const large = Buffer.alloc(MESSAGE_BYTES_MAX + 1, ' ')
  const path = `/room/${token}/send`
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${JSON_TYPE}\r\n`
  expect(
    parsed(
      await new Wire(attacked.victim.url).answer(`${head}Content-Length: ${large.length}\r\n\r\n`),
    ),
  ).toEqual([413, error])
  const chunk = Buffer.concat([
    Buffer.from(`${large.length.toString(16)}\r\n`),
    large,
    Buffer.from('\r\n'),
  ])
  expect(
    parsed(
      await new Wire(attacked.victim.url).answer(
        Buffer.concat([Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`), chunk]),
      ),
    ),
  ).toEqual([413, error])
})

row('84', 'a body that does not come to its end', '408 after 8 s', async () => {
  const head =
    `POST /room/${token}/send HTTP/1.1\r\nHost: localhost\r\n` +
    `Content-Type: ${JSON_TYPE}\r\nContent-Length: 100\r\n\r\n{`
  expect(await new Wire(attacked.victim.url).answer(head)).toMatch(/^HTTP\/1.1 408 /)
})

row(
  '85',
  'an upgrade of a room without a key, of version 12, by POST, of another path',
  '400, 400, 405, 404',
  async () => {
    const request = `GET ${connectPath()} HTTP/1.1`
    const statusOf = async (changed: { readonly [line: string]: string }) =>
      Number(
        (await new Wire(attacked.victim.url).answer(upgradeRequest({ request, ...changed }))).split(
          ' ',
        )[1],
      )
    expect(await statusOf({ key: '' })).toBe(400)
    expect(await statusOf({ version: 'Sec-WebSocket-Version: 12' })).toBe(400)
    expect(await statusOf({ request: `POST ${connectPath()} HTTP/1.1` })).toBe(405)
    expect(await statusOf({ request: `GET /room/${token}/connected HTTP/1.1` })).toBe(404)
  },
)

row(
  '86',
  'to the gateway: a frame of more than 5.6 MiB, invalid UTF-8, unmasked, compressed',
  '1009, 1007, 1002, 1002',
  async () => {
    expect(
      await (
        await upgraded()
      ).closeCode(frame(1, Buffer.alloc(16), { declaredBytes: MESSAGE_BYTES_MAX + 1 })),
    ).toBe(1009)
    expect(await (await upgraded()).closeCode(frame(1, Uint8Array.of(0xc3, 0x28)))).toBe(1007)
    expect(await (await upgraded()).closeCode(frame(1, Buffer.from('{}'), { masked: false }))).toBe(
      1002,
    )
    expect(
      await (await upgraded()).closeCode(frame(1, Buffer.from('{}'), { reserved: 0x40 })),
    ).toBe(1002)
  },
)

row(
  '87',
  'text that is no message: no JSON, other types, fields missing or of other types, nesting of 100,000',
  'one error each, nothing changes, and the connection stays',
  async () => {
    const said = [
      '',
      '{',
      'null',
      '[]',
      '"push"',
      '{"type":["push"]}',
      '{"type":"push","key":"k","value":1}',
      '{"type":"push","key":"k","action":{"type":"append"}}',
      '{"type":"push","key":{},"value":1,"action":{"type":"append"}}',
      '{"type":"push","key":"k","value":1,"action":{"type":"compact","seq":-1}}',
      '{"type":"get","key":"k","seq":0.5}',
      '{"type":"ping","nonce":"1"}',
      '['.repeat(100_000),
      `{"type":"push","key":"k","action":{"type":"append"},"value":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      `{"type":"get","key":"${'k'.repeat(513)}"}`,
    ]
    expect(await errorsFor(said)).toBe(said.length)
  },
)

row(
  '88',
  'CBOR that is no message: cut off, nested 100,000 deep, lengths of 2^32 and 2^63, tags, ' +
    'numbers beyond 2^53, keys that are no text',
  'one error each, nothing changes, and the connection stays',
  async () => {
    const push = (value: unknown) =>
      encode({ type: 'push', key: 'k', value, action: { type: 'append' } })
    const said = [
      new Uint8Array(0),
      push('x').subarray(0, 10),
      new Uint8Array(100_000).fill(0x81),
      new Uint8Array(100_000).fill(0xa1),
      Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0xc2, 0x41, 1),
      push(2n ** 63n),
      push(Number.POSITIVE_INFINITY),
      push(new Map([[1, 2]])),
      Uint8Array.of(0x9f),
      Uint8Array.of(0xff),
      Uint8Array.of(0xf8, 0xff),
    ]
    expect(await errorsFor(said)).toBe(said.length)
  },
)

row(
  '89',
  'keys and fields named __proto__ and constructor, in JSON and in CBOR',
  'keys and fields like any other, and nothing is polluted',
  async () => {
    for (const encoding of ['json', 'cbor'] as const) {
      const client = await connect(encoding)
      const value = JSON.parse(
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      ) as object
      client.sendRaw(
        encoding === 'json'
          ? `{"type":"push","key":"__proto__","value":${JSON.stringify(value)},"action":{"type":"replace"}}`
          : encode({ type: 'push', key: '__proto__', value, action: { type: 'replace' } }),
      )
      await client.mark()
      const [told] = client.drain() as [{ value: object }]
      expect(JSON.stringify(told)).toContain('"key":"__proto__"')
      expect(Object.keys(host.given.at(-1)!.value as object).sort()).toEqual([
        '__proto__',
        'constructor',
      ])
      client.socket.terminate()
    }
  },
)

row(
  '90',
  'a client that pushes without end',
  'it is not read while 2,048 of its messages wait; nothing is lost',
  async () => {
    const client = await connect()
    const before = host.given.length
    for (let n = 0; n < 20_000; n++)
      client.send({ type: 'push', key: 'flood', value: n, action: { type: 'relay' } })
    await host.until(() => host.given.length - before >= 20_000)
    expect(host.given.slice(before).findIndex(({ value }, i) => value !== i)).toBe(-1)
    client.socket.terminate()
  },
)

row(
  '90a',
  'clients that read nothing and ask for a stream of 2 MiB again and again',
  'each is closed at 16 MiB un-sent, and all together take 256 MiB at most',
  async () => {
    for (let n = 0; n < 4; n++) host.append('large', 'x'.repeat(512 * 1024))
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()))
    const { rss } = await attacked.victim.memory()
    for (const client of clients) {
      rawOf(client).pause()
      for (let n = 0; n < 30; n++) client.send({ type: 'get', key: 'large' })
    }
    const peer = await connect()
    await peer.mark() // the others were dealt with before it
    expect((await attacked.victim.memory()).rss - rss).toBeLessThan(700 * 1024 * 1024)
    const closed = clients.map(({ socket }) => once(socket, 'close'))
    for (const client of clients) rawOf(client).resume()
    for (const one of closed) expect([1013, 1006]).toContain(((await one) as [number])[0])
    peer.socket.terminate()
  },
)

row(
  '91',
  'requests for thousands of rooms that nobody has open',
  '503, and no seat is kept for any; after 300 in a minute the address may begin no more',
  async () => {
    const flooded = await Victim.start({ gateway: true })
    const before = await flooded.memory()
    for (let i = 0; i < 20; i++) {
      const statuses = await Promise.all(
        Array.from(
          { length: 50 },
          async (_, n) =>
            (
              await fetch(`${flooded.url}room/made-up-${i}-${n}/send`, {
                method: 'POST',
                headers: { 'Content-Type': JSON_TYPE },
                body: '{"type":"ping"}',
              })
            ).status,
        ),
      )
      expect(new Set(statuses)).toEqual(new Set([503]))
    }
    expect(await (await fetch(`${flooded.url}healthz`)).json()).toMatchObject({
      rooms: 0,
      peers: 0,
    })
    const { heapUsed } = await flooded.memory()
    expect(heapUsed - before.heapUsed).toBeLessThan(8 * 1024 * 1024)
    await flooded.stop()
  },
)

row(
  '92',
  'sockets that vanish while their room is looked for',
  'nothing is left of them',
  async () => {
    const wires = Array.from({ length: 200 }, () => new Wire(attacked.victim.url))
    for (const wire of wires)
      wire.socket.write(upgradeRequest({ request: `GET ${connectPath()} HTTP/1.1` }))
    for (const wire of wires) wire.socket.destroy()
    await Promise.all(wires.map(({ socket }) => socket.closed || once(socket, 'close')))
  },
)

row(
  '92a',
  'a relayed packet that says twice to whom, first to a peer of the gateway',
  'bad-shape: what goes to the gateway has an allowance of its own',
  async () => {
    const client = await connect()
    const [gateway] = host.room.others!
    const page = await PageSocket.join(attacked.victim.url, 'liar')
    page.socket.send(
      `{"type":"relay","to":"${gateway}","to":"${peerId('somebody')}",` +
        `"session":"${'s'.repeat(32)}","box":"${'b'.repeat(200)}"}`,
    )
    expect(await page.until(({ type }) => type === 'error')).toMatchObject({ code: 'bad-shape' })
    page.socket.terminate()
    client.socket.terminate()
  },
)

row(
  '93',
  'a member that writes bytes which are no value',
  'clients of the gateway are not told of it, and the room goes on',
  async () => {
    const client = await connect()
    host.room.feed({
      type: 'submitted',
      ticket: 1,
      action: 'append',
      key: 'k',
      value: Uint8Array.of(9, 0xff),
    })
    host.append('k', 'a value')
    await client.until(() => client.told.length > 0)
    client.send({ type: 'get', key: 'k' })
    await client.mark()
    expect(client.drain()).toMatchObject([
      { type: 'push', value: 'a value' },
      { type: 'init', data: [{ value: 'a value' }] },
    ])
    client.socket.terminate()
  },
)
