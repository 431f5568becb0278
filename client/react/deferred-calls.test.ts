import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DeferredCalls } from './deferred-calls.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('calls wait for an object, and come to it in their order', async () => {
  const calls = new DeferredCalls<string[]>()
  calls.begin()
  const made = [1, 2].map((n) => calls.call(async (log) => void log.push(`early ${n}`)))
  const log: string[] = []
  calls.attach(log)
  void calls.call(async (log) => void log.push('late'))
  await Promise.all(made)
  expect(log).toEqual(['early 1', 'early 2', 'late'])
})

test('what waits when its component goes for good is rejected as closed; a double mount lets it wait on', async () => {
  const calls = new DeferredCalls<string[]>()
  calls.begin()
  const waiting = calls.call(async (log) => void log.push('waited'))
  calls.end()
  calls.begin()
  vi.runAllTimers()
  const log: string[] = []
  calls.attach(log)
  await waiting
  expect(log).toEqual(['waited'])
  calls.detach()
  const lost = calls.call(async () => {})
  calls.end()
  vi.runAllTimers()
  await expect(lost).rejects.toMatchObject({ code: 'closed' })
  await expect(calls.call(async () => {})).rejects.toMatchObject({ code: 'closed' })
})

test('only what is closed goes unheard without being reported', async () => {
  const reported: unknown[] = []
  const hear = (reason: unknown) => reported.push(reason)
  process.on('unhandledRejection', hear)
  vi.useRealTimers()
  const calls = new DeferredCalls<object>()
  void calls.call(async () => {})
  calls.end()
  await new Promise((resolve) => setTimeout(resolve))
  calls.begin()
  calls.attach({})
  const mistake = new Error('a mistake of the app')
  void calls.call(() => Promise.reject(mistake))
  await new Promise((resolve) => setTimeout(resolve))
  process.off('unhandledRejection', hear)
  expect(reported).toEqual([mistake])
})
