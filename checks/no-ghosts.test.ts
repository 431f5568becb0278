import { expect, test } from 'vitest'
import type { HistoryEvent, Retained } from './history.ts'
import { noGhosts } from './no-ghosts.ts'

const BRANCH = '1:a'

function given(peer: string, ...seqs: readonly number[]): HistoryEvent[] {
  return seqs.map((seq) => ({
    atMs: seq,
    peer,
    type: 'delivered',
    branch: BRANCH,
    seq,
    key: 'k',
    mid: `a/${seq}`,
  }))
}

/**
 * `a` sends messages 1 to 4; having been given three, `b` folds up to the second and has its
 * receipt.
 */
const FOLDED: readonly HistoryEvent[] = [
  ...[1, 2, 3, 4].map((number): HistoryEvent => ({
    atMs: 0,
    peer: 'a',
    type: 'invoked',
    mid: `a/${number}`,
    action: 'append',
    key: 'k',
  })),
  ...given('b', 1, 2, 3),
  { atMs: 5, peer: 'b', type: 'invoked', mid: 'b/1', action: 'compact', key: 'k', seq: 2 },
  { atMs: 6, peer: 'b', type: 'acknowledged', mid: 'b/1', seq: 2 },
]
const FOLDS: readonly Retained[] = [
  [2, 'b/1'],
  [3, 'a/3'],
]
const GHOSTS: readonly Retained[] = [
  [1, 'a/1'],
  [2, 'a/2'],
  [3, 'a/3'],
]

function replay(peer: string, entries: readonly Retained[], key = 'k'): HistoryEvent {
  return { atMs: 10, peer, type: 'replayed', branch: BRANCH, key, after: 0, entries }
}

function end(entries: readonly Retained[]): HistoryEvent {
  return {
    atMs: 1_000,
    peer: 'c',
    type: 'final',
    branch: BRANCH,
    lastSeq: 4,
    pending: 0,
    streams: [['k', entries]],
  }
}

test('who has its receipt sees what was folded no more', () => {
  expect(noGhosts([...FOLDED, replay('b', FOLDS)])).toBeNull()
  expect(noGhosts([...FOLDED, replay('b', GHOSTS)])).toBe(
    'b at 10 ms has a/1 as 1 under "k", which b/1 had folded up to 2',
  )
  expect(noGhosts([...FOLDED, replay('b', GHOSTS, 'another')])).toBeNull()
})

test('another page may lag behind, until it was given what came after the fold', () => {
  expect(noGhosts([...FOLDED, ...given('c', 1, 2, 3), replay('c', GHOSTS)])).toBeNull()
  expect(noGhosts([...FOLDED, ...given('c', 1, 2, 3, 4), replay('c', GHOSTS)])).toContain(
    'c at 10 ms has a/1 as 1',
  )
})

test('who saw the fold in a replay never sees behind it again', () => {
  expect(noGhosts([...FOLDED, replay('c', FOLDS), replay('c', GHOSTS)])).toContain(
    'c at 10 ms has a/1 as 1',
  )
})

test('a fold further on takes the place of an earlier one', () => {
  const further: HistoryEvent[] = [
    { atMs: 7, peer: 'b', type: 'invoked', mid: 'b/2', action: 'compact', key: 'k', seq: 3 },
    { atMs: 8, peer: 'b', type: 'acknowledged', mid: 'b/2', seq: 3 },
  ]
  expect(noGhosts([...FOLDED, ...further, end([[3, 'b/2']])])).toBeNull()
  expect(noGhosts([...FOLDED, ...further, end(FOLDS)])).toContain(
    'c at 1000 ms has b/1 as 2 under "k", which b/2 had folded up to 3',
  )
})

test('in the end every fold that was acknowledged stands', () => {
  expect(noGhosts([...FOLDED, end(GHOSTS)])).toContain('c at 1000 ms has a/1 as 1')
})

test('a fold that its author was told is in conflict promises nothing', () => {
  expect(
    noGhosts([
      ...FOLDED,
      { atMs: 9, peer: 'b', type: 'conflict', mid: 'b/1', code: 'compact-outdated' },
      end(GHOSTS),
    ]),
  ).toBeNull()
})

test('nor does one of a branch that was left, once its author is gone and cannot be told', () => {
  const left: HistoryEvent = {
    atMs: 8,
    peer: 'c',
    type: 'reset',
    seq: 3,
    headSeq: 3,
    keys: 'all',
    reason: 'rewound',
  }
  const gone: HistoryEvent = { atMs: 9, peer: 'b', type: 'ended', how: 'crashed' }
  expect(noGhosts([...FOLDED, left, gone, end(GHOSTS)])).toBeNull()
  expect(noGhosts([...FOLDED, gone, end(GHOSTS)])).not.toBeNull()
  expect(noGhosts([...FOLDED, left, end(GHOSTS)])).not.toBeNull()
})

test('nor does one of a branch longer than a tail, once its author is told of the reset', () => {
  const branch = (last: number): HistoryEvent[] => [
    ...FOLDED,
    ...given('b', 4, last),
    { atMs: 800, peer: 'b', type: 'reset', seq: 1, headSeq: 1, keys: 'all', reason: 'rewound' },
    end(GHOSTS),
  ]
  expect(noGhosts(branch(500))).toBeNull()
  expect(noGhosts(branch(300))).toContain('c at 1000 ms has a/1 as 1')
})
