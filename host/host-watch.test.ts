import { expect, test } from 'vitest'
import {
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_LIMIT_MS,
  PROBE_MAX_MS,
  PROBE_MIN_MS,
} from '../protocol/limits.ts'
import { HostWatch } from './host-watch.ts'

test("before the first answer neither the way nor the host's time is known", () => {
  expect(new HostWatch(0)).toMatchObject({
    roundTripMs: null,
    clockOffsetMs: null,
    probeMs: PROBE_MAX_MS,
  })
})

test('the round trip is smoothed: one slow answer moves it by an eighth', () => {
  const watch = new HostWatch(0)
  watch.pong(100, 0, 140)
  expect(watch.roundTripMs).toBe(40)
  watch.pong(200, 0, 320)
  expect(watch.roundTripMs).toBe(50)
})

test("the host's time is what it said, and half a round trip more", () => {
  const watch = new HostWatch(0)
  watch.pong(1_000, 500_000, 1_040)
  expect(1_040 + watch.clockOffsetMs!).toBe(500_020)
})

test('an answer from before its question, or from long ago, counts within bounds', () => {
  const watch = new HostWatch(0)
  watch.pong(200, 0, 100)
  expect(watch.roundTripMs).toBe(0)
  const late = new HostWatch(0)
  late.pong(0, 0, 60_000)
  expect(late.roundTripMs).toBe(2_000)
})

test('[EL3] a probe waits for two round trips, within its bounds', () => {
  const watch = new HostWatch(0)
  watch.pong(0, 0, 1)
  expect(watch.probeMs).toBe(PROBE_MIN_MS)
  const far = new HostWatch(0)
  far.pong(0, 0, 50)
  expect(far.probeMs).toBe(100)
})

test('[EL3] a ping is due after silence, and now and then all the same', () => {
  const watch = new HostWatch(0)
  expect(watch.duePing(HEARTBEAT_INTERVAL_MS)).toBe(true)
  expect(watch.duePing(HEARTBEAT_INTERVAL_MS + 1)).toBe(false)
  watch.heard(HEARTBEAT_INTERVAL_MS + 1)
  expect(watch.duePing(2 * HEARTBEAT_INTERVAL_MS)).toBe(false)
  expect(watch.duePing(HEARTBEAT_INTERVAL_MS + 1_000)).toBe(true)
})

test('[EL3] silence counts from the limit on, and two round trips later where the way is long', () => {
  const watch = new HostWatch(0)
  expect([watch.isSilent(HEARTBEAT_LIMIT_MS), watch.isSilent(HEARTBEAT_LIMIT_MS + 1)]).toEqual([
    false,
    true,
  ])
  watch.pong(0, 0, 300)
  expect([
    watch.isSilent(HEARTBEAT_LIMIT_MS + 600),
    watch.isSilent(HEARTBEAT_LIMIT_MS + 601),
  ]).toEqual([false, true])
})
