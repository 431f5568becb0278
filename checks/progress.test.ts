import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { judge } from './index.ts'
import { voidBecause } from './progress.ts'

const ROOM: readonly HistoryEvent[] = ['a', 'b'].flatMap((peer): HistoryEvent[] => [
  { atMs: 0, peer, type: 'joined' },
  { atMs: 10, peer, type: 'live', branch: '1:a' },
])

function ops(
  peer: string,
  fromMs: number,
  count: number,
  answered: number,
  first = 1,
): HistoryEvent[] {
  return Array.from({ length: count }, (_, i): HistoryEvent[] => {
    const mid = `${peer}/${first + i}`
    const atMs = fromMs + 10 * i
    const invoked: HistoryEvent = { atMs, peer, type: 'invoked', mid, action: 'relay', key: 'k' }
    return i < answered
      ? [invoked, { atMs: atMs + 5, peer, type: 'acknowledged', mid, seq: i + 1 }]
      : [invoked]
  }).flat()
}

const crash: readonly HistoryEvent[] = [
  { atMs: 10_000, peer: '', type: 'fault', kind: 'crash', what: 'a', peers: ['a'] },
  { atMs: 10_000, peer: 'a', type: 'ended', how: 'crashed' },
]

test('a run in which operations are acknowledged proves something', () => {
  expect(voidBecause([...ROOM, ...ops('a', 100, 100, 90)])).toBeNull()
})

test('a run with hardly an outcome is void', () => {
  expect(voidBecause([...ROOM, ...ops('a', 100, 4, 4)])).toBe(
    '4 operations had an outcome; fewer than 5 prove nothing',
  )
})

test('a run in which too little of what was sent in peace had an outcome is void', () => {
  expect(voidBecause([...ROOM, ...ops('a', 100, 100, 89)])).toBe(
    '89 % of the 100 operations sent while nothing was wrong had an outcome',
  )
})

test('what was sent while something was wrong does not count', () => {
  expect(
    voidBecause([
      ...ROOM,
      ...ops('a', 100, 20, 20),
      ...crash,
      ...ops('b', 9_500, 200, 0),
      { atMs: 12_000, peer: 'b', type: 'live', branch: '2:b' },
    ]),
  ).toBeNull()
})

test('what a page sent just before it ended does not count', () => {
  const ended = (atMs: number): HistoryEvent => ({ atMs, peer: 'b', type: 'ended', how: 'left' })
  expect(
    voidBecause([...ROOM, ...ops('a', 100, 20, 20), ...ops('b', 100, 20, 0), ended(10_100)]),
  ).toBeNull()
  expect(
    voidBecause([...ROOM, ...ops('a', 100, 20, 20), ...ops('b', 100, 20, 0), ended(10_500)]),
  ).toBe('50 % of the 40 operations sent while nothing was wrong had an outcome')
})

test('a run whose host was taken away and that saw no other is void', () => {
  expect(voidBecause([...ROOM, ...ops('a', 100, 20, 20), ...crash])).toBe(
    'the host a was taken away at 10000 ms, and no other was seen after term 1',
  )
  expect(
    voidBecause([
      ...ROOM,
      ...ops('a', 100, 20, 20),
      ...crash,
      { atMs: 10_200, peer: 'b', type: 'live', branch: '2:b' },
    ]),
  ).toBeNull()
  expect(
    voidBecause([
      ...ROOM,
      ...ops('a', 100, 20, 20),
      ...crash,
      { atMs: 10_200, peer: 'b', type: 'live', branch: '1:b' },
    ]),
  ).toBeNull()
})

test('a host that goes alone leaves nobody to follow it', () => {
  const alone = ROOM.filter(({ peer }) => peer === 'a')
  expect(voidBecause([...alone, ...ops('a', 100, 20, 20), ...crash])).toBeNull()
})

test('a page that goes and did not host moves nothing', () => {
  expect(
    voidBecause([
      ...ROOM,
      ...ops('a', 100, 20, 20),
      { atMs: 10_000, peer: '', type: 'fault', kind: 'leave', what: 'b', peers: ['b'] },
      { atMs: 10_000, peer: 'b', type: 'ended', how: 'left' },
    ]),
  ).toBeNull()
})

test('what is broken is not called void', () => {
  expect(
    judge(
      [...ROOM, { atMs: 20, peer: 'a', type: 'sample', what: 'tail', bytes: 2 ** 30 }],
      ['bounded'],
    ),
  ).toMatchObject({ verdict: 'broken' })
  expect(judge([...ROOM], ['bounded'])).toMatchObject({ verdict: 'void' })
})
