import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { attach, type Attached, type AttachOptions } from './attach.ts'
import { PageSocket, upgradeRequest, Wire } from './socket-scene.ts'

let server: Server
let attached: Attached
let url: string

/** A server of an app, as a framework makes one. */
beforeEach(async () => {
  server = createServer((request, response) => response.end(`the app at ${request.url}`))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterEach(async () => {
  attached.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function attachTo(options?: AttachOptions): void {
  attached = attach(server, options)
}

const textAt = async (path: string) => (await fetch(url + path)).text()

describe('signaling that is attached to a server', () => {
  test('introduces pages, and leaves every other request to the app', async () => {
    attachTo()
    await PageSocket.join(url, 'a')
    expect(await textAt('')).toBe('the app at /')
    expect(await textAt('signals')).toBe('the app at /signals')
    const answer = await fetch(`${url}signal`)
    expect([answer.status, answer.headers.has('baton')]).toEqual([426, true])
  })

  test('is at the paths that it is given, and nowhere else', async () => {
    attachTo({ path: ['/a/signal', '/b/signal'] })
    await PageSocket.join(`${url}a/`, 'a')
    await PageSocket.join(`${url}b/`, 'b')
    expect(await textAt('signal')).toBe('the app at /signal')
  })

  test("goes well with the app's own sockets, which refuse others, added before or after", async () => {
    const before = new WebSocketServer({ server, path: '/before' })
    attachTo()
    const after = new WebSocketServer({ server, path: '/after' })
    await PageSocket.join(url, 'a')
    after.close()
    const own = new WebSocket(`${url.replace('http', 'ws')}before`)
    await once(own, 'open')
    own.close()
    before.close()
  })

  test('refuses other sockets where nobody else takes any', async () => {
    attachTo()
    const answer = await new Wire(url).answer(upgradeRequest({ request: 'GET /chat HTTP/1.1' }))
    expect(answer).toMatch(/^HTTP\/1\.1 404 [^]*no WebSockets/)
  })

  test('[SG6b] lets in only pages of the origins that it is given', async () => {
    attachTo({ origins: ['https://game.example'] })
    await PageSocket.open(url, { origin: 'https://game.example' })
    expect(await new PageSocket(url, { origin: 'https://a.example' }).closed).toBe(1006)
  })

  test('tells its pages when it is closed, and is gone then; the app stays', async () => {
    attachTo()
    const page = await PageSocket.join(url, 'a')
    attached.close()
    expect(await page.next()).toMatchObject({ type: 'error', code: 'shutting-down' })
    expect(await page.closed).toBe(1001)
    expect(await textAt('signal')).toBe('the app at /signal')
  })

  test.each([
    [{ path: 'signal' }, '"signal" is not a path for signaling'],
    [{ origins: ['game.example'] }, '"game.example" is not an origin'],
  ])('refuses what cannot work: %j', (options, sentence) => {
    attachTo()
    expect(() => attach(server, options)).toThrow(sentence)
  })
})

describe('[SG8] with lan, where others reach the server', () => {
  beforeEach(() => new Promise<void>((resolve) => server.close(() => resolve())))

  /** The server of the app, at another address. */
  async function listenAt(host: string): Promise<void> {
    await once(server.listen(0, host), 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  test.each(['already', 'later'])(
    'pages are told, and STUN is answered: it listens %s',
    async (when) => {
      if (when === 'already') await listenAt('0.0.0.0')
      attachTo({ lan: true })
      if (when === 'later') await listenAt('0.0.0.0')
      await vi.waitFor(async () =>
        expect(await PageSocket.firstWord(url)).toMatchObject({ type: 'network' }),
      )
      const { port } = new URL(url)
      const taken = createSocket('udp4')
      await expect(bound(taken, Number(port))).rejects.toThrow('EADDRINUSE')
      attached.close()
      await bound(createSocket('udp4').unref(), Number(port))
    },
  )

  test('this machine alone is told nothing', async () => {
    await listenAt('127.0.0.1')
    attachTo({ lan: true })
    expect(await PageSocket.firstWord(url)).toMatchObject({ type: 'joined' })
  })

  test('nor are pages without lan', async () => {
    await listenAt('0.0.0.0')
    attachTo()
    expect(await PageSocket.firstWord(url)).toMatchObject({ type: 'joined' })
  })
})

function bound(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, '0.0.0.0', resolve)
  })
}
