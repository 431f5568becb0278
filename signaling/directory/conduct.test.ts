import { expect, test } from 'vitest'
import { Conduct, Flow } from './conduct.ts'
import {
  BAD_FRAMES_MAX,
  BAD_FRAMES_WINDOW_MS,
  BYTES_BURST,
  MESSAGES_BURST,
  MESSAGES_PER_SECOND,
  OWN_RELAY_BYTES_PER_SECOND,
  RELAY_BURST_SECONDS,
  RELAY_MESSAGE_BYTES,
  RELAY_OVERDRAFT_BYTES,
  SLOW_DOWN_GRACE_MS,
} from './service-limits.ts'

const RELAY_RATE = 100_000

/** Conduct after a burst that used up all it may. */
function exhausted(): Conduct {
  const conduct = new Conduct(new Flow(64, 0), RELAY_RATE, 0)
  for (let i = 0; i < MESSAGES_BURST; i++) expect(conduct.frame(100, 0)).toEqual({ type: 'pass' })
  return conduct
}

test('[SG6] a burst passes, and then so many messages a second', () => {
  const conduct = exhausted()
  for (let second = 1; second <= 3; second++) {
    for (let i = 0; i < MESSAGES_PER_SECOND; i++)
      expect(conduct.frame(100, second * 1_000)).toEqual({ type: 'pass' })
  }
})

test('[SG6] the first excess is warned of, what was on its way is dropped, the next closes', () => {
  const conduct = exhausted()
  expect(conduct.frame(100, 0)).toEqual({ type: 'warn' })
  for (let i = 0; i < 1_000; i++) expect(conduct.frame(100, 1)).toEqual({ type: 'drop' })
  for (let i = 0; i < MESSAGES_PER_SECOND; i++)
    expect(conduct.frame(100, 1_001)).toEqual({ type: 'pass' })
  expect(conduct.frame(100, 1_001)).toEqual({ type: 'expel' })
})

test('[SG6] a warning is forgotten after a minute', () => {
  const conduct = exhausted()
  conduct.frame(100, 0)
  for (let i = 0; i < MESSAGES_BURST; i++) conduct.frame(100, 60_001)
  expect(conduct.frame(100, 60_001)).toEqual({ type: 'warn' })
})

test('[SG6] bytes count as messages do', () => {
  const conduct = new Conduct(new Flow(64, 0), RELAY_RATE, 0)
  expect(conduct.frame(BYTES_BURST, 0)).toEqual({ type: 'pass' })
  expect(conduct.frame(1, 0)).toEqual({ type: 'warn' })
})

test('[SG6] a few bad frames are tolerated, as many again after a while', () => {
  const conduct = new Conduct(new Flow(64, 0), RELAY_RATE, 0)
  for (let i = 1; i < BAD_FRAMES_MAX; i++) expect(conduct.toleratesBadFrame(0)).toBe(true)
  for (let i = 1; i < BAD_FRAMES_MAX; i++)
    expect(conduct.toleratesBadFrame(BAD_FRAMES_WINDOW_MS)).toBe(true)
  expect(conduct.toleratesBadFrame(BAD_FRAMES_WINDOW_MS)).toBe(false)
})

test('[SG5] relayed packets have an allowance of their own', () => {
  const conduct = exhausted()
  expect(conduct.relay(10_000, 0)).toEqual({ type: 'pass' })
  for (let i = 0; i < 1_000; i++) conduct.relay(10_000, 0)
  const other = new Conduct(new Flow(64, 0), RELAY_RATE, 0)
  other.relay(RELAY_RATE * RELAY_BURST_SECONDS, 0)
  expect(other.frame(100, 0)).toEqual({ type: 'pass' })
})

test('[SG5] packets to a peer of the gateway have another, and a larger one', () => {
  const conduct = exhausted()
  for (let i = 0; i < 1_000; i++) conduct.relay(10_000, 0)
  expect(conduct.relay(10_000, 0)).not.toEqual({ type: 'pass' })
  for (let sent = 0; sent < OWN_RELAY_BYTES_PER_SECOND; sent += 64 * 1024)
    expect(conduct.relay(64 * 1024, 0, true)).toEqual({ type: 'pass' })
})

test('[SG5] a link that relays too much is told how long to pause, and loses nothing that was on its way', () => {
  const conduct = new Conduct(new Flow(64, 0), RELAY_RATE, 0)
  expect(conduct.relay(RELAY_RATE * RELAY_BURST_SECONDS - RELAY_MESSAGE_BYTES, 0)).toEqual({
    type: 'pass',
  })
  expect(conduct.relay(20_000 - RELAY_MESSAGE_BYTES, 0)).toEqual({ type: 'pause', ms: 200 })
  expect(conduct.relay(20_000 - RELAY_MESSAGE_BYTES, 0)).toEqual({ type: 'pause', ms: 400 })
  expect(conduct.relay(10_000 - RELAY_MESSAGE_BYTES, 500)).toEqual({ type: 'pass' })
})

test('[SG5] a link that pauses when it is told to is never warned, for as long as it goes on', () => {
  const conduct = new Conduct(new Flow(64, 0), RELAY_RATE, 0)
  let nowMs = 0
  for (let packet = 0; packet < 2_000; packet++) {
    const verdict = conduct.relay(30_000, nowMs)
    if (verdict.type === 'pause') nowMs += verdict.ms
    else expect(verdict).toEqual({ type: 'pass' })
  }
  expect(nowMs).toBeGreaterThan(500_000)
})

test('[SG5] a link that does not pause is warned, then closed', () => {
  const conduct = new Conduct(new Flow(64, 0), RELAY_RATE, 0)
  const flood = (nowMs: number) => {
    for (let sent = 0; sent < 2 * RELAY_RATE + RELAY_OVERDRAFT_BYTES; sent += 10_000) {
      const verdict = conduct.relay(10_000, nowMs)
      if (verdict.type !== 'pause' && verdict.type !== 'pass') return verdict
    }
    return conduct.relay(10_000, nowMs)
  }
  expect(flood(0)).toEqual({ type: 'warn' })
  expect(flood(1)).toEqual({ type: 'drop' })
  expect(flood(SLOW_DOWN_GRACE_MS + 1)).toEqual({ type: 'expel' })
})
