import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PeerId, Term } from '../protocol/ids.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { CONNECT_TIMEOUT_MS } from '../transport/link-limits.ts'
import { PageConnection } from './page-connection.ts'
import { RoomImpl } from './room.ts'

const HOST = 'h'.repeat(22) as PeerId
const JOINED: FromSignaling = {
  type: 'joined',
  members: [{ peer: HOST, term: 1 as Term }],
  claim: { term: 1 as Term, host: HOST },
  hostHere: true,
}

const OWN_SERVER = { urls: 'stun:stun.example' }

/** A socket to signaling, whose other end is the test. */
class FakeSocket extends EventTarget {
  static last: FakeSocket
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null

  constructor() {
    super()
    FakeSocket.last = this
  }

  says(message: FromSignaling): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }

  send(): void {}

  close(): void {}
}

/** A connection that never comes about. */
class FakeConnection {
  constructor(config: RTCConfiguration) {
    configured = config.iceServers
  }

  signalingState = 'stable'
  iceConnectionState = 'new'
  iceGatheringState = 'new'

  createDataChannel(): object {
    return {}
  }

  createOffer(): Promise<never> {
    return new Promise(() => {})
  }

  close(): void {}
}

/** What the last connection was made with. */
let configured: unknown

let room: RoomImpl
let told: string[]

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('RTCPeerConnection', FakeConnection)
  vi.stubGlobal('window', Object.assign(new EventTarget(), { RTCPeerConnection: FakeConnection }))
  vi.stubGlobal('document', Object.assign(new EventTarget(), { baseURI: 'http://a.example/' }))
  vi.stubGlobal('self', { origin: 'http://a.example' })
  vi.stubGlobal('location', new URL('http://a.example/'))
  vi.stubGlobal('navigator', { userAgent: 'test', maxTouchPoints: 0 })
  told = []
  room = new RoomImpl(
    'a token of a test',
    (own) => new PageConnection(own, 'ws://a.example/signal', { iceServers: [OWN_SERVER] }),
  )
  room.on('error', ({ code }) => told.push(code))
  FakeSocket.last.onopen?.()
  FakeSocket.last.says({ type: 'network', hosts: ['10.0.0.7'], stun: ['stun:10.0.0.7:8080'] })
  FakeSocket.last.says(JOINED)
})

afterEach(() => {
  room.giveUp(new Error('the test is over') as never)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('[SG8c] connections use the STUN servers of the network beside those of the app', () => {
  expect(configured).toEqual([OWN_SERVER, { urls: 'stun:10.0.0.7:8080' }])
})

test('an app is told that there is no connection to the host', () => {
  vi.advanceTimersByTime(CONNECT_TIMEOUT_MS - 1_000)
  expect(told).toEqual([])
  vi.advanceTimersByTime(2_000)
  expect(told).toEqual(['unreachable'])
})

test('[SG7c] while signaling is away too, as after a sleep, the app is told of no link that failed', () => {
  vi.advanceTimersByTime(CONNECT_TIMEOUT_MS - 1_000)
  FakeSocket.last.onclose?.()
  vi.advanceTimersByTime(2_000)
  expect(told).toEqual([])
})
