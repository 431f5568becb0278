import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { noCreation } from './no-creation.ts'

const live = (atMs: number, peer: string, branch: string): HistoryEvent => ({
  atMs,
  peer,
  type: 'live',
  branch,
})
const refused: HistoryEvent[] = [
  { atMs: 100, peer: 'a', type: 'invoked', mid: 'a/1', action: 'append', key: 'k' },
  live(110, 'a', '1:a'),
  live(120, 'b', '1:a'),
  { atMs: 130, peer: 'a', type: 'refused', mid: 'a/1', code: 'room-full' },
  { atMs: 140, peer: 'a', type: 'ended', how: 'left' },
]
const given: HistoryEvent[] = [
  live(200, 'b', '2:c'),
  { atMs: 210, peer: 'b', type: 'delivered', mid: 'a/1', branch: '2:c', key: 'k', seq: 1 },
]

test('what was refused does not come on a branch that goes on from there', () => {
  expect(noCreation([...refused, ...given])).toContain(
    'which a at 130 ms was told is refused (room-full)',
  )
})

test('it may come on another one, for which somebody had to leave the branch that refused it', () => {
  const left: HistoryEvent = {
    atMs: 190,
    peer: 'b',
    type: 'reset',
    seq: 0,
    keys: 'all',
    reason: 'rewound',
  }
  expect(noCreation([...refused, left, ...given])).toBeNull()
  expect(noCreation([...refused, { ...left, peer: 'd' }, ...given])).not.toBeNull()
})

test('a refusal stands on the branch that it names, before its page says that it is there', () => {
  const before: HistoryEvent[] = [
    { atMs: 100, peer: 'a', type: 'invoked', mid: 'a/1', action: 'relay', key: 'k' },
    live(110, 'a', '1:b'),
    { atMs: 120, peer: 'b', type: 'delivered', mid: 'a/1', branch: '1:b', key: 'k', seq: 1 },
  ]
  const refusal = {
    atMs: 130,
    peer: 'a',
    type: 'refused',
    mid: 'a/1',
    code: 'not-repeated',
  } as const
  expect(noCreation([...before, { ...refusal, branch: '2:c' }, live(130, 'a', '2:c')])).toBeNull()
  expect(noCreation([...before, refusal])).toContain('not-repeated')
})
