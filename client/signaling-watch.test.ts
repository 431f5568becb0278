import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BatonError } from '../protocol/errors.ts'
import type { FromSignaling, SignalingErrorCode } from '../protocol/signals.ts'
import { ManualTimers } from '../transport/manual-timers.ts'
import { SIGNALING_PATIENCE_MS, SignalingWatch } from './signaling-watch.ts'

const URL_OF_SERVICE = 'ws://a.example/signal'
const JOINED = { type: 'joined', members: [], claim: null, hostHere: false } as const
const error = (code: SignalingErrorCode): FromSignaling => ({ type: 'error', code, message: code })

let timers: ManualTimers
let told: string[]
let watch: SignalingWatch
/** Lets the address answer. */
let answer: () => void
/** How often it was asked. */
let asked: number

class Socket extends EventTarget {
  readonly url: string

  constructor(url: string) {
    if (url.includes('forbidden')) throw new DOMException('Not over https.', 'SecurityError')
    super()
    this.url = url
  }
}

beforeEach(() => {
  asked = 0
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  vi.stubGlobal('WebSocket', Socket)
  vi.stubGlobal('document', Object.assign(new EventTarget(), { baseURI: 'http://a.example/' }))
  vi.stubGlobal('self', { origin: 'http://a.example' })
  vi.stubGlobal('fetch', async (url: string) => {
    asked += 1
    await answered
    return { headers: new Headers(), redirected: false, status: 404, text: async () => '', url }
  })
  timers = new ManualTimers()
  told = []
  watch = new SignalingWatch(URL_OF_SERVICE, timers, (message) => told.push(message))
})

afterEach(() => vi.unstubAllGlobals())

const fails = () => watch.dial().dispatchEvent(new Event('close'))

/** The app is told once, and of this, when two more dials had their time. The patience of 3 s may still run. */
async function expectTold(pattern: RegExp, isPatient = true): Promise<void> {
  answer()
  await vi.waitFor(() => expect(timers.waiting).toBe(isPatient ? 2 : 1))
  expect(told).toEqual([])
  timers.advance(500)
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(pattern)
}

/** All that is asked has been answered, and nothing was told. */
async function expectSilence(): Promise<void> {
  answer()
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  timers.advance(60_000)
  expect(told).toEqual([])
}

describe('[SG7b] the app is told once', () => {
  test('after the first dial that failed, with the address, the cause and what to do', async () => {
    fails()
    await expectTold(
      /^There is no signaling at ws:\/\/a\.example\/signal: what answers \(404\) .* Baton keeps trying\.$/,
    )
    fails()
    timers.advance(60_000)
    expect([asked, told.length]).toEqual([1, 1])
  })

  test('after 3 s without a word', async () => {
    watch.dial()
    timers.advance(SIGNALING_PATIENCE_MS - 1)
    expect(asked).toBe(0)
    timers.advance(1)
    await expectTold(/404/, false)
  })

  test('of a policy of the page, where that is the cause', async () => {
    document.dispatchEvent(
      Object.assign(new Event('securitypolicyviolation'), { effectiveDirective: 'connect-src' }),
    )
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    fails()
    await expectTold(/Content-Security-Policy/)
  })
})

describe('[SG7c] the app is told nothing', () => {
  test('of a service that answers meanwhile', async () => {
    fails()
    watch.heard(JOINED)
    await expectSilence()
  })

  test('of a service that answers one of the next two dials', async () => {
    fails()
    answer()
    await vi.waitFor(() => expect(timers.waiting).toBe(2))
    timers.advance(499)
    watch.heard(JOINED)
    await expectSilence()
  })

  test('of an address that has worked: Baton dials again by itself', async () => {
    const socket = watch.dial()
    watch.heard(JOINED)
    socket.dispatchEvent(new Event('close'))
    fails()
    timers.advance(60_000)
    await expectSilence()
    expect(asked).toBe(0)
  })

  test('once the room has ended', async () => {
    fails()
    watch.end()
    await expectSilence()
  })

  test.each<SignalingErrorCode>([
    'idle',
    'no-peer',
    'no-relay',
    'replaced',
    'shutting-down',
    'slow-down',
  ])('of the refusal %s, from which Baton goes on by itself', (code) => {
    watch.heard(error(code))
    expect(told).toEqual([])
  })
})

test('[SG7c] a refusal is told once, and again after the service has let the page in', () => {
  for (let dial = 0; dial < 3; dial++) watch.heard(error('room-full'))
  expect(told).toEqual(['room-full'])
  watch.heard(error('too-many-joins'))
  watch.heard(JOINED)
  watch.heard(error('room-full'))
  expect(told).toEqual(['room-full', 'too-many-joins', 'room-full'])
})

test('[SG7a] an address that the browser forbids is a BatonError that says what to do', () => {
  const forbidden = new SignalingWatch('ws://forbidden.example/signal', timers, () => {})
  expect(() => forbidden.dial()).toThrow(BatonError)
  expect(() => forbidden.dial()).toThrow(/forbidden\.example.* Not over https\..*`signaling` URL/)
})
