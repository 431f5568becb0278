import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { VERSION } from './own-package.ts'
import { startServer, type RunningServer, type ServerOptions } from './server.ts'
import { PageSocket, upgradeRequest, Wire } from './socket-scene.ts'

let folder: string
const running: RunningServer[] = []

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'baton-pages-'))
  folder = join(root, 'public')
  await mkdir(join(folder, '.git'), { recursive: true })
  await writeFile(join(root, 'secret.txt'), 'outside')
  await writeFile(join(root, 'public-secret.txt'), 'outside')
  await writeFile(join(folder, '.git', 'config'), 'hidden')
  await writeFile(join(folder, 'index.html'), '<h1>hello</h1>')
  await writeFile(join(folder, 'page.js'), '0123456789')
  if (process.platform === 'linux') await symlink('/proc/self/mem', join(folder, 'unreadable.js'))
})

afterAll(() => rm(join(folder, '..'), { recursive: true }))

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(options: ServerOptions = {}): Promise<RunningServer> {
  const server = await startServer({ folder, port: 0, ...options })
  running.push(server)
  return server
}

/** The status of the answer to what may be no proper request at all. */
async function statusOf({ url }: RunningServer, request: string): Promise<number> {
  const answer = await new Wire(url).answer(request)
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
}

describe('[SG6f] whoever asks for another host than this one', () => {
  const requestOf = (host: string, path = '/page.js') =>
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`

  test.each(['/page.js', '/healthz', '/baton.js', '/signal', '/none', 'http://localhost/page.js'])(
    'gets no answer at %s but what to do',
    async (path) => {
      const { url } = await start()
      const answer = await new Wire(url).answer(requestOf('rebound.example:8080', path))
      expect(answer).toMatch(/^HTTP\/1\.1 421 [^]*--origin https:\/\/rebound\.example/)
    },
  )

  test('gets no socket', async () => {
    const { url } = await start()
    const answer = await new Wire(url).answer(upgradeRequest({ host: 'Host: rebound.example' }))
    expect(answer).toMatch(/^HTTP\/1\.1 421 [^]*--name rebound\.example/)
    await PageSocket.open(url)
  })

  test('by POST is told of the host, not of the method', async () => {
    const server = await start()
    const request = 'POST /page.js HTTP/1.1\r\nHost: rebound.example\r\nContent-Length: 0\r\n\r\n'
    expect(await statusOf(server, request)).toBe(421)
  })

  test('and names none, as no browser does, is answered', async () => {
    expect(await statusOf(await start(), 'GET /page.js HTTP/1.0\r\n\r\n')).toBe(200)
  })

  test.each<[string, ServerOptions]>([
    ['a name of the operator', { names: ['game.example'] }],
    ['the host of an origin', { origins: ['https://game.example'] }],
  ])('is answered where that is %s', async (_, options) => {
    const server = await start(options)
    expect(await statusOf(server, requestOf('game.example'))).toBe(200)
    expect(await statusOf(server, requestOf('rebound.example'))).toBe(421)
    const headers = { host: 'Host: game.example', origin: 'Origin: https://game.example' }
    const wire = new Wire(server.url)
    wire.socket.write(upgradeRequest(headers))
    expect(String((await once(wire.socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 101 /)
    wire.socket.destroy()
  })

  test('is answered by a service for a network, where that is a number or its own name', async () => {
    const server = await start({ lan: true })
    for (const host of ['192.0.2.7:8080', '[2001:db8::7]', hostname()])
      expect(await statusOf(server, requestOf(host))).toBe(200)
    expect(await statusOf(server, requestOf('rebound.example'))).toBe(421)
  })
})

describe('who may open a socket', () => {
  test.each([
    [404, 'another path', { request: 'GET /signals HTTP/1.1' }],
    [404, 'a path that hides it', { request: 'GET //signal HTTP/1.1' }],
    [405, 'another method', { request: 'POST /signal HTTP/1.1' }],
    [400, 'no key', { key: '' }],
    [400, 'a key that is none', { key: 'Sec-WebSocket-Key: short' }],
    [400, 'another version', { version: 'Sec-WebSocket-Version: 12' }],
    [400, 'another protocol', { upgrade: 'Upgrade: h2c' }],
    [431, 'a header too long', { more: `X-Long: ${'x'.repeat(9_000)}` }],
    [
      431,
      'too many headers',
      { more: Array.from({ length: 3_000 }, (_, i) => `X-${i}: ${i}`).join('\r\n') },
    ],
  ])('[SG6] %i answers %s', async (status, _name, changed) => {
    const server = await start()
    expect(await statusOf(server, upgradeRequest(changed))).toBe(status)
    await PageSocket.open(server.url)
  })

  test('[SG6] one that resets before it is refused costs nothing', async () => {
    const server = await start()
    const wires = Array.from({ length: 20 }, () => new Wire(server.url))
    await Promise.all(
      wires.map(
        ({ socket }) =>
          new Promise((resolve) =>
            socket.write(upgradeRequest({ request: 'GET / HTTP/1.1' }), resolve),
          ),
      ),
    )
    for (const { socket } of wires) socket.resetAndDestroy()
    await PageSocket.open(server.url)
  })

  test('[SG6] a query does not matter', async () => {
    const { url } = await start()
    const wire = new Wire(url)
    wire.socket.write(upgradeRequest({ request: 'GET /signal?room=1 HTTP/1.1' }))
    const [head] = await new Promise<Buffer[]>((resolve) =>
      wire.socket.once('data', (data: Buffer) => resolve([data])),
    )
    expect(String(head)).toMatch(/^HTTP\/1\.1 101 /)
    wire.socket.destroy()
  })

  test('[SG6] with an allow list, pages of other origins and of none are refused', async () => {
    const server = await start({ origins: ['https://game.example'] })
    expect(await statusOf(server, upgradeRequest({ origin: 'Origin: https://evil.example' }))).toBe(
      403,
    )
    expect(await statusOf(server, upgradeRequest())).toBe(403)
    await PageSocket.open(server.url, { origin: 'https://game.example' })
  })

  test('[SG6] an address has so many connections, and one more when one has closed', async () => {
    const server = await start({ connectionsPerAddressMax: 1 })
    const page = await PageSocket.open(server.url)
    expect(await statusOf(server, upgradeRequest())).toBe(429)
    page.socket.close()
    await page.closed
    await PageSocket.open(server.url)
  })

  test('[SG6] a full service says when to come back', async () => {
    const server = await start({ connectionsMax: 1 })
    await PageSocket.open(server.url)
    const answer = await new Wire(server.url).answer(upgradeRequest())
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
    expect(answer).toContain('Retry-After: 10')
  })

  test('[SG6] a forwarded address counts only where a proxy of ours wrote it', async () => {
    const forged = { headers: { 'X-Forwarded-For': '203.0.113.1' } }
    const direct = await start({ connectionsPerAddressMax: 1 })
    await PageSocket.open(direct.url, forged)
    expect(
      await statusOf(direct, upgradeRequest({ forwarded: 'X-Forwarded-For: 203.0.113.2' })),
    ).toBe(429)
    const proxied = await start({ connectionsPerAddressMax: 1, trustedProxies: 1 })
    await PageSocket.open(proxied.url, forged)
    await PageSocket.open(proxied.url, { headers: { 'X-Forwarded-For': '203.0.113.2' } })
    expect(
      await statusOf(
        proxied,
        upgradeRequest({ forwarded: 'X-Forwarded-For: 203.0.113.9, 203.0.113.1' }),
      ),
    ).toBe(429)
  })
})

describe('plain requests', () => {
  test('the health check tells how many are here', async () => {
    const { url } = await start()
    await PageSocket.join(url, 'a')
    const response = await fetch(`${url}healthz`)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({
      status: 'ok',
      rooms: 1,
      peers: 1,
      uptimeSeconds: expect.any(Number),
      version: VERSION,
    })
  })

  test('a page asked for at the address of the sockets is told so', async () => {
    const { url } = await start()
    expect((await fetch(`${url}signal`)).status).toBe(426)
  })

  test('[SG6b] a page that got no socket is told why by a plain request, whatever its origin', async () => {
    const { url } = await start({ origins: ['https://game.example'] })
    const ask = async (query: string, headers = {}) => {
      const answer = await fetch(`${url}signal${query}`, { headers })
      expect(answer.headers.get('baton')).toBe(VERSION)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('access-control-expose-headers')).toBe('Baton')
      return [answer.status, await answer.text()]
    }
    const refused = [403, expect.stringContaining('--origin https://a.example')]
    expect(await ask('', { Origin: 'https://a.example' })).toEqual(refused)
    expect(await ask('?origin=https%3A%2F%2Fa.example')).toEqual(refused)
    const wanted = [426, expect.stringContaining('with a WebSocket')]
    expect(await ask('?origin=https%3A%2F%2Fgame.example')).toEqual(wanted)
    expect(await ask('', { Origin: 'https://game.example' })).toEqual(wanted)
    expect(await ask('')).toEqual(wanted)
  })

  test('[SG6b] a page that got no socket since there are too many is told so', async () => {
    const { url } = await start({ connectionsPerAddressMax: 1 })
    await PageSocket.open(url)
    const answer = await fetch(`${url}signal`)
    expect([answer.status, answer.headers.get('baton')]).toEqual([429, VERSION])
  })

  test('[SG6] nothing can be written', async () => {
    const { url } = await start()
    for (const path of ['', 'healthz', 'signal', 'page.js']) {
      expect((await fetch(url + path, { method: 'POST', body: 'x' })).status).toBe(405)
    }
  })

  test('without a folder there are no pages, and a sentence says what this is', async () => {
    const server = await startServer({ port: 0 })
    running.push(server)
    const response = await fetch(server.url)
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('introduction service'),
    ])
  })
})

describe('pages', () => {
  test('are served with their kind, and live: an edit shows at the next reload', async () => {
    const { url } = await start()
    const first = await fetch(url)
    expect([first.headers.get('content-type'), await first.text()]).toEqual([
      'text/html;charset=utf-8',
      '<h1>hello</h1>',
    ])
    expect(first.headers.get('cache-control')).toBe('no-cache')
    await writeFile(join(folder, 'new.html'), 'new')
    expect(await (await fetch(`${url}new.html`)).text()).toBe('new')
    await writeFile(join(folder, 'new.html'), 'newer')
    expect(await (await fetch(`${url}new.html`)).text()).toBe('newer')
  })

  test('that do not exist are answered with a sentence', async () => {
    const { url } = await start()
    const response = await fetch(`${url}nothing.html`)
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('no such file'),
    ])
  })

  test.each([
    '/../secret.txt',
    '/../public-secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..\\secret.txt',
    '/x/../../secret.txt',
    '//../secret.txt',
    '/.git/config',
    '/%2egit/config',
    '/index.html%00.js',
    'http://baton.test/../../secret.txt',
  ])('[SG6] %s is not found', async (path) => {
    const server = await start()
    expect(
      await statusOf(
        server,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      ),
    ).toBe(404)
  })

  test('[SG6] an address that cannot be decoded is refused', async () => {
    const { url } = await start()
    expect((await fetch(`${url}%c3%28`)).status).toBe(400)
  })

  test.each([
    ['bytes=2-4', 206, '234'],
    ['bytes=2-', 206, '23456789'],
    ['bytes=5-2', 200, '0123456789'],
    ['bytes=-3', 200, '0123456789'],
    ['bytes=a-b', 200, '0123456789'],
    ['bytes=0-1,4-5', 200, '0123456789'],
    ['bytes=99-', 416, ''],
  ])('[SG6] the range %s is answered with %i', async (range, status, body) => {
    const { url } = await start()
    const response = await fetch(`${url}page.js`, { headers: { range } })
    expect([response.status, await response.text()]).toEqual([status, body])
    expect((await fetch(`${url}healthz`)).status).toBe(200)
  })

  test.runIf(process.platform === 'linux')(
    '[SG6] a file that cannot be read costs its own answer only',
    async () => {
      const { url } = await start()
      await fetch(`${url}unreadable.js`).catch(() => 'cut off, as it should be')
      expect((await fetch(`${url}healthz`)).status).toBe(200)
    },
  )
})
