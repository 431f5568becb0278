import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { FromSignaling } from '../protocol/signals.ts'
import {
  ADDRESS_WINDOW_MS,
  STUN_PER_ADDRESS_PER_MINUTE_MAX,
  STUN_PER_MINUTE_MAX,
  STUN_SERVERS_MAX,
} from './directory/service-limits.ts'
import { networkNews } from './network-news.ts'
import { startServer, type RunningServer, type ServerOptions } from './server.ts'
import { PageSocket } from './socket-scene.ts'
import { StunDesk } from './stun-server.ts'

const REQUEST = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')

const from = (address: string) => ({ address, port: 5_000 }) as RemoteInfo

describe('[SG8c] the desk', () => {
  test('answers who is in a private network or on this machine, and nobody else', () => {
    const desk = new StunDesk()
    for (const address of ['192.168.1.5', '127.0.0.1', 'fe80::1%eth0'])
      expect(desk.answer(REQUEST, from(address), 0)).not.toBeNull()
    for (const address of ['8.8.8.8', '2001:db8::1', ''])
      expect(desk.answer(REQUEST, from(address), 0)).toBeNull()
  })

  test('answers an address so often a minute, and others meanwhile', () => {
    const desk = new StunDesk()
    const answered = (address: string, nowMs: number) =>
      desk.answer(REQUEST, from(address), nowMs) !== null
    for (let n = 0; n < STUN_PER_ADDRESS_PER_MINUTE_MAX; n++)
      expect(answered('10.0.0.1', 0)).toBe(true)
    expect(answered('10.0.0.1', 0)).toBe(false)
    expect(answered('10.0.0.2', 0)).toBe(true)
    expect(answered('10.0.0.1', ADDRESS_WINDOW_MS)).toBe(true)
  })

  test('answers so many in a minute, whatever addresses a flood makes up', () => {
    const desk = new StunDesk()
    let answers = 0
    for (let n = 0; n < STUN_PER_MINUTE_MAX + 5_000; n++) {
      const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
      if (desk.answer(REQUEST, from(address), 0) !== null) answers += 1
    }
    expect(answers).toBe(STUN_PER_MINUTE_MAX)
  })

  test('a flood of nonsense costs honest pages nothing', () => {
    const desk = new StunDesk()
    for (let n = 0; n < 2 * STUN_PER_ADDRESS_PER_MINUTE_MAX; n++)
      desk.answer(REQUEST.subarray(1), from('10.0.0.1'), 0)
    expect(desk.answer(REQUEST, from('10.0.0.1'), 0)).not.toBeNull()
  })
})

describe('[SG8] a page is told', () => {
  const network = { hosts: ['192.168.1.5', '10.0.0.7', '10.8.0.2'], stunPort: 8_080 }

  test('where others reach the service, and of STUN first where it came to itself', () => {
    expect(networkNews(network, { far: '10.0.0.9', near: '10.0.0.7' })).toEqual({
      type: 'network',
      hosts: network.hosts,
      stun: ['stun:10.0.0.7:8080', 'stun:192.168.1.5:8080'],
    })
    const onMachine = networkNews(network, { far: '127.0.0.1', near: '127.0.0.1' })
    expect(onMachine?.stun).toEqual(['stun:192.168.1.5:8080', 'stun:10.0.0.7:8080'])
    expect(onMachine?.stun.length).toBeLessThanOrEqual(STUN_SERVERS_MAX)
  })

  test('of no STUN where none is answered', () => {
    const told = networkNews({ ...network, stunPort: null }, { far: '10.0.0.9', near: '10.0.0.7' })
    expect(told).toMatchObject({ hosts: network.hosts, stun: [] })
  })

  test('nothing where it comes from the internet', () => {
    expect(networkNews(network, { far: '8.8.8.8', near: '10.0.0.7' })).toBeNull()
    expect(networkNews(network, { far: '2001:db8:0:0::/64', near: '10.0.0.7' })).toBeNull()
  })
})

describe('[SG8] a service', () => {
  let server: RunningServer

  afterEach(() => server.close())

  /** What a page of this machine is told first when it joins. */
  async function firstWord(options: ServerOptions): Promise<FromSignaling> {
    server = await startServer({ port: 0, ...options })
    return PageSocket.firstWord(server.url)
  }

  /** The answer of the service's own port over UDP. */
  async function ask(): Promise<Buffer> {
    const socket = createSocket('udp4')
    socket.send(REQUEST, server.port, '127.0.0.1')
    const [answer] = (await once(socket, 'message')) as [Buffer]
    expect(answer.readUInt16BE(26) ^ 0x2112).toBe((socket.address() as AddressInfo).port)
    socket.close()
    return answer
  }

  test('with lan tells the network before it lets a page in, and answers STUN at its own port', async () => {
    const told = await firstWord({ lan: true })
    const hosts = server.urls.slice(1).map((url) => new URL(url).hostname)
    expect(told).toEqual({
      type: 'network',
      hosts,
      stun: hosts.slice(0, STUN_SERVERS_MAX).map((host) => `stun:${host}:${server.port}`),
    })
    expect(await ask()).toHaveLength(32)
  })

  test('with lan and without STUN tells the hosts alone', async () => {
    expect(await firstWord({ lan: true, stun: false })).toMatchObject({ type: 'network', stun: [] })
  })

  test('without lan tells nothing', async () => {
    expect(await firstWord({})).toMatchObject({ type: 'joined' })
  })

  test('goes on without STUN where its port is taken over UDP, and says so', async () => {
    const socket = createSocket('udp4').bind(0, '0.0.0.0')
    await once(socket, 'listening')
    const { port } = socket.address()
    const lines: string[] = []
    const log = (level: string, line: string) => {
      lines.push(`${level} ${line}`)
    }
    expect(await firstWord({ lan: true, port, log })).toMatchObject({ type: 'network', stun: [] })
    expect(lines.join()).toMatch(
      /ERROR STUN is not answered \(UDP port \d+: .*EADDRINUSE.*--no-stun/,
    )
    socket.close()
  })
})
