import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  DIAL_TIMEOUT_MS,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  SIGNALING_ANSWER_MS,
  SIGNALING_HEARTBEAT_MS,
} from './link-limits.ts'
import { ManualTimers } from './manual-timers.ts'
import { connectSignaling, type SignalingSocket } from './signaling-socket.ts'

class FakeWebSocket {
  static all: FakeWebSocket[] = []
  onopen: (() => void) | null = null
  onclose: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  readonly sent: string[] = []
  isClosed = false
  readonly url: string

  constructor(url: string) {
    if (!url.startsWith('ws')) throw new SyntaxError(`${url} is no URL of a WebSocket`)
    this.url = url
    FakeWebSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.isClosed = true
  }
}

let timers: ManualTimers
let events: string[]
let socket: SignalingSocket
/** Byte 0 is the shortest delay: three quarters of the full one. */
const random = () => Uint8Array.of(0)

const dialed = () => FakeWebSocket.all.at(-1) as FakeWebSocket

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeWebSocket)
  FakeWebSocket.all = []
  timers = new ManualTimers()
  events = []
  socket = connect('ws://service/signal')
})

afterEach(() => vi.unstubAllGlobals())

function connect(url: string): SignalingSocket {
  return connectSignaling({
    dial: () => new WebSocket(url),
    timers,
    random,
    onOpen: () => events.push('open'),
    onClose: () => events.push('close'),
    onMessage: (message) => events.push(message.type),
  })
}

describe('the signaling socket', () => {
  test('tells its openings and closings, and dials again', () => {
    dialed().onopen?.()
    dialed().onclose?.()
    expect(events).toEqual(['open', 'close'])
    timers.advance(RETRY_MIN_MS)
    expect(FakeWebSocket.all.length).toBe(2)
    dialed().onopen?.()
    expect(events).toEqual(['open', 'close', 'open'])
  })

  test('waits longer after each failure, never beyond its limit, for ever', () => {
    const delays: number[] = []
    for (let n = 0; n < 50; n++) {
      const [start, dials] = [timers.now, FakeWebSocket.all.length]
      dialed().onclose?.()
      while (FakeWebSocket.all.length === dials) timers.advance(1)
      delays.push(timers.now - start)
    }
    expect(delays.slice(0, 6)).toEqual([75, 150, 300, 600, 1_200, 1_500])
    expect(Math.max(...delays)).toBeLessThanOrEqual(RETRY_MAX_MS)
    expect(events).toEqual(Array(50).fill('close'))
  })

  test('a service that takes pages in and throws them out is asked ever less often', () => {
    for (let n = 0; n < 10; n++) {
      dialed().onopen?.()
      dialed().onclose?.()
      timers.advance(RETRY_MAX_MS)
    }
    dialed().onclose?.()
    timers.advance(RETRY_MAX_MS / 2)
    expect(FakeWebSocket.all.length).toBe(11)
  })

  test('a connection that lasted starts over with the shortest delay', () => {
    for (let n = 0; n < 5; n++) {
      dialed().onclose?.()
      timers.advance(RETRY_MAX_MS)
    }
    dialed().onopen?.()
    timers.advance(SIGNALING_HEARTBEAT_MS)
    dialed().onclose?.()
    timers.advance(RETRY_MIN_MS)
    expect(FakeWebSocket.all.length).toBe(7)
  })

  test('a dial without an answer is given up', () => {
    const first = dialed()
    timers.advance(DIAL_TIMEOUT_MS + RETRY_MIN_MS)
    expect(first.isClosed).toBe(true)
    expect(FakeWebSocket.all.length).toBe(2)
  })

  /** The service answers the heartbeat that is due. */
  function beat(): void {
    timers.advance(SIGNALING_HEARTBEAT_MS)
    dialed().onmessage?.({ data: '{"type":"heartbeat"}' })
  }

  test('[SG6d] shows that the page runs', () => {
    dialed().onopen?.()
    for (let n = 0; n < 3; n++) beat()
    expect(dialed().sent).toEqual(Array(3).fill('{"type":"heartbeat"}'))
  })

  test('[SG6d] that nothing comes through any more is found dead, told, and replaced', () => {
    dialed().onopen?.()
    beat()
    const dead = dialed()
    timers.advance(SIGNALING_HEARTBEAT_MS + SIGNALING_ANSWER_MS - 1)
    expect([events.at(-1), dead.isClosed]).toEqual(['heartbeat', false])
    timers.advance(1)
    expect([events.at(-1), dead.isClosed]).toEqual(['close', true])
    timers.advance(RETRY_MIN_MS)
    expect(FakeWebSocket.all.length).toBe(2)
    dialed().onopen?.()
    expect(events.at(-1)).toBe('open')
  })

  test('[SG6d] lives as long as a busy service says anything at all', () => {
    dialed().onopen?.()
    timers.advance(SIGNALING_HEARTBEAT_MS + SIGNALING_ANSWER_MS - 1)
    dialed().onmessage?.({ data: '{"type":"challenge","term":3}' })
    timers.advance(SIGNALING_HEARTBEAT_MS)
    expect(dialed().sent).toHaveLength(2)
    expect(events).toEqual(['open', 'challenge'])
  })

  test('drops what is sent while it is not open', () => {
    socket.send({ type: 'bye' })
    dialed().onopen?.()
    expect(dialed().sent).toEqual([])
    socket.send({ type: 'bye' })
    expect(dialed().sent).toEqual(['{"type":"bye"}'])
  })

  test("passes on the service's messages and nothing else", () => {
    dialed().onopen?.()
    for (const data of [
      '{"type":"challenge","term":3}',
      '{"type":"challenge"}',
      'rubbish',
      new ArrayBuffer(3),
      '{"type":"novelty"}',
    ])
      dialed().onmessage?.({ data })
    expect(events).toEqual(['open', 'challenge'])
  })

  test('ends when it is closed, without a word', () => {
    dialed().onopen?.()
    socket.close()
    socket.close()
    socket.send({ type: 'bye' })
    timers.advance(60_000)
    expect(dialed().isClosed).toBe(true)
    expect(FakeWebSocket.all.length).toBe(1)
    expect(timers.waiting).toBe(0)
    expect(events).toEqual(['open'])
  })

  test('ends when it is closed inside its own events', () => {
    const own = connectSignaling({
      dial: () => new WebSocket('ws://service'),
      timers,
      random,
      onOpen: () => own.close(),
      onClose() {},
      onMessage() {},
    })
    const first = dialed()
    first.onopen?.()
    expect(first.isClosed).toBe(true)
    socket.close()
    expect(timers.waiting).toBe(0)
  })

  test('an address that is none is told at once', () => {
    expect(() => connect('nowhere')).toThrow('nowhere')
  })
})
