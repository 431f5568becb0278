import { afterEach, describe, expect, test } from 'vitest'
import type { FromSignaling } from '../protocol/signals.ts'
import { RELAY_OVERDRAFT_BYTES } from './directory/service-limits.ts'
import { refusal } from './directory/refusals.ts'
import { peerId, DirectoryScene } from './directory/directory-scene.ts'
import { startServer, type RunningServer, type ServerOptions } from './server.ts'
import { PageSocket, peerId as pageId } from './socket-scene.ts'

const packetFor = (name: string, idOf = peerId) =>
  ({ type: 'relay', to: idOf(name), session: 's', box: 'b' }) as const

describe('[SG5] a packet of a relayed link', () => {
  test('is passed on with its sender', () => {
    const { a, b } = new DirectoryScene().room('a', 'b')
    a.send(packetFor('b'))
    expect(b.heard()).toEqual([{ type: 'relay', from: a.peer, session: 's', box: 'b' }])
    expect(a.heard()).toEqual([])
  })

  test('for nobody here, or for its sender, is answered', () => {
    const { a } = new DirectoryScene().room('a', 'b')
    a.send(packetFor('c'))
    a.send(packetFor('a'))
    expect(a.heard()).toEqual([refusal('no-peer'), refusal('no-peer')])
  })

  test('goes nowhere once the operator has switched relaying off, and pages are told so', () => {
    const scene = new DirectoryScene({ relay: false })
    const { a, b } = scene.room('a', 'b')
    a.send(packetFor('b'))
    expect(b.heard()).toEqual([])
    expect(a.heard()).toEqual([refusal('no-relay')])
    expect(scene.join('c').heard()).toMatchObject([{ type: 'joined', relay: false }])
  })
})

describe('[SG5] over real sockets', () => {
  let server: RunningServer

  afterEach(() => server.close())

  async function twoPages(options: ServerOptions = {}): Promise<readonly [PageSocket, PageSocket]> {
    server = await startServer({ port: 0, ...options })
    const a = await PageSocket.join(server.url, 'a')
    const b = await PageSocket.join(server.url, 'b')
    await a.next()
    return [a, b]
  }

  const large = { ...packetFor('b', pageId), box: 'b'.repeat(30_000) }

  test('who relays too much is told to pause, and nothing of it is lost', async () => {
    const [a, b] = await twoPages({ relayBytesPerSecond: 100_000 })
    for (let n = 0; n < 10; n++) a.send(large)
    const paused = await a.next()
    expect(paused.type).toBe('pause')
    expect((paused as FromSignaling & { type: 'pause' }).ms).toBeGreaterThan(0)
    for (let n = 0; n < 10; n++)
      expect(await b.next()).toMatchObject({ type: 'relay', from: pageId('a') })
    a.send({ type: 'signal', to: pageId('b'), attempt: 'x', box: 'y' })
    expect(await b.next()).toMatchObject({ type: 'signal' }) // its own allowance is untouched
  })

  test('who does not pause is warned, then closed', async () => {
    const [a] = await twoPages({ relayBytesPerSecond: 1_000 })
    for (let sent = 0; sent < 2 * RELAY_OVERDRAFT_BYTES; sent += 30_000) a.send(large)
    await a.until((message) => message.type === 'error' && message.code === 'slow-down')
    const closed = a.closed
    const flood = setInterval(() => a.send(large), 20)
    expect(await closed).toBe(1008)
    clearInterval(flood)
  })

  test('what only looks like a relayed packet draws no allowance of theirs', async () => {
    const [a] = await twoPages()
    a.socket.send('{"type":"relay","type":"heartbeat"}')
    expect(await a.next()).toEqual(refusal('bad-shape'))
  })
})
