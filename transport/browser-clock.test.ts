import { beforeEach, expect, test, vi } from 'vitest'
import { browserClock } from './browser-clock.ts'
import type { Clock } from './clock.ts'
import { ManualTimers } from './manual-timers.ts'

let timers: ManualTimers
let clock: Clock
let rung: string[]
/** How far the wall clock is ahead. */
let wallMs: number

beforeEach(() => {
  timers = new ManualTimers()
  vi.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(0)
  vi.spyOn(performance, 'now').mockImplementation(() => timers.now + 0.9)
  wallMs = 0
  vi.spyOn(Date, 'now').mockImplementation(() => timers.now + wallMs)
  clock = browserClock(timers)
  rung = []
})

const ring = (name: string) => () => rung.push(`${name} at ${clock.now()}`)

test('time is whole milliseconds', () => {
  timers.advance(7)
  expect(clock.now()).toBe(7)
})

test('[EL6f] time goes on while the machine sleeps, though the monotonic clock stands still', () => {
  timers.advance(7)
  expect(clock.now()).toBe(7)
  wallMs += 60_000
  expect(clock.now()).toBe(60_007)
  timers.advance(3)
  expect(clock.now()).toBe(60_010)
})

test('time is never set back, and a corrected wall clock does not move it', () => {
  for (const ms of [-60_000, 900, -900]) {
    wallMs += ms
    expect(clock.now()).toBe(0)
  }
})

test('the alarm rings once, when its time has come', () => {
  clock.wakeAt(100, ring('alarm'))
  timers.advance(99)
  expect(rung).toEqual([])
  timers.advance(1_000)
  expect(rung).toEqual(['alarm at 100'])
})

test('an alarm in the past rings at once, not inside the call', () => {
  timers.advance(50)
  clock.wakeAt(10, ring('alarm'))
  expect(rung).toEqual([])
  timers.advance(0)
  expect(rung).toEqual(['alarm at 50'])
})

test('a second alarm replaces the first, earlier or later', () => {
  clock.wakeAt(100, ring('first'))
  clock.wakeAt(50, ring('earlier'))
  timers.advance(200)
  clock.wakeAt(300, ring('second'))
  clock.wakeAt(400, ring('later'))
  timers.advance(200)
  expect(rung).toEqual(['earlier at 50', 'later at 400'])
})

test('putting an alarm off again and again takes one timer', () => {
  for (let n = 0; n < 1_000; n++) clock.wakeAt(100 + n, ring('alarm'))
  expect(timers.waiting).toBe(1)
  timers.advance(2_000)
  expect(rung).toEqual(['alarm at 1099'])
})

test('an alarm may be set again from its own call', () => {
  clock.wakeAt(10, () => clock.wakeAt(20, ring('next')))
  timers.advance(30)
  expect(rung).toEqual(['next at 20'])
})

test('a cancelled alarm is silent', () => {
  clock.wakeAt(10, ring('alarm'))
  clock.cancel()
  timers.advance(30)
  expect(rung).toEqual([])
})
