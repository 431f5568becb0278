import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Room, Shared } from '../index.ts'
import { acquire, closeAll, snapshotOf } from './shared-objects.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

class Fake implements Shared<number> {
  value = 0
  isReady = false
  isClosed = false
  becomeReady!: () => void
  ready = new Promise<void>((resolve) => (this.becomeReady = resolve))
  #listeners = new Set<(value: number) => void>()
  subscribe(listener: (value: number) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  close(): void {
    this.isClosed = true
  }
  change(value: number): void {
    this.value = value
    for (const listener of this.#listeners) listener(value)
  }
}

const newRoom = () => ({}) as Room
const nobody = () => {}

test('all components of one room and name share one object, and are told of one state', () => {
  const room = newRoom()
  const made: Fake[] = []
  const make = () => made[made.push(new Fake()) - 1]!
  const told: string[] = []
  const first = acquire(room, 'value count', make, () => told.push('first'))
  const second = acquire(room, 'value count', make, () => told.push('second'))
  expect(made).toHaveLength(1)
  expect(second.object).toBe(first.object)
  made[0]!.change(1)
  expect(told).toEqual(['first', 'second'])
  expect(snapshotOf(room, 'value count')).toEqual({ value: 1, isReady: false })
  acquire(room, 'value other', make, nobody)
  acquire(newRoom(), 'value count', make, nobody)
  expect(made).toHaveLength(3)
})

test('a snapshot stays the same until value or readiness change', async () => {
  const room = newRoom()
  const object = new Fake()
  const changed = vi.fn()
  acquire(room, 'a', () => object, changed)
  const before = snapshotOf(room, 'a')
  object.change(0)
  expect(snapshotOf(room, 'a')).toBe(before)
  object.isReady = true
  object.becomeReady()
  await object.ready
  await Promise.resolve()
  expect(snapshotOf(room, 'a')).toEqual({ value: 0, isReady: true })
  expect(changed).toHaveBeenCalledTimes(1)
})

test('the object closes after its last user, and not if another comes within the task', () => {
  const room = newRoom()
  const object = new Fake()
  const first = acquire(room, 'a', () => object, nobody)
  const second = acquire(
    room,
    'a',
    () => object,
    () => void 0,
  )
  first.release()
  vi.runAllTimers()
  expect(object.isClosed).toBe(false)
  second.release()
  const third = acquire(room, 'a', () => new Fake(), nobody)
  vi.runAllTimers()
  expect(third.object).toBe(object)
  third.release()
  vi.runAllTimers()
  expect(object.isClosed).toBe(true)
  expect(acquire(room, 'a', () => new Fake(), nobody).object).not.toBe(object)
})

test('a room that is left ends all its objects, used or not, and once', () => {
  const room = newRoom()
  const [used, unused] = [new Fake(), new Fake()]
  const close = vi.spyOn(unused, 'close')
  const user = acquire(room, 'a', () => used, nobody)
  acquire(room, 'b', () => unused, nobody).release()
  closeAll(room)
  expect([used.isClosed, unused.isClosed]).toEqual([true, true])
  const other = new Fake()
  acquire(room, 'a', () => other, nobody)
  user.release()
  vi.runAllTimers()
  expect(close).toHaveBeenCalledTimes(1)
  expect(other.isClosed).toBe(false)
})
