import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { agreement } from './agreement.ts'
import { noCreation } from './no-creation.ts'
import { noGhosts } from './no-ghosts.ts'
import { longBranchesLeft } from './taken-back.ts'

/** `b` was given the room up to a seq, and is told that all after the first is taken back. */
function left(upTo: number): HistoryEvent[] {
  const given = (seq: number): HistoryEvent => ({
    atMs: seq,
    peer: 'b',
    type: 'delivered',
    branch: '1:a',
    seq,
    key: 'k',
    mid: `a/${seq}`,
  })
  return [
    ...[1, upTo].map((seq): HistoryEvent => ({
      atMs: 0,
      peer: 'a',
      type: 'invoked',
      mid: `a/${seq}`,
      action: 'append',
      key: 'k',
    })),
    given(1),
    given(upTo),
    { atMs: 900, peer: 'b', type: 'reset', seq: 1, headSeq: 1, keys: 'all', reason: 'rewound' },
  ]
}

test('a branch is long when it took more messages than the shortest tail holds', () => {
  expect([...longBranchesLeft(left(500))]).toEqual([['b', 4]])
  expect([...longBranchesLeft(left(300))]).toEqual([])
})

test('and what was refused on it counts', () => {
  const refused = Array.from({ length: 200 }, (_, i): HistoryEvent => ({
    atMs: 800,
    peer: 'c',
    type: 'refused',
    mid: `c/${i}`,
    code: 'room-full',
  }))
  const [reset, ...before] = left(300).toReversed()
  expect([...longBranchesLeft([...before.toReversed(), ...refused, reset!])]).toEqual([['b', 204]])
  expect([...longBranchesLeft([...refused, ...left(300)])]).toEqual([])
})

test('what others were folded into comes as a message of a branch that was left, and of no other', () => {
  const fold: HistoryEvent[] = [
    { atMs: 950, peer: 'b', type: 'invoked', mid: 'b/1', action: 'compact', key: 'k', seq: 1 },
    { atMs: 960, peer: 'b', type: 'delivered', branch: '1:a', seq: 2, key: 'k', mid: 'b/1' },
  ]
  expect(noCreation([...left(300), ...fold])).toBeNull()
  expect(noCreation([...left(300).filter(({ type }) => type !== 'reset'), ...fold])).toContain(
    'b/1 as 2 under "k" on 1:a, which is a compaction and no message',
  )
})

test('the receipt of a fold that became a message names its place, once its author left a branch longer than a tail', () => {
  const branch = (upTo: number): HistoryEvent[] => [
    { atMs: 0, peer: 'b', type: 'invoked', mid: 'b/1', action: 'compact', key: 'k', seq: upTo },
    ...left(upTo),
    { atMs: 950, peer: 'b', type: 'acknowledged', mid: 'b/1', seq: 2 },
    {
      atMs: 990,
      peer: 'b',
      type: 'final',
      branch: '2:a',
      lastSeq: 2,
      pending: 0,
      streams: [
        [
          'k',
          [
            [1, 'a/1'],
            [2, 'b/1'],
          ],
        ],
      ],
    },
  ]
  expect([agreement(branch(500)), noGhosts(branch(500))]).toEqual([null, null])
  expect(agreement(branch(300))).toBe('b/1 folds up to 300, and its receipt at 950 ms says 2')
})
