// Owns a page's Clock: monotonic time, and one alarm over Timers.

import type { Clock, Timers } from './clock.ts'

type Alarm = { readonly at: number; readonly call: () => void }

/**
 * An alarm that is put off, as happens with every frame that comes in, costs nothing: the timer that runs
 * already looks at it when it fires.
 */
export function browserClock(timers: Timers): Clock {
  let alarm: Alarm | null = null
  let armedAt = Infinity
  let disarm = () => {}

  // Since the epoch, so that a host's clock means something to others, and yet never set back.
  const now = () => Math.floor(performance.timeOrigin + performance.now())

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
