import { describe, expect, test } from 'vitest'
import { LAG_BYTES_MAX, LAG_ENTRIES_MAX } from '../protocol/limits.ts'
import type { Index } from '../protocol/ids.ts'
import { Progress } from './progress.ts'

const at = (index: number) => index as Index

describe('[LK8] a follower lags', () => {
  test('where too many entries are on their way', () => {
    const progress = new Progress(at(10), true)
    progress.sent(at(10 + LAG_ENTRIES_MAX), 1, at(10))
    expect(progress.lags).toBe(false)
    progress.sent(at(11 + LAG_ENTRIES_MAX), 1, at(10))
    expect(progress.lags).toBe(true)
    progress.reported(at(11), true)
    expect(progress.lags).toBe(false)
  })

  test('where too many bytes are on their way', () => {
    const progress = new Progress(at(0), true)
    progress.sent(at(1), LAG_BYTES_MAX, at(0))
    progress.sent(at(2), 1, at(0))
    expect(progress.lags).toBe(true)
    progress.reported(at(1), true)
    expect([progress.lags, progress.hasInFlight]).toEqual([false, true])
    progress.reported(at(2), true)
    expect(progress.hasInFlight).toBe(false)
  })
})

test('[LK8] a follower that was cut off may resume once it has reported all that was sent', () => {
  const progress = new Progress(at(0), true)
  progress.sent(at(5), 1, at(0))
  expect(progress.mayResume).toBe(false)
  progress.cutOff()
  progress.reported(at(4), true)
  expect([progress.isLive, progress.mayResume]).toEqual([false, false])
  progress.reported(at(5), true)
  expect(progress.mayResume).toBe(true)
  progress.resumed(at(5), at(9))
  expect([progress.isLive, progress.mayResume]).toEqual([true, false])
})

test('[MG4] a report beyond what was sent is not believed, and none takes one back', () => {
  const progress = new Progress(at(3), true)
  progress.reported(at(9), true)
  expect(progress.acked).toBe(3)
  progress.reported(at(1), true)
  expect(progress.acked).toBe(3)
})

test('a follower that starts over is at the end of the log, and without streams until it reports them', () => {
  const progress = new Progress(at(0), true)
  progress.startedOver(at(7))
  expect([progress.acked, progress.isLive, progress.isComplete]).toEqual([7, true, false])
  progress.reported(at(7), true)
  expect(progress.isComplete).toBe(true)
})

describe('[MG4b] a follower awaits word of what became stable', () => {
  test('where its own op is not stable as far as it was told, and no longer', () => {
    const progress = new Progress(at(0), true)
    expect(progress.awaits(at(3))).toBe(false)
    progress.authored(at(3))
    expect([progress.awaits(at(0)), progress.awaits(at(2))]).toEqual([false, true])
    progress.told(at(2))
    expect([progress.awaits(at(2)), progress.awaits(at(3))]).toEqual([false, true])
    progress.told(at(3))
    expect(progress.awaits(at(4))).toBe(false)
  })

  test('only in the live flow', () => {
    const progress = new Progress(at(0), true)
    progress.authored(at(3))
    progress.cutOff()
    expect(progress.awaits(at(3))).toBe(false)
  })
})
