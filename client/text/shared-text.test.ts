import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RoomDouble, runUntilCalm } from '../shared/room-double.ts'
import { sharedText } from './shared-text.ts'

const reported: unknown[] = []
beforeEach(() => {
  reported.length = 0
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
})
afterEach(() => {
  vi.unstubAllGlobals()
  expect(reported).toEqual([])
})

test('[SH14] two pages that write at once both have all of it, and so has a newcomer', async () => {
  const room = new RoomDouble()
  const [a, b] = [room.join(), room.join()].map((page) => sharedText(page, 'k', 'middle'))
  const heard: string[] = []
  b!.subscribe((text) => heard.push(text))
  const done = []
  for (const letter of 'front')
    done.push(a!.set((text) => text.replace('middle', `${letter}middle`)))
  for (const letter of 'end') done.push(b!.set((text) => text + letter))
  expect([a!.value, b!.value]).toEqual(['frontmiddle', 'middleend'])
  await runUntilCalm(room)
  await Promise.all(done)
  const newcomer = sharedText(room.join(), 'k', 'middle')
  await runUntilCalm(room)
  await newcomer.ready
  for (const text of [a!, b!, newcomer]) expect(text.value).toBe('frontmiddleend')
  expect(heard.slice(0, 3)).toEqual(['middlee', 'middleen', 'middleend'])
  expect(heard.at(-1)).toBe('frontmiddleend')
})

test('[SH14] a stream of edits is folded, and edits on their way still find their letters', async () => {
  const room = new RoomDouble()
  const [page, other] = [room.join(), room.join()]
  const [a, b] = [sharedText(page, 'k'), sharedText(other, 'k')]
  for (let i = 0; i < 255; i++) void a.set((text) => text + (i % 10))
  await runUntilCalm(room)
  const late = b.set((text) => `<${text}>`)
  for (let i = 255; i < 300; i++) void a.set((text) => text + (i % 10))
  await runUntilCalm(room)
  await late
  expect(room.retained('k').length).toBeLessThan(100)
  expect(a.value).toBe(b.value)
  expect(a.value.replace(/[<>]/g, '')).toBe('0123456789'.repeat(30))
})

test('[SH14] a program may set the text anew', async () => {
  const room = new RoomDouble()
  const [page, other] = [room.join(), room.join()]
  const text = sharedText(page, 'k', 'old')
  void other.replace('k', { reset: 'new' })
  await runUntilCalm(room)
  expect(text.value).toBe('new')
  void text.set('newer')
  await runUntilCalm(room)
  expect(text.value).toBe('newer')
})

test('[SH14] what is none of its arguments is refused with a sentence', async () => {
  const page = new RoomDouble().join()
  expect(() => sharedText(page, 'k', 7 as never)).toThrow('A text begins as a string')
  const text = sharedText(page, 'k')
  expect(() => text.subscribe(null as never)).toThrow('A listener is a function')
  expect(() => text.bind({} as never)).toThrow('bind needs an input or a textarea')
  await expect(text.set(7 as never)).rejects.toThrow('A text is set to a string')
  await text.set('') // nothing changes, so nothing waits for the room
  text.close()
  await expect(text.set('x')).rejects.toThrow('was closed')
})
