import { expect, test } from 'vitest'
import type { HostChange } from '../client/api.ts'
import { TIMELINE_MAX } from './board-limits.ts'
import { gapText, happened, hostHappening } from './timeline.ts'

const change = { hostId: 'b', term: 2, previousHostId: 'a', gapMs: 61.4 } as HostChange

test('the first host is found, the next ones are handed the baton with its gap', () => {
  expect(hostHappening({ ...change, previousHostId: null }, 7)).toEqual({
    type: 'hosted',
    at: 7,
    hostId: 'b',
    term: 2,
  })
  expect(hostHappening(change, 7)).toEqual({
    type: 'passed',
    at: 7,
    hostId: 'b',
    fromId: 'a',
    term: 2,
    gapMs: 61.4,
  })
})

test('the newest stands first and the oldest go', () => {
  const timeline = happened(
    happened([], { type: 'joined', at: 1, id: 'a' }, { type: 'joined', at: 2, id: 'b' }),
    { type: 'left', at: 3, id: 'a' },
  )
  expect(timeline.map(({ at }) => at)).toEqual([3, 2, 1])
  const long = Array.from(
    { length: TIMELINE_MAX + 9 },
    (_, at) => ({ type: 'joined', at, id: 'a' }) as const,
  )
  expect(happened([], ...long)).toHaveLength(TIMELINE_MAX)
})

test.each([
  [0.2, 'under 1 ms'],
  [61.4, '61 ms'],
  [2_310.6, '2311 ms'],
  [9_999.9, '10.0 s'],
  [12_340, '12.3 s'],
])('a gap of %d ms reads "%s"', (ms, text) => {
  expect(gapText(ms)).toBe(text)
})
