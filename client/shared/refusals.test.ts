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
