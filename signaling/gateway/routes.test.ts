// What the gateway's addresses answer, over real sockets and with a host in this process.

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { encode } from 'cborg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startServer, type RunningServer } from '../server.ts'
import { Wire } from '../socket-scene.ts'
import { DriftClient } from './drift-scene.ts'
import { MESSAGE_BYTES_MAX } from './gateway-limits.ts'
import { NodeHost } from './node-host.ts'

const TOKEN = 'a-room-of-the-gateway-1'

let server: RunningServer
let host: NodeHost

beforeAll(async () => {
  server = await startServer({ port: 0, gateway: true, restartGraceMs: 0 })
  host = await NodeHost.join(server.url, TOKEN)
})

afterAll(async () => {
  host.room.close()
  await server.close()
})

async function ask(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(server.url + path, init)
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? null : JSON.parse(text),
    headers: response.headers,
  }
}

const json = (message: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(message),
})
const say = (message: unknown, room = TOKEN) => ask(`room/${room}/send`, json(message))
const socketUrl = () => `${server.url.replace('http', 'ws')}room/${TOKEN}/connect`

/** The status and the body with which an upgrade is refused. */
async function refusedUpgrade(
  path: string,
  headers: { [name: string]: string } = {},
): Promise<[number, unknown]> {
  const socket = new WebSocket(server.url.replace('http', 'ws') + path, { headers })
  socket.on('error', () => {}) // the refusal below is what counts
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return [response.statusCode!, JSON.parse(text)]
}

const errorWith = (words: string) => ({ type: 'error', message: expect.stringContaining(words) })

describe('a room', () => {
  test('is made by POST /new, and found again by its id', async () => {
    const { status, body } = await ask('new', { method: 'POST' })
    const { room } = body as { room: string }
    expect(status).toBe(200)
    expect(room).toMatch(/^[\w-]{22}$/)
    const at = new URL(server.url).host
    expect(body).toEqual({
      room,
      socket_url: `ws://${at}/room/${room}/connect`,
      http_url: `http://${at}/room/${room}/send`,
    })
    expect((await ask(`room/${room}`)).body).toEqual(body)
    expect((await ask('new', { method: 'POST' })).body).not.toEqual(body)
  })

  test('whose id has odd characters is addressed by them', async () => {
    const { body } = await ask('room/a%20b%2Fc')
    expect(body).toMatchObject({
      room: 'a b/c',
      http_url: expect.stringMatching(/\/room\/a%20b%2Fc\/send$/),
    })
  })

  test('takes appends, replaces and reads by HTTP alone', async () => {
    expect(
      await say({ type: 'push', key: 'http', value: 1, action: { type: 'append' } }),
    ).toMatchObject({ status: 200, body: null })
    expect(
      await say({ type: 'push', key: 'http', value: 2, action: { type: 'append' } }),
    ).toMatchObject({ status: 200, body: { type: 'stream_size', key: 'http', size: 2 } })
    const seqs = host.given.filter(({ key }) => key === 'http').map(({ seq }) => seq)
    expect((await say({ type: 'get', key: 'http' })).body).toEqual({
      type: 'init',
      key: 'http',
      data: [
        { value: 1, seq: seqs[0] },
        { value: 2, seq: seqs[1] },
      ],
    })
    expect(
      await say({ type: 'push', key: 'http', value: 3, action: { type: 'replace' } }),
    ).toMatchObject({ status: 200, body: null })
    expect((await say({ type: 'get', key: 'http', seq: seqs[1] })).body).toMatchObject({
      data: [{ value: 3 }],
    })
    expect((await say({ type: 'get', key: 'http', seq: null })).body).toBeNull()
    expect((await say({ type: 'ping', nonce: 7 })).body).toEqual({ type: 'pong', nonce: 7 })
  })

  test('that nobody hosts is 503, over HTTP and for a socket, at once', async () => {
    expect(await say({ type: 'ping' }, 'nobody-is-in-this-room')).toMatchObject({
      status: 503,
      body: errorWith('Nobody hosts this room'),
    })
    expect(await refusedUpgrade('room/nobody-is-in-this-room/connect')).toEqual([
      503,
      errorWith('Nobody hosts this room'),
    ])
  })
})

describe('a request that is wrong', () => {
  test.each([
    ['another path under /room', 'room/x/y', {}, 404, 'nothing here'],
    ['no id', 'room/', {}, 404, 'nothing here'],
    ['no id at all', 'room', {}, 404, 'nothing here'],
    ['a slash too many', `room/${TOKEN}/`, {}, 404, 'nothing here'],
    ['an id that is not well-formed', 'room/%zz', {}, 400, 'not well-formed'],
    ['an id that is not UTF-8', 'room/%ff', {}, 400, 'not well-formed'],
    ['an id that is too long', `room/${'x'.repeat(257)}`, {}, 400, '256 characters'],
    ['GET /new', 'new', {}, 405, 'takes POST'],
    ['POST /room/:id', `room/${TOKEN}`, { method: 'POST' }, 405, 'takes GET, HEAD'],
    ['DELETE /room/:id', `room/${TOKEN}`, { method: 'DELETE' }, 405, 'takes GET, HEAD'],
    ['GET /room/:id/send', `room/${TOKEN}/send`, {}, 405, 'takes POST'],
    ['POST /room/:id/connect', `room/${TOKEN}/connect`, { method: 'POST' }, 405, 'takes GET'],
    ['GET /room/:id/connect without an upgrade', `room/${TOKEN}/connect`, {}, 426, 'WebSocket'],
    [
      'a form',
      `room/${TOKEN}/send`,
      { method: 'POST', body: new URLSearchParams({ a: 'b' }) },
      415,
      'application/json',
    ],
    ['a text', `room/${TOKEN}/send`, { method: 'POST', body: '{}' }, 415, 'application/json'],
    [
      'no body',
      `room/${TOKEN}/send`,
      { method: 'POST', headers: { 'Content-Type': 'application/json' } },
      400,
      'not JSON',
    ],
    ['half of JSON', `room/${TOKEN}/send`, { ...json(0), body: '{"type":' }, 400, 'not JSON'],
    [
      'bytes that are no UTF-8',
      `room/${TOKEN}/send`,
      { ...json(0), body: Uint8Array.of(0x22, 0xff, 0x22) },
      400,
      'not JSON',
    ],
    [
      'a body that is too large',
      `room/${TOKEN}/send`,
      { ...json(0), body: 'x'.repeat(MESSAGE_BYTES_MAX + 1) },
      413,
      'at most',
    ],
    ['a message of no known type', `room/${TOKEN}/send`, json({ type: 'pull' }), 422, '"pull"'],
    [
      'a push without an action',
      `room/${TOKEN}/send`,
      json({ type: 'push', key: 'k', value: 1 }),
      422,
      '"action"',
    ],
    [
      'a compaction beyond the last message',
      `room/${TOKEN}/send`,
      json({ type: 'push', key: 'k', value: 1, action: { type: 'compact', seq: 1e9 } }),
      422,
      'has not reached',
    ],
    [
      'a value that is too large',
      `room/${TOKEN}/send`,
      json({
        type: 'push',
        key: 'k',
        value: 'x'.repeat(4 * 1024 * 1024),
        action: { type: 'append' },
      }),
      422,
      'at most 4194304',
    ],
    [
      'a value that nests too deep',
      `room/${TOKEN}/send`,
      {
        ...json(0),
        body: `{"type":"push","key":"k","action":{"type":"append"},"value":${'['.repeat(100)}${']'.repeat(100)}}`,
      },
      422,
      'deeper than 64',
    ],
  ])(
    '%s is answered with its status and what was wrong, and the room goes on',
    async (_, path, init, status, words) => {
      const before = host.room.peer.lastSeq
      expect(await ask(path, init)).toMatchObject({ status, body: errorWith(words) })
      expect(host.room.peer.lastSeq).toBe(before)
      expect((await say({ type: 'ping', nonce: 1 })).body).toEqual({ type: 'pong', nonce: 1 })
    },
  )

  test('a body that is too large, in pieces without a length, is 413', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 100; i++) controller.enqueue(new Uint8Array(64 * 1024).fill(0x20))
        controller.close()
      },
    })
    expect(
      await ask(`room/${TOKEN}/send`, { ...json(0), body, duplex: 'half' } as RequestInit),
    ).toMatchObject({ status: 413 })
  })

  test('a socket elsewhere is 404, and one of a method that is not GET is 405', async () => {
    expect(await refusedUpgrade('new')).toEqual([405, errorWith('takes POST')])
    expect(await refusedUpgrade(`room/${TOKEN}`)).toEqual([404, errorWith('/connect')])
    expect(await refusedUpgrade('room/%zz/connect')).toEqual([400, errorWith('not well-formed')])
  })
})

describe('[GW8] under another name than its own', () => {
  const rebound = 'rebound.example'
  const sentence = errorWith(`--origin https://${rebound}`)

  test.each(['POST /new', `GET /room/${TOKEN}`, `POST /room/${TOKEN}/send`, 'OPTIONS /new'])(
    '%s is 421',
    async (request) => {
      const text = await new Wire(server.url).answer(
        `${request} HTTP/1.1\r\nHost: ${rebound}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      )
      const [head = '', body = ''] = text.split('\r\n\r\n')
      expect(head).toMatch(/^HTTP\/1\.1 421 /)
      expect(JSON.parse(/\{.*\}/.exec(body)?.[0] ?? 'null')).toEqual(sentence)
    },
  )

  test('a socket is 421', async () => {
    const answer = await refusedUpgrade(`room/${TOKEN}/connect`, { Host: rebound })
    expect(answer).toEqual([421, sentence])
  })
})

describe('a socket', () => {
  test('that says what is no message is told so once a time, changes nothing, and stays', async () => {
    const client = await DriftClient.connect(socketUrl())
    const before = host.room.peer.lastSeq
    for (const bad of [
      '',
      '{',
      'null',
      '[]',
      '{"type":"push"}',
      '{"type":"get","key":7}',
      Uint8Array.of(0xff),
      new Uint8Array(0),
    ])
      client.sendRaw(bad)
    await client.mark()
    expect(client.drain()).toEqual(
      Array.from({ length: 8 }, () => ({ type: 'error', message: expect.any(String) })),
    )
    expect(host.room.peer.lastSeq).toBe(before)
    await client.close()
  })

  test('is answered in the encoding that it asked for, and takes each frame for what it is', async () => {
    const asText = await DriftClient.connect(socketUrl(), 'json')
    const asCbor = await DriftClient.connect(socketUrl(), 'cbor')
    asText.sendRaw(encode({ type: 'ping', nonce: 1 }))
    asCbor.sendRaw('{"type":"ping","nonce":2}')
    await asText.mark()
    await asCbor.mark()
    expect(asText.drain()).toEqual([{ type: 'pong', nonce: 1 }])
    expect(asCbor.drain()).toEqual([{ type: 'pong', nonce: 2 }])
    await asText.close()
    await asCbor.close()
  })

  test('that sends more at once than a message may take is closed with 1009', async () => {
    const client = await DriftClient.connect(socketUrl())
    client.sendRaw('x'.repeat(MESSAGE_BYTES_MAX + 1))
    const [code] = (await once(client.socket, 'close')) as [number]
    expect(code).toBe(1009)
  })
})

describe('pages of other origins', () => {
  test('may use it', async () => {
    const { status, headers } = await ask(`room/${TOKEN}/send`, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://game.example',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      },
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-allow-methods')).toContain('POST')
    expect(headers.get('access-control-allow-headers')).toContain('Content-Type')
    expect((await ask('room/x/y')).headers.get('access-control-allow-origin')).toBe('*')
  })

  test('[SG6] may not, where the operator lists others; a program that is no page may', async () => {
    const strict = await startServer({ port: 0, gateway: true, origins: ['https://game.example'] })
    const from = (origin: string) =>
      fetch(`${strict.url}new`, { method: 'POST', headers: { Origin: origin } })
    expect((await from('https://other.example')).status).toBe(403)
    const allowed = await from('https://game.example')
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://game.example',
    ])
    expect((await fetch(`${strict.url}new`, { method: 'POST' })).status).toBe(200)
    await strict.close()
  })
})

describe('the service', () => {
  test('has no gateway unless it is asked for, and none without the relay', async () => {
    const plain = await startServer({ port: 0 })
    expect((await fetch(`${plain.url}new`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${plain.url}room/x`)).status).toBe(404)
    await plain.close()
    await expect(startServer({ port: 0, gateway: true, relay: false })).rejects.toMatchObject({
      code: 'bad-argument',
    })
  })

  test('ends its clients when it stops', async () => {
    const other = await startServer({ port: 0, gateway: true, restartGraceMs: 0 })
    const page = await NodeHost.join(other.url, TOKEN)
    const client = await DriftClient.connect(
      `${other.url.replace('http', 'ws')}room/${TOKEN}/connect`,
    )
    const closed = once(client.socket, 'close')
    await other.close()
    expect((await closed)[0]).toBe(1001)
    page.room.close()
  })

  test('says https behind a proxy that it trusts, and wss', async () => {
    const behind = await startServer({ port: 0, gateway: true, trustedProxies: 1 })
    const response = await fetch(`${behind.url}room/x`, {
      headers: { 'X-Forwarded-Proto': 'https' },
    })
    expect(await response.json()).toMatchObject({
      socket_url: expect.stringMatching(/^wss:/),
      http_url: expect.stringMatching(/^https:/),
    })
    await behind.close()
  })
})
