import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { conflate } from './conflate.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first goes at once, then only the newest of each interval', () => {
  const sent: number[] = []
  const soon = conflate<number>((value) => sent.push(value), 33)
  for (let i = 1; i <= 5; i++) soon.offer(i)
  expect(sent).toEqual([1])
  vi.advanceTimersByTime(33)
  expect(sent).toEqual([1, 5])
  vi.advanceTimersByTime(1_000)
  expect(sent).toEqual([1, 5])
  soon.offer(6)
  expect(sent).toEqual([1, 5, 6])
})

test('flush sends what waits now, and only once', () => {
  const sent: number[] = []
  const soon = conflate<number>((value) => sent.push(value), 33)
  soon.offer(1)
  soon.offer(2)
  soon.flush()
  soon.flush()
  vi.advanceTimersByTime(100)
  expect(sent).toEqual([1, 2])
})

test('cancel forgets what waits', () => {
  const sent: number[] = []
  const soon = conflate<number>((value) => sent.push(value), 33)
  soon.offer(1)
  soon.offer(2)
  soon.cancel()
  vi.advanceTimersByTime(100)
  expect(sent).toEqual([1])
})
