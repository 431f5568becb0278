// Owns a page's Clock: monotonic time, and one alarm over Timers.

import type { Clock, Timers } from './clock.ts'

/** The wall clock is corrected by less at a time; a page looks several times a second while it runs. */
const SLEPT_MS_MIN = 1_000

type Alarm = { readonly at: number; readonly call: () => void }

/**
 * An alarm that is put off, as happens with every frame that comes in, costs nothing: the timer that runs
 * already looks at it when it fires.
 */
export function browserClock(timers: Timers): Clock {
  let alarm: Alarm | null = null
  let armedAt = Infinity
  let disarm = () => {}

  /** What performance.now() left out, which stands still in some browsers while the machine sleeps. */
  let sleptMs = 0
  let aheadMs = Date.now() - performance.timeOrigin - performance.now()

  // Since the epoch, so that a host's clock means something to others, and yet never set back.
  function now(): number {
    const monotonicMs = performance.timeOrigin + performance.now()
    const nowAheadMs = Date.now() - monotonicMs
    if (nowAheadMs - aheadMs > SLEPT_MS_MIN) sleptMs += nowAheadMs - aheadMs
    aheadMs = nowAheadMs
    return Math.floor(monotonicMs + sleptMs)
  }

  function arm(at: number): void {
    disarm()
    armedAt = at
    disarm = timers.after(Math.max(0, at - now()), fired)
  }

  function fired(): void {
    armedAt = Infinity
    if (alarm === null) return
    if (now() < alarm.at) return arm(alarm.at)
    const { call } = alarm
    alarm = null
    call()
  }

  return {
    now,
    wakeAt(at, call) {
      alarm = { at, call }
      if (at < armedAt) arm(at)
    },
    cancel() {
      alarm = null
    },
  }
}
