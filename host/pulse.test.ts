import { describe, expect, test } from 'vitest'
import { DEPARTED_PROBE_MS, FOLLOWER_GONE_MS, FOLLOWER_LIMIT_MS } from '../protocol/limits.ts'
import { NO_INDEX, type Index } from '../protocol/ids.ts'
import { Pulse } from './pulse.ts'

const IDLE = { acked: NO_INDEX, hasInFlight: false }
const behind = (acked: number) => ({ acked: acked as Index, hasInFlight: true })

function pulse(): Pulse {
  return new Pulse(NO_INDEX, 0)
}

describe('[LK8] a follower that is not heard', () => {
  test('is silent after its limit, and gone after a longer one', () => {
    const made = pulse()
    expect(made.tick(FOLLOWER_LIMIT_MS, IDLE)).toBe('well')
    expect(made.tick(FOLLOWER_LIMIT_MS + 1, IDLE)).toBe('silent')
    expect(made.tick(FOLLOWER_GONE_MS + 1, IDLE)).toBe('gone')
  })

  test('is well with its first word', () => {
    const made = pulse()
    made.heard(FOLLOWER_LIMIT_MS + 1)
    expect(made.tick(FOLLOWER_LIMIT_MS + 1, IDLE)).toBe('well')
  })
})

describe('[MG4a] no receipt rests on a follower', () => {
  test('that answers, and reports nothing of what it was sent', () => {
    const made = pulse()
    for (const nowMs of [0, FOLLOWER_LIMIT_MS, FOLLOWER_LIMIT_MS + 1]) {
      made.heard(nowMs)
      expect(made.tick(nowMs, behind(0))).toBe('well')
      expect(made.isTrusted).toBe(nowMs <= FOLLOWER_LIMIT_MS)
    }
    made.tick(FOLLOWER_LIMIT_MS + 2, behind(1))
    expect(made.isTrusted).toBe(true)
  })

  test('that reported something before, and then nothing more', () => {
    const made = pulse()
    for (const nowMs of [0, 10, 11 + FOLLOWER_LIMIT_MS]) {
      made.heard(nowMs)
      made.tick(nowMs, behind(nowMs === 0 ? 0 : 1))
    }
    expect(made.isTrusted).toBe(false)
  })

  test('that signaling lost, until it answers the ping of then', () => {
    const made = pulse()
    made.departed(100)
    made.departed(200)
    expect([made.isDeparted, made.isTrusted]).toEqual([true, false])
    made.answered(99)
    expect(made.isTrusted).toBe(false)
    made.answered(100)
    expect([made.isDeparted, made.isTrusted]).toEqual([false, true])
  })
})

test('[MG4a] a receipt rests on a follower that was sent nothing, however long', () => {
  const made = pulse()
  made.heard(FOLLOWER_LIMIT_MS + 1)
  made.tick(FOLLOWER_LIMIT_MS + 1, IDLE)
  expect(made.isTrusted).toBe(true)
})

describe('[SG4] a follower that signaling lost', () => {
  test('is gone where it says nothing more', () => {
    const made = pulse()
    made.departed(100)
    expect(made.tick(100 + DEPARTED_PROBE_MS, IDLE)).toBe('well')
    expect(made.tick(101 + DEPARTED_PROBE_MS, IDLE)).toBe('gone')
  })

  test('stays where it is heard, trusted or not', () => {
    const made = pulse()
    made.departed(100)
    made.heard(101)
    expect(made.tick(101 + DEPARTED_PROBE_MS, IDLE)).toBe('well')
    expect(made.isTrusted).toBe(false)
  })
})
