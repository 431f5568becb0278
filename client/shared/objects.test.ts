import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RoomDouble, runUntilCalm, turn, type PageDouble } from './room-double.ts'
import type { Shared } from './api.ts'
import { sharedLog } from './shared-log.ts'
import { sharedMap } from './shared-map.ts'
import { sharedReducer } from './shared-reducer.ts'
import { sharedValue } from './shared-value.ts'

const add = (sum: number, step: number) => sum + step
/** Order shows: 10 + 1, then doubled, is not doubled, then + 1. */
const change = (sum: number, what: number | 'double') => (what === 'double' ? sum * 2 : sum + what)

const reported: unknown[] = []
beforeEach(() => {
  reported.length = 0
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
})
afterEach(() => vi.unstubAllGlobals())

function two(): { room: RoomDouble; a: PageDouble; b: PageDouble } {
  const room = new RoomDouble()
  return { room, a: room.join(), b: room.join() }
}

function heardBy<S>(object: Shared<S>): S[] {
  const heard: S[] = []
  object.subscribe((value) => heard.push(value))
  return heard
}

async function takeAll(...pages: readonly PageDouble[]): Promise<void> {
  for (const page of pages) while (page.handleNext());
  await turn()
}

describe('every shared object', () => {
  test('works behind a Proxy, and its methods when they are taken out of it', async () => {
    const { room, a } = two()
    const behindProxy = <O extends object>(object: O) => new Proxy(object, {})
    const value = behindProxy(sharedValue(a, 'value', 0))
    const map = behindProxy(sharedMap<number>(a, 'map'))
    const log = behindProxy(sharedLog<number>(a, 'log'))
    const sum = behindProxy(sharedReducer(a, 'sum', add, 0))
    const objects: readonly Shared<unknown>[] = [value, map, log, sum]
    const heard = objects.map((object) => heardBy(object))
    const { dispatch } = sum
    const changes = [value.set((n) => n + 1), map.set('a', 1), log.append(1), dispatch(1)]
    await runUntilCalm(room)
    await Promise.all([...changes, ...objects.map(({ ready }) => ready)])
    const shown = [1, new Map([['a', 1]]), [1], 1]
    expect(objects.map(({ value }) => value)).toEqual(shown)
    expect(objects.map(({ isReady }) => isReady)).toEqual([true, true, true, true])
    expect(heard.map((values) => values.at(-1))).toEqual(shown)
    for (const { close } of objects) close()
  })

  test('is ready when what is retained has been read, and tells what that changed', async () => {
    const { room, a, b } = two()
    void a.replace('k', 7)
    await runUntilCalm(room)
    const value = sharedValue(b, 'k', 0)
    const heard = heardBy(value)
    expect([value.isReady, value.value]).toEqual([false, 0])
    await runUntilCalm(room)
    await value.ready
    expect([value.isReady, value.value, heard]).toEqual([true, 7, [7]])
  })

  test('is ready where nothing is retained', async () => {
    const { room, a } = two()
    const map = sharedMap(a, 'k')
    await runUntilCalm(room)
    await map.ready
    expect([map.isReady, map.value.size]).toEqual([true, 0])
  })

  test('shows an own change at once, and tells its listeners before the call returns', () => {
    const { a } = two()
    const sum = sharedReducer(a, 'k', add, 0)
    const heard = heardBy(sum)
    void sum.dispatch(5)
    expect([sum.value, heard]).toEqual([5, [5]])
  })

  test('tells of what others sent once a turn, however much it was', async () => {
    const { room, a, b } = two()
    const sum = sharedReducer(a, 'k', add, 0)
    const other = sharedReducer(b, 'k', add, 0)
    await runUntilCalm(room)
    const heard = heardBy(other)
    for (let i = 0; i < 100; i++) void sum.dispatch(1)
    await runUntilCalm(room)
    expect(heard).toEqual([100])
  })

  test("keeps the identity of its value, through its own receipts and other keys' messages", async () => {
    const { room, a, b } = two()
    const list = sharedReducer(a, 'k', (list: readonly number[], n: number) => [...list, n], [])
    const log = sharedLog<number>(a, 'log')
    const map = sharedMap<number>(a, 'map')
    const value = sharedValue<{ n: number } | null>(a, 'value', null)
    await runUntilCalm(room)
    void list.dispatch(1)
    void log.append(1)
    void map.set('x', 1)
    void value.set({ n: 1 })
    const before = [list.value, log.value, map.value, value.value]
    void b.append('else', 1)
    await runUntilCalm(room)
    const after = [list.value, log.value, map.value, value.value]
    expect(after.map((value, i) => value === before[i])).toEqual([true, true, true, true])
  })

  test('whose listener throws tells the others all the same, and the page', () => {
    const { a } = two()
    const value = sharedValue(a, 'k', 0)
    const bug = new Error('a bug of the app')
    value.subscribe(() => {
      throw bug
    })
    const heard = heardBy(value)
    void value.set(1)
    expect([heard, reported]).toEqual([[1], [bug]])
  })

  test('that was closed hears nothing, refuses changes, and lets what was sent end', async () => {
    const { room, a, b } = two()
    const value = sharedValue(a, 'k', 0)
    await runUntilCalm(room)
    const heard = heardBy(value)
    const first = value.set(1)
    const second = value.set(2)
    value.close()
    value.close()
    expect(value.subscribe(() => {})).toBeTypeOf('function')
    await expect(value.set(3)).rejects.toMatchObject({ code: 'closed' })
    await runUntilCalm(room)
    await Promise.all([first, second])
    void b.replace('k', 4)
    await runUntilCalm(room)
    expect([heard, value.value, room.retained('k').map(({ value }) => value)]).toEqual([
      [1, 2],
      2,
      [4],
    ])
  })

  test('closed before it was ready says so', async () => {
    const { a } = two()
    const value = sharedValue(a, 'k', 0)
    value.close()
    await expect(value.ready).rejects.toMatchObject({ code: 'closed' })
  })

  test('of a room that was left shows what it was given, and refuses', async () => {
    const { a } = two()
    const before = sharedValue(a, 'k', 1)
    await a.leave()
    await expect(before.ready).rejects.toMatchObject({ code: 'closed' })
    const after = sharedValue(a, 'k', 1)
    await expect(after.ready).rejects.toMatchObject({ code: 'closed' })
    await expect(after.set(2)).rejects.toMatchObject({ code: 'closed' })
    await turn()
    expect(after.value).toBe(1)
  })

  test('takes back what the room refuses, and the promise says why', async () => {
    const { room, a } = two()
    for (const [object, act] of [
      [
        sharedValue(a, 'v', 0),
        (object: never) => (object as ReturnType<typeof sharedValue<number>>).set(1),
      ],
      [
        sharedReducer(a, 'r', add, 0),
        (object: never) => (object as ReturnType<typeof sharedReducer<number, number>>).dispatch(1),
      ],
    ] as const) {
      await runUntilCalm(room)
      const heard = heardBy(object)
      const done = act(object as never)
      room.refusesNext = 'room-full'
      const refused = expect(done).rejects.toMatchObject({ code: 'room-full' })
      await runUntilCalm(room)
      await refused
      expect([object.value, heard]).toEqual([0, [1, 0]])
    }
  })

  test('refuses what cannot travel at once, and nothing changes', async () => {
    const { a } = two()
    const value = sharedValue<unknown>(a, 'v', 0)
    const heard = heardBy(value)
    for (const bad of [new Map(), Number.NaN, undefined, 'x'.repeat(5_000_000)])
      await expect(value.set(bad)).rejects.toMatchObject({
        code: expect.stringMatching(/bad-value|value-too-large/),
      })
    const sum = sharedReducer<number, unknown>(a, 'r', () => 1, 0)
    await expect(sum.dispatch(undefined)).rejects.toMatchObject({ code: 'bad-value' })
    expect([value.value, sum.value, heard, a.outbox]).toEqual([0, 0, [], []])
  })

  test('is not changed by what the app does later to what it gave', async () => {
    const { a } = two()
    const given = { n: 1 }
    const value = sharedValue(a, 'v', { n: 0 })
    void value.set(given)
    given.n = 2
    expect(value.value).toEqual({ n: 1 })
  })
})

describe('a shared value', () => {
  test('has one write on its way; those made meanwhile become one, and end with it', async () => {
    const { room, a, b } = two()
    const value = sharedValue(a, 'k', 0)
    await runUntilCalm(room)
    const ended: number[] = []
    for (let n = 1; n <= 1_000; n++) value.set(n).then(() => ended.push(n))
    expect(value.value).toBe(1_000)
    const seen = heardBy(sharedValue(b, 'k', 0))
    await runUntilCalm(room)
    expect(room.log).toHaveLength(2)
    expect([seen, value.value, ended.length]).toEqual([[1, 1_000], 1_000, 1_000])
  })

  test('gives a function what has come, and what is not on its way yet', async () => {
    const { room, a, b } = two()
    const value = sharedValue(a, 'k', 0)
    await runUntilCalm(room)
    void b.replace('k', 10)
    room.order(b)
    a.handleNext()
    void value.set((current) => current + 1)
    void value.set((current) => current * 2)
    expect(value.value).toBe(22)
  })

  test('shows what the room put above an own write, before that has its receipt', async () => {
    const { room, a, b } = two()
    const value = sharedValue(a, 'k', 0)
    await runUntilCalm(room)
    void value.set(1)
    room.order(a)
    void b.replace('k', 2)
    room.order(b)
    await takeAll(a)
    expect(value.value).toBe(2)
  })

  test('shows an own write above what the room had before it', async () => {
    const { room, a, b } = two()
    const value = sharedValue(a, 'k', 0)
    await runUntilCalm(room)
    void value.set(1)
    void b.replace('k', 2)
    room.order(b)
    await takeAll(a)
    expect(value.value).toBe(1)
    await runUntilCalm(room)
    expect(value.value).toBe(1)
  })

  test('[MG5] takes back a write that another side of a split has superseded', async () => {
    const { room, a, b } = two()
    const value = sharedValue(a, 'k', 0)
    const other = sharedValue(b, 'k', 0)
    await runUntilCalm(room)
    void other.set(2)
    await runUntilCalm(room)
    void value.set(1)
    const conflicts: unknown[] = []
    a.on('conflict', (conflict) => conflicts.push(conflict))
    await runUntilCalm(room)
    expect(value.value).toBe(1)
    void other.set(3)
    await runUntilCalm(room)
    room.heal(2, a) // the other side never saw the 1
    await runUntilCalm(room)
    expect([value.value, other.value, conflicts]).toEqual([
      3,
      3,
      [{ key: 'k', value: 1, reason: 'superseded' }],
    ])
  })

  test('takes bytes, too', async () => {
    const { room, a, b } = two()
    const value = sharedValue<Uint8Array>(a, 'k', new Uint8Array())
    void value.set(Uint8Array.of(1, 2))
    await runUntilCalm(room)
    const other = sharedValue<Uint8Array>(b, 'k', new Uint8Array())
    await runUntilCalm(room)
    expect([...other.value]).toEqual([1, 2])
  })
})

describe('a shared reducer', () => {
  test("applies the same actions in the room's order everywhere, and rewinds own ones for it", async () => {
    const { room, a, b } = two()
    const mine = sharedReducer(a, 'k', change, 10)
    const other = sharedReducer(b, 'k', change, 10)
    await runUntilCalm(room)
    const heard = heardBy(mine)
    void mine.dispatch(1)
    void other.dispatch('double')
    room.order(b)
    room.order(a)
    await takeAll(a, b)
    expect([heard, mine.value, other.value]).toEqual([[11, 21], 21, 21])
  })

  test('does not send an action on which the reducer throws', async () => {
    const { a } = two()
    const strict = sharedReducer(
      a,
      'k',
      (sum: number, n: number) => {
        if (n < 0) throw new RangeError('no')
        return sum + n
      },
      0,
    )
    await expect(strict.dispatch(-1)).rejects.toThrow(RangeError)
    expect([strict.value, a.outbox]).toEqual([0, []])
  })

  test("lets another page's action on which it throws change nothing, says so, and folds no such stream", async () => {
    const { room, a, b } = two()
    const lax = sharedReducer(a, 'k', add, 0, { compactAfter: 1_000 })
    const strict = sharedReducer(
      b,
      'k',
      (sum: number, n: number) => {
        if (n < 0) throw new RangeError('no')
        return sum + n
      },
      0,
      { compactAfter: 2 },
    )
    await runUntilCalm(room)
    void lax.dispatch(-1)
    await runUntilCalm(room)
    for (let i = 0; i < 5; i++) void strict.dispatch(1)
    await runUntilCalm(room)
    expect([lax.value, strict.value]).toEqual([4, 5])
    expect(reported).toEqual([new RangeError('no')])
    expect(room.retained('k')).toHaveLength(6)
  })

  test('folds its stream when it has grown long and nothing of its own is on the way, once for all pages', async () => {
    const { room, a, b } = two()
    const mine = sharedReducer(a, 'k', add, 0, { compactAfter: 10 })
    const other = sharedReducer(b, 'k', add, 0, { compactAfter: 10 })
    await runUntilCalm(room)
    for (let i = 0; i < 9; i++) void mine.dispatch(1)
    await runUntilCalm(room)
    expect(room.retained('k')).toHaveLength(9)
    void other.dispatch(1)
    await runUntilCalm(room)
    expect(room.retained('k').map(({ value }) => value)).toMatchObject([{ reset: 10 }])
    for (let i = 0; i < 9; i++) void mine.dispatch(1)
    await runUntilCalm(room)
    expect(room.log.filter(({ op }) => op.action === 'compact')).toHaveLength(2)
    const newcomer = sharedReducer(room.join(), 'k', add, 0)
    await runUntilCalm(room)
    expect([mine.value, other.value, newcomer.value]).toEqual([19, 19, 19])
  })

  test('folds what is confirmed alone, while others go on', async () => {
    const { room, a, b } = two()
    const mine = sharedReducer(a, 'k', add, 0, { compactAfter: 2 })
    const other = sharedReducer(b, 'k', add, 0, { compactAfter: 100 })
    await runUntilCalm(room)
    void mine.dispatch(1)
    void mine.dispatch(1)
    for (let i = 0; i < 2; i++) room.order(a)
    room.stabilise()
    await takeAll(a)
    void mine.dispatch(1)
    void other.dispatch(10)
    room.order(b)
    await runUntilCalm(room)
    expect(room.retained('k').map(({ value }) => value)).toMatchObject([
      { reset: 2 },
      { apply: 10 },
      { apply: 1 },
    ])
    expect([mine.value, other.value]).toEqual([13, 13])
  })

  test('gives up a fold that a change of host has outdated, and folds later', async () => {
    const { room, a } = two()
    const sum = sharedReducer(a, 'k', add, 0, { compactAfter: 4 })
    await runUntilCalm(room)
    for (let i = 0; i < 4; i++) void sum.dispatch(1)
    while (a.outbox.length > 0) room.order(a)
    room.stabilise()
    await takeAll(a)
    expect(a.outbox.map(({ action }) => action)).toEqual(['compact'])
    room.heal(4, room.pages[1]!)
    await runUntilCalm(room)
    expect(room.retained('k')).toHaveLength(4)
    void sum.dispatch(1)
    await runUntilCalm(room)
    expect([sum.value, room.retained('k').length]).toEqual([5, 1])
  })

  test('says that a state without a JSON form cannot be folded, and goes on', async () => {
    const { room, a } = two()
    const set = sharedReducer(
      a,
      'k',
      (set: ReadonlySet<number>, n: number) => new Set([...set, n]),
      new Set<number>(),
      { compactAfter: 2 },
    )
    await runUntilCalm(room)
    void set.dispatch(1)
    void set.dispatch(2)
    await runUntilCalm(room)
    expect(reported).toMatchObject([{ code: 'bad-value' }])
    expect([...set.value]).toEqual([1, 2])
    expect(room.retained('k')).toHaveLength(2)
  })

  test('never folds a state of undefined, which JSON would lose', async () => {
    const { room, a } = two()
    const last = sharedReducer<number | undefined, number>(a, 'k', () => undefined, 0, {
      compactAfter: 2,
    })
    await runUntilCalm(room)
    void last.dispatch(1)
    void last.dispatch(2)
    await runUntilCalm(room)
    expect(reported).toMatchObject([{ code: 'bad-value' }])
    expect(room.retained('k')).toHaveLength(2)
  })

  test('takes no notice of what others keep under its key, and does not fold it away', async () => {
    const { room, a, b } = two()
    for (const value of [
      null,
      1,
      'text',
      [],
      {},
      { apply: undefined },
      { reset: 1, folded: 'x' },
      Uint8Array.of(1),
    ])
      void b.append('k', value)
    const sum = sharedReducer(a, 'k', add, 0, { compactAfter: 2 })
    await runUntilCalm(room)
    for (let i = 0; i < 4; i++) void sum.dispatch(1)
    await runUntilCalm(room)
    expect([sum.value, a.errors, room.retained('k').length]).toEqual([4, [], 12])
  })

  test('counts an action of a program that signs nothing, and the host folds for it', async () => {
    const { room, a, b } = two()
    const onHost = sharedReducer(a, 'k', add, 0, { compactAfter: 3 })
    await runUntilCalm(room)
    for (let i = 0; i < 3; i++) void b.append('k', { apply: 2 })
    await runUntilCalm(room)
    expect([onHost.value, room.retained('k').length]).toEqual([6, 1])
  })

  test('starts from a state that a program has put in place of its stream', async () => {
    const { room, a, b } = two()
    const sum = sharedReducer(a, 'k', add, 0)
    void sum.dispatch(1)
    await runUntilCalm(room)
    void b.replace('k', { reset: 100 })
    await runUntilCalm(room)
    expect(sum.value).toBe(100)
  })

  test('knows its own actions in a fold that it reads after it was cut off', async () => {
    const { room, a, b } = two()
    const mine = sharedReducer(a, 'k', add, 0)
    const other = sharedReducer(b, 'k', add, 0, { compactAfter: 2 })
    await runUntilCalm(room)
    const heard = heardBy(mine)
    void mine.dispatch(5)
    room.order(a)
    void other.dispatch(1)
    room.order(b)
    room.stabilise()
    await takeAll(b)
    room.order(b) // the fold
    expect(room.retained('k').map(({ value }) => value)).toMatchObject([{ reset: 6 }])
    room.cutOff(a)
    await runUntilCalm(room)
    expect([mine.value, heard]).toEqual([6, [5, 6]])
  })

  test.each([0, 1, 1.5, Number.NaN])('is not made to fold after %s', (compactAfter) => {
    expect(() => sharedReducer(two().a, 'k', add, 0, { compactAfter })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })
})

describe('a shared map', () => {
  test('sets, deletes and clears, by name, names such as __proto__ included', async () => {
    const { room, a, b } = two()
    const map = sharedMap<number>(a, 'k')
    const other = sharedMap<number>(b, 'k')
    void map.set('__proto__', 1)
    void map.set('', 2)
    void other.set('x', 3)
    void map.delete('')
    await runUntilCalm(room)
    expect([...other.value].sort()).toEqual([
      ['__proto__', 1],
      ['x', 3],
    ])
    expect(map.value).toEqual(other.value)
    void other.clear()
    void other.set('y', 4)
    await runUntilCalm(room)
    expect([...map.value]).toEqual([['y', 4]])
  })

  test('folds its stream once it is far longer than the map', async () => {
    const { room, a } = two()
    const map = sharedMap<number>(a, 'k')
    await runUntilCalm(room)
    for (let i = 0; i < 300; i++) void map.set(String(i % 10), i)
    await runUntilCalm(room)
    expect(room.retained('k')).toHaveLength(1)
    const newcomer = sharedMap<number>(room.join(), 'k')
    await runUntilCalm(room)
    expect(newcomer.value).toEqual(map.value)
  })

  test('takes no notice of what others keep under its key', async () => {
    const { room, a, b } = two()
    for (const apply of [
      null,
      [],
      ['set'],
      ['set', 1, 2],
      ['set', 'x'],
      ['delete'],
      ['clear', 1],
      ['grow', 'x'],
    ])
      void b.append('k', { apply })
    for (const reset of [{}, [1], [['x']], [[1, 2]]]) void b.append('k', { reset })
    const map = sharedMap(a, 'k')
    await runUntilCalm(room)
    expect([map.value.size, a.errors]).toEqual([0, []])
  })

  test('takes ten thousand writes in one go', async () => {
    const { room, a } = two()
    const map = sharedMap<number>(a, 'k')
    await runUntilCalm(room)
    for (let i = 0; i < 10_000; i++) void map.set(String(i), i)
    expect(map.value.size).toBe(10_000)
  })
})

describe('a shared log', () => {
  test('is the retained messages of its key, own ones last until they are placed', async () => {
    const { room, a, b } = two()
    void b.append('k', 'from elsewhere')
    const log = sharedLog<string>(a, 'k')
    void log.append('mine')
    void b.append('k', 'theirs')
    expect(log.value).toEqual(['mine'])
    room.order(b)
    room.order(b)
    await takeAll(a)
    expect(log.value).toEqual(['from elsewhere', 'theirs', 'mine'])
    await runUntilCalm(room)
    expect(room.retained('k').map(({ value }) => value)).toEqual(log.value)
  })

  test('shows equal values as often as they were added, in the end', async () => {
    const { room, a, b } = two()
    const log = sharedLog<string>(a, 'k')
    const other = sharedLog<string>(b, 'k')
    for (let i = 0; i < 3; i++) void log.append('tick')
    for (let i = 0; i < 3; i++) void other.append('tick')
    await runUntilCalm(room)
    expect([log.value.length, other.value.length]).toEqual([6, 6])
  })

  test('keeps its last values, and lets the room forget older ones', async () => {
    const { room, a } = two()
    const log = sharedLog<number>(a, 'k', { keep: 3 })
    await runUntilCalm(room)
    for (let i = 1; i <= 6; i++) void log.append(i)
    await runUntilCalm(room)
    expect(log.value).toEqual([4, 5, 6])
    expect(room.retained('k').map(({ value }) => value)).toEqual([4, 5, 6])
  })

  test.each([0, -1, 1.5, Number.NaN])('does not keep %s values', (keep) => {
    expect(() => sharedLog(two().a, 'k', { keep })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })
})
