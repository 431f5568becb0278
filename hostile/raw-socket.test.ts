// What arrives before anything is understood: TCP, HTTP, and the frames of a WebSocket. Rows 1 to 15 of
// docs/bad-input.md.

import { once } from 'node:events'
import { expect } from 'vitest'
import { SIGNAL_FRAME_BYTES_MAX } from '../protocol/signals.ts'
import { refusal } from '../signaling/directory/refusals.ts'
import { frame, PageSocket, upgradeRequest, Wire } from '../signaling/socket-scene.ts'
import { row } from './row.ts'
import { attackedService, Victim } from './victim.ts'

const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const nothing = Buffer.alloc(0)

const attacked = attackedService()

async function statusOf(request: string | Uint8Array, url = attacked.victim.url): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(await new Wire(url).answer(request))?.[1])
}

async function closeCode(...frames: readonly Uint8Array[]): Promise<number> {
  return (await Wire.upgraded(attacked.victim.url)).closeCode(...frames)
}

/** Sends a byte now and then until the other side has had enough. */
async function drip(wire: Wire, text: string): Promise<string> {
  const answered = wire.answer('')
  let at = 0
  const interval = setInterval(() => {
    wire.socket.write(text[at % text.length]!)
    at += 1
  }, 100)
  return answered.finally(() => clearInterval(interval))
}

row(
  '1',
  'TCP connections that say nothing, half a header, or a byte now and then',
  '408 or closed, in seconds',
  async () => {
    const silent = new Wire(attacked.victim.url)
    const answers = await Promise.all([
      silent.answer(''),
      new Wire(attacked.victim.url).answer('GET /signal HTTP/1.1\r\nHost:'),
      drip(
        new Wire(attacked.victim.url),
        'GET / HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      ),
    ])
    for (const answer of answers) expect(answer).toMatch(/^$|^HTTP\/1\.1 408 /)
    expect(answers[1]).toMatch(/^HTTP\/1\.1 408 /)
  },
)

row('2', 'a header of more than 8 KiB', '431', async () => {
  expect(await statusOf(upgradeRequest({ more: `X-Long: ${'x'.repeat(9_000)}` }))).toBe(431)
})

row('3', '3,000 small headers', '431', async () => {
  expect(
    await statusOf(
      upgradeRequest({
        more: Array.from({ length: 3_000 }, (_, i) => `X-${i}: ${i}`).join('\r\n'),
      }),
    ),
  ).toBe(431)
})

row('3a', '1,000 headers of 3 bytes', '101 or 431', async () => {
  const wire = new Wire(attacked.victim.url)
  wire.socket.write(
    upgradeRequest({
      more: Array.from({ length: 1_000 }, (_, i) => String.fromCharCode(97 + (i % 26)) + ':').join(
        '\r\n',
      ),
    }),
  )
  const [head] = (await once(wire.socket, 'data')) as [Buffer]
  expect(String(head)).toMatch(/^HTTP\/1\.1 (101|431) /)
  wire.socket.destroy()
})

row('4', 'an upgrade by POST, without a key, of version 12', '405, 400, 400', async () => {
  expect(await statusOf(upgradeRequest({ request: 'POST /signal HTTP/1.1' }))).toBe(405)
  expect(await statusOf(upgradeRequest({ key: '' }))).toBe(400)
  expect(await statusOf(upgradeRequest({ version: 'Sec-WebSocket-Version: 12' }))).toBe(400)
})

row('5', 'an upgrade of another path, a GET without upgrade', '404, 426', async () => {
  expect(await statusOf(upgradeRequest({ request: 'GET /other HTTP/1.1' }))).toBe(404)
  expect(
    await statusOf('GET /signal HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
  ).toBe(426)
})

row(
  '5a',
  'what is no HTTP: TLS, binary noise, a request line of 9,000 bytes',
  '400, 400, 431',
  async () => {
    expect(await statusOf(Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]))).toBe(400)
    expect(await statusOf(Uint8Array.from({ length: 500 }, (_, i) => (i * 37) & 255))).toBe(400)
    expect(await statusOf(`GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toBe(
      431,
    )
  },
)

row('6', 'an upgrade by a page of an origin that is not allowed, and of none', '403', async () => {
  const choosy = await Victim.start({ origins: ['https://game.example'] })
  expect(
    await statusOf(upgradeRequest({ origin: 'Origin: https://evil.example' }), choosy.url),
  ).toBe(403)
  expect(await statusOf(upgradeRequest({ origin: 'Origin: null' }), choosy.url)).toBe(403)
  expect(await statusOf(upgradeRequest(), choosy.url)).toBe(403)
  await choosy.stop()
})

row(
  '6a',
  'requests and an upgrade for another host, as a page sends them whose name was made to lead to this machine',
  '421',
  async () => {
    const of = (path: string, method = 'GET') =>
      `${method} ${path} HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
    for (const path of ['/', '/healthz', '/baton.js', '/signal', 'http://localhost/healthz'])
      expect([path, await statusOf(of(path))]).toEqual([path, 421])
    expect(await statusOf(of('/healthz', 'POST'))).toBe(421)
    for (const host of [
      'rebound.example:80',
      'localhost.rebound.example',
      'a@localhost',
      '10.0.0.1',
    ])
      expect([host, await statusOf(upgradeRequest({ host: `Host: ${host}` }))]).toEqual([host, 421])
    // The first of two counts, and with the other one it is no better.
    const two = 'Host: rebound.example\r\nHost: localhost'
    expect(await statusOf(upgradeRequest({ host: two }))).toBe(421)
  },
)

row(
  '7',
  'one socket more than an address may have, than the service has',
  '429, 503 with Retry-After',
  async () => {
    const small = await Victim.start({ connectionsPerAddressMax: 2, connectionsMax: 3 })
    await Wire.upgraded(small.url, '127.0.0.1')
    await Wire.upgraded(small.url, '127.0.0.1')
    const tooMany = await new Wire(small.url, '127.0.0.1').answer(upgradeRequest())
    expect(tooMany).toMatch(/^HTTP\/1\.1 429 [^]*Retry-After: \d+/)
    await Wire.upgraded(small.url, '127.0.0.2')
    expect(await new Wire(small.url, '127.0.0.3').answer(upgradeRequest())).toMatch(
      /^HTTP\/1\.1 503 [^]*Retry-After: \d+/,
    )
    await small.stop()
  },
)

row(
  '7a',
  'one address that opens and closes sockets without end',
  '429 for the rest of the minute',
  async () => {
    const small = await Victim.start({ connectsPerAddressPerMinuteMax: 50 })
    for (let n = 0; n < 50; n++) (await Wire.upgraded(small.url, '127.0.0.1')).socket.destroy()
    expect(await new Wire(small.url, '127.0.0.1').answer(upgradeRequest())).toMatch(
      /^HTTP\/1\.1 429 /,
    )
    ;(await Wire.upgraded(small.url, '127.0.0.2')).socket.destroy()
    await small.stop()
  },
)

row(
  '7b',
  'one address that holds TCP connections without a word',
  'those above its share are closed at once',
  async () => {
    const small = await Victim.start({ connectionsPerAddressMax: 2 })
    const wires = Array.from({ length: 300 }, () => new Wire(small.url, '127.0.0.1'))
    // 252 may stay, for as long as a header may take to come.
    let closed = 0
    await new Promise<void>((resolve) => {
      const count = () => {
        closed += 1
        if (closed === 48) resolve()
      }
      for (const { socket } of wires) socket.on('close', count)
    })
    const other = await Wire.upgraded(small.url, '127.0.0.2')
    other.socket.destroy()
    for (const { socket } of wires) socket.destroy()
    await small.stop()
  },
)

row('8', 'a frame that declares 1 GiB', '1009', async () => {
  expect(await closeCode(frame(TEXT, nothing, { declaredBytes: 2 ** 30 }))).toBe(1009)
  expect(await closeCode(frame(BINARY, nothing, { declaredBytes: 2 ** 52 }))).toBe(1009)
})

row('9', 'a message of 65,537 bytes, whole or in fragments', '1009', async () => {
  expect(await closeCode(frame(TEXT, Buffer.alloc(SIGNAL_FRAME_BYTES_MAX + 1, 'x')))).toBe(1009)
  expect(
    await closeCode(
      frame(TEXT, Buffer.alloc(40_000, 'x'), { final: false }),
      frame(0, Buffer.alloc(40_000, 'x')),
    ),
  ).toBe(1009)
})

row('10', 'more tiny or empty fragments than 64', '1008', async () => {
  expect(
    await closeCode(
      frame(TEXT, nothing, { final: false }),
      ...Array.from({ length: 64 }, () => frame(0, nothing, { final: false })),
    ),
  ).toBe(1008)
  expect(
    await closeCode(
      frame(TEXT, Buffer.from('x'), { final: false }),
      ...Array.from({ length: 100 }, () => frame(0, Buffer.from('x'), { final: false })),
    ),
  ).toBe(1008)
})

row('11', 'invalid UTF-8 in text', '1007', async () => {
  for (const bytes of [
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xc0, 0xaf],
  ])
    expect(await closeCode(frame(TEXT, Buffer.from(bytes)))).toBe(1007)
})

row(
  '12',
  'unmasked, RSV1, opcode 3, a ping of 126 B, a continuation first, close code 999',
  '1002',
  async () => {
    expect(await closeCode(frame(TEXT, nothing, { masked: false }))).toBe(1002)
    for (const reserved of [0x40, 0x20, 0x10])
      expect(await closeCode(frame(TEXT, nothing, { reserved }))).toBe(1002)
    for (const opcode of [3, 7, 11, 15]) expect(await closeCode(frame(opcode, nothing))).toBe(1002)
    expect(await closeCode(frame(PING, Buffer.alloc(126)))).toBe(1002)
    expect(await closeCode(frame(PING, nothing, { final: false }))).toBe(1002)
    expect(await closeCode(frame(0, nothing))).toBe(1002)
    for (const code of [999, 1005, 1006, 1015, 5000])
      expect(await closeCode(frame(CLOSE, Buffer.from([code >> 8, code & 255])))).toBe(1002)
    expect(await closeCode(frame(CLOSE, Buffer.from([3])))).toBe(1002)
  },
)

row('13', 'a flood of pings by one that does not read', 'cut, memory flat', async () => {
  const before = await attacked.victim.memory()
  const wire = await Wire.upgraded(attacked.victim.url)
  wire.socket.pause()
  const closed = new Promise((resolve) => wire.socket.once('close', resolve))
  const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(PING, Buffer.alloc(100))))
  for (let n = 0; n < 2_000 && !wire.socket.destroyed; n++) {
    if (!wire.socket.write(pings))
      await new Promise((resolve) => wire.socket.once('drain', resolve).once('close', resolve))
  }
  wire.socket.resume()
  await closed
  expect((await attacked.victim.memory()).rss - before.rss).toBeLessThan(64 * 2 ** 20)
})

row(
  '14',
  'permessage-deflate offered, compressed frames sent',
  'not negotiated, 1002',
  async () => {
    const wire = new Wire(attacked.victim.url)
    wire.socket.write(
      upgradeRequest({
        extension: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      }),
    )
    const [head] = (await once(wire.socket, 'data')) as [Buffer]
    expect(String(head)).toMatch(/^HTTP\/1\.1 101 /)
    expect(String(head)).not.toMatch(/extensions/i)
    wire.socket.destroy()
    expect(
      await closeCode(frame(TEXT, Buffer.from([0x4b, 0x4c, 0x04, 0x00]), { reserved: 0x40 })),
    ).toBe(1002)
  },
)

row('15', 'binary frames', 'bad-frame, the third closes with 1003', async () => {
  const page = await PageSocket.open(attacked.victim.url)
  for (let n = 0; n < 3; n++) {
    page.socket.send(Buffer.from('{"type":"heartbeat"}'))
    expect(await page.next()).toEqual(refusal('bad-frame'))
  }
  expect(await page.closed).toBe(1003)
})

row('38', 'a connection that answers no ping', 'cut after two intervals', async () => {
  const hasty = await Victim.start({ pingIntervalMs: 100 })
  const wire = await Wire.upgraded(hasty.url)
  await once(wire.socket, 'close')
  await hasty.stop()
})

row('40', 'data after a close, a close with a reason of 2 MB', 'ignored, 1002', async () => {
  const goodbye = frame(CLOSE, Buffer.from([1000 >> 8, 1000 & 255]))
  expect(await closeCode(goodbye, frame(TEXT, Buffer.from('{')))).toBe(1000)
  expect(await closeCode(frame(CLOSE, Buffer.alloc(2 * 2 ** 20, 'x')))).toBe(1002)
})

row(
  '42',
  'two lengths in one request, a request behind another, a forged X-Forwarded-For',
  '400, one answer each, counted by the true address',
  async () => {
    expect(
      await statusOf(
        'POST /signal HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n' +
          '0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n',
      ),
    ).toBe(400)
    expect(
      await statusOf(
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef',
      ),
    ).toBe(400)
    const answers = await new Wire(attacked.victim.url).answer(
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n' +
        'GET /signal HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    )
    expect(answers.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 426'])
    const small = await Victim.start({ connectionsPerAddressMax: 1 })
    await Wire.upgraded(small.url)
    for (const address of ['203.0.113.1', '203.0.113.2, 127.0.0.9', ', ,', 'x'.repeat(4_000)]) {
      expect(
        await new Wire(small.url).answer(
          upgradeRequest({ forwarded: `X-Forwarded-For: ${address}` }),
        ),
      ).toMatch(/^HTTP\/1\.1 429 /)
    }
    await small.stop()
  },
)

row(
  '43',
  'other methods, bodies, and many requests to the HTTP addresses',
  '405 or 400, and as many answers as requests',
  async () => {
    for (const path of ['healthz', 'signal', 'baton.js', '']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])
        expect(
          await statusOf(
            `${method} /${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc`,
          ),
        ).toBe(405)
    }
    expect(await statusOf('BREW /signal HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe(400)
    expect(await statusOf('CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBeNaN()
    const many =
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500) +
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    expect(
      (await new Wire(attacked.victim.url).answer(many)).match(/HTTP\/1\.1 200/g),
    ).toHaveLength(501)
  },
)
