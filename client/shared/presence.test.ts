import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RoomDouble, type PageDouble } from './room-double.ts'
import { presence } from './presence.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

/** Everything that was said is heard, until nobody says anything more. */
async function quiet(room: RoomDouble): Promise<void> {
  for (let isBusy = true; isBusy;) {
    isBusy = false
    for (const page of room.pages) while (page.outbox.length > 0) room.order(page)
    room.stabilise()
    for (const page of room.pages) while (page.handleNext()) isBusy = true
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
}

const states = (others: ReturnType<typeof presence<string>>) => [...others.value.values()].sort()

test('pages learn of each other, a newcomer of all, and everyone of changes', async () => {
  const room = new RoomDouble()
  const [a, b] = [room.join(), room.join()].map((page) => presence(page, page.id[1]!)) as [
    ReturnType<typeof presence<string>>,
    ReturnType<typeof presence<string>>,
  ]
  await quiet(room)
  await a.ready
  expect([states(a), states(b)]).toEqual([['2'], ['1']])
  const c = presence(room.join(), 'new')
  await quiet(room)
  expect([states(a), states(c)]).toEqual([
    ['2', 'new'],
    ['1', '2'],
  ])
  const heard: string[][] = []
  a.subscribe((others) => heard.push([...others.values()]))
  for (let i = 0; i < 100; i++) c.set((mine) => `${mine.slice(0, 3)}${i}`)
  expect(c.mine).toBe('new99')
  await quiet(room)
  expect(heard).toEqual([
    ['2', 'new0'],
    ['2', 'new99'],
  ])
  expect(room.retained('presence')).toEqual([])
})

test('who closes it is gone from the others, hears nothing more, and leaves no timer behind', async () => {
  const room = new RoomDouble()
  const a = presence(room.join(), 'a')
  const b = presence(room.join(), 'b')
  await quiet(room)
  const heard: unknown[] = []
  b.subscribe((others) => heard.push(others))
  b.close()
  b.close()
  b.set('more')
  await quiet(room)
  expect([states(a), heard]).toEqual([[], []])
  a.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('whom the host lists no more is gone a second later, when no host is new', async () => {
  const room = new RoomDouble()
  const page = room.join()
  const a = presence(page, 'a', { intervalMs: 500, timeoutMs: 60_000 })
  presence(room.join(), 'b')
  await quiet(room)
  for (let i = 0; i < 12; i++) {
    await vi.advanceTimersByTimeAsync(500)
    await quiet(room)
  }
  room.changeRoster([page])
  vi.advanceTimersByTime(900)
  expect(states(a)).toEqual(['b'])
  vi.advanceTimersByTime(100)
  expect(states(a)).toEqual([])
})

test('after a reset it asks again, since what was said meanwhile is lost', async () => {
  const room = new RoomDouble()
  const pages = [room.join(), room.join()] as [PageDouble, PageDouble]
  const a = presence(pages[0], 'a')
  const b = presence(pages[1], 'b')
  await quiet(room)
  b.set('changed')
  room.order(pages[1])
  room.cutOff(pages[0])
  await quiet(room)
  expect(states(a)).toEqual(['changed'])
})

test('nobody is here for a page that has left', async () => {
  const room = new RoomDouble()
  const page = room.join()
  const a = presence(page, 'a')
  presence(room.join(), 'b')
  await quiet(room)
  await page.leave()
  expect(states(a)).toEqual([])
  await expect(presence(page, 'again').ready).rejects.toMatchObject({ code: 'closed' })
})

test('what cannot travel, and times that make no sense, are refused at once', () => {
  const page = new RoomDouble().join()
  expect(() => presence(page, new Map())).toThrow(expect.objectContaining({ code: 'bad-value' }))
  const a = presence<unknown>(page, 'a')
  expect(() => a.set(Number.NaN)).toThrow(expect.objectContaining({ code: 'bad-value' }))
  expect(a.mine).toBe('a')
  for (const times of [{ intervalMs: 0 }, { intervalMs: 9, timeoutMs: 9 }, { timeoutMs: Infinity }])
    expect(() => presence(page, 'a', times)).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
})

test('presence works behind a Proxy, and its methods when they are taken out of it', async () => {
  const room = new RoomDouble()
  const here = new Proxy(presence(room.join(), 'a'), {})
  const other = presence(room.join(), 'b')
  const heard: string[][] = []
  const off = here.subscribe((others) => heard.push([...others.values()]))
  await quiet(room)
  await here.ready
  const { set, close } = here
  set((mine) => `${mine}!`)
  await quiet(room)
  expect([here.mine, here.isReady, states(here), states(other)]).toEqual([
    'a!',
    true,
    ['b'],
    ['a!'],
  ])
  expect(heard).toEqual([['b']])
  off()
  close()
  await quiet(room)
  expect(states(other)).toEqual([])
})
