// What an app gives that makes no sense is refused before anything is sent or heard, with a sentence for its author.

import { afterEach, expect, test, vi } from 'vitest'
import { presence } from './presence.ts'
import { RoomDouble, type PageDouble } from './room-double.ts'
import { sharedLog } from './shared-log.ts'
import { sharedMap } from './shared-map.ts'
import { sharedReducer } from './shared-reducer.ts'
import { sharedValue } from './shared-value.ts'
import { uniqueClientId } from './unique-client-id.ts'

afterEach(() => vi.unstubAllGlobals())

const add = (sum: number, step: number) => sum + step

test.each<[string, (page: PageDouble) => unknown, RegExp]>([
  [
    'a key in the place of the room',
    () => sharedMap('votes' as never, 'votes'),
    /needs a room first/,
  ],
  ['no room', () => sharedValue(undefined as never, 'title', ''), /needs a room first/],
  ['a presence without a room', () => presence(null as never, 'Ada'), /^presence needs a room/],
  [
    'a reducer that is none',
    (page) => sharedReducer(page, 'k', 0 as never, 0),
    /^A reducer is a function; this one is number\.$/,
  ],
  [
    'a number in the place of options',
    (page) => sharedLog(page, 'k', 500 as never),
    /^The options of sharedLog are an object with any of keep; this is number\.$/,
  ],
  [
    'an option that a log does not have',
    (page) => sharedLog(page, 'k', { max: 5 } as never),
    /^sharedLog has no option "max"\. Its options are keep\.$/,
  ],
  [
    'an option that a reducer does not have',
    (page) => sharedReducer(page, 'k', add, 0, { keep: 5 } as never),
    /^sharedReducer has no option "keep"/,
  ],
  [
    'an option of another type',
    (page) => sharedReducer(page, 'k', add, 0, { compactAfter: '9' } as never),
    /^`compactAfter` of sharedReducer is a number; this one is string\.$/,
  ],
  [
    'a key in the place of options',
    (page) => presence(page, 'Ada', 'cursors' as never),
    /^The options of presence .* key, intervalMs, timeoutMs; this is string\.$/,
  ],
  [
    'an option that presence does not have',
    (page) => presence(page, 'Ada', { interval: 5 } as never),
    /^presence has no option "interval"/,
  ],
  ['a name in the place of options', () => uniqueClientId('tab' as never), /uniqueClientId/],
  ['an id of no text', () => uniqueClientId({ name: 7 } as never), /^`name` of uniqueClientId/],
])('%s is refused', (_, call, sentence) => {
  const page = new RoomDouble().join()
  expect(() => call(page)).toThrow(
    expect.objectContaining({ code: 'bad-argument', message: expect.stringMatching(sentence) }),
  )
  expect([page.outbox, page.inbox]).toEqual([[], []])
})

test('[SH9] an object without a function to call is not subscribed to', () => {
  const page = new RoomDouble().join()
  const here = presence(page, 'Ada')
  for (const object of [sharedValue(page, 'k', 0), sharedMap(page, 'm'), here])
    expect(() => object.subscribe(undefined as never)).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  here.close()
})

test.each<[string, (page: PageDouble) => unknown, RegExp]>([
  ['a promise', (page) => sharedValue(page, 'k', 0).set(Promise.resolve(1) as never), /await it/],
  ['an error', (page) => sharedLog(page, 'k').append(new Error('no')), /type Error/],
  ['a pattern', (page) => sharedMap(page, 'k').set('a', { b: /x/ }), /type RegExp at "b"/],
  ['nothing', (page) => sharedMap(page, 'k').set('a', undefined), /"a" was set to undefined/],
  ['nothing', (page) => sharedLog(page, 'k').append(undefined), /type undefined cannot be sent/],
  [
    'a file',
    (page) => sharedReducer(page, 'k', add, 0).dispatch(new File([], 'x') as never),
    /type File .*send its bytes/,
  ],
  [
    'a hole in a list',
    (page) => sharedReducer<unknown, unknown>(page, 'k', () => 0, 0).dispatch([undefined]),
    /undefined at "0"/,
  ],
])('%s is no change of a shared object, and nothing of it is sent', async (_, call, sentence) => {
  const page = new RoomDouble().join()
  await expect(call(page)).rejects.toThrow(
    expect.objectContaining({ code: 'bad-value', message: expect.stringMatching(sentence) }),
  )
  expect(page.outbox).toEqual([])
})

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /^Presence tells null or JSON; .* undefined/],
  ['a promise', Promise.resolve(1), /await it first/],
  ['an invalid date within', { at: new Date(NaN) }, /invalid Date at "at"/],
  ['a function within', { on: () => 1 }, /type function at "on"/],
])('%s is not told as presence', (_, mine, sentence) => {
  const page = new RoomDouble().join()
  const refused = expect.objectContaining({
    code: 'bad-value',
    message: expect.stringMatching(sentence),
  })
  expect(() => presence(page, mine)).toThrow(refused)
  const here = presence<unknown>(page, 'Ada')
  expect(() => here.set(mine)).toThrow(refused)
  expect(here.mine).toBe('Ada')
  here.close()
})
