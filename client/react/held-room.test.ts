import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Room } from '../index.ts'
import { HeldRoom } from './held-room.ts'

let happened: string[]
const join = (name: string) => () => {
  happened.push(`join ${name}`)
  return { leave: async () => void happened.push(`leave ${name}`) } as unknown as Room
}

beforeEach(() => {
  happened = []
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

test('a component that is taken down and put up again at once keeps its room', () => {
  const held = new HeldRoom()
  const room = held.hold('a', join('a'))
  held.letGo()
  expect(held.hold('a', join('a'))).toBe(room)
  vi.runAllTimers()
  expect(happened).toEqual(['join a'])
})

test('a component that stays down leaves its room, and joins anew when it comes back', () => {
  const held = new HeldRoom()
  held.hold('a', join('a'))
  held.letGo()
  expect(happened).toEqual(['join a'])
  vi.runAllTimers()
  held.hold('a', join('a'))
  vi.runAllTimers()
  expect(happened).toEqual(['join a', 'leave a', 'join a'])
})

test('another room is joined at once, and the old one left', () => {
  const held = new HeldRoom()
  held.hold('a', join('a'))
  held.letGo()
  held.hold('b', join('b'))
  vi.runAllTimers()
  expect(happened).toEqual(['join a', 'join b', 'leave a'])
  held.letGo()
  vi.runAllTimers()
  expect(happened).toEqual(['join a', 'join b', 'leave a', 'leave b'])
})

test('going to another room and back within one task leaves what was joined twice once', () => {
  const held = new HeldRoom()
  held.hold('a', join('a'))
  held.letGo()
  held.hold('b', join('b'))
  held.letGo()
  held.hold('a', join('a'))
  vi.runAllTimers()
  expect(happened).toEqual(['join a', 'join b', 'join a', 'leave a', 'leave b'])
})
