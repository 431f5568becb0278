import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { objectsEqual, type Shown } from './objects-equal.ts'

const shown = (page: string, list: readonly string[], value: unknown = 1): Shown => ({
  page,
  objects: { list, value },
})
const acknowledged = (held: readonly string[]): HistoryEvent => ({
  atMs: 5,
  peer: 'a',
  type: 'acknowledged',
  mid: 'a/1',
  seq: 1,
  held: [...held],
})
const midById = new Map([['p1.1', 'a/1']])

test('pages that show the same, with all that settled, keep the promise', () => {
  expect(
    objectsEqual([shown('p1', ['p1.1']), shown('p2', ['p1.1'])], midById, [acknowledged(['a'])]),
  ).toBe(null)
})

test('pages that show different things break it', () => {
  expect(objectsEqual([shown('p1', []), shown('p2', [], 2)], new Map(), [])).toBe(
    'the value of p2 ends as 2, that of p1 as 1',
  )
})

test('what is in a list twice breaks it', () => {
  expect(objectsEqual([shown('p1', ['x', 'x'])], new Map(), [])).toBe(
    'the list has x more than once',
  )
})

test('what settled and is not there breaks it, unless all that held it are gone, or it was taken back aloud', () => {
  const lost = [shown('p1', [])]
  expect(objectsEqual(lost, midById, [acknowledged(['a'])])).toBe(
    'p1.1, which a/1 brought and was acknowledged at 5 ms, is not in the list',
  )
  expect(objectsEqual(lost, midById, [])).toBe(null)
  expect(
    objectsEqual(lost, midById, [
      acknowledged(['a']),
      { atMs: 6, peer: 'a', type: 'ended', how: 'crashed' },
    ]),
  ).toBe(null)
  expect(
    objectsEqual(lost, midById, [
      acknowledged(['a']),
      { atMs: 6, peer: 'a', type: 'conflict', mid: 'a/1', code: 'room-full' },
    ]),
  ).toBe(null)
})

test('what settled and is not there is excused where the fold of a branch came as a message', () => {
  const lost = [shown('p1', [])]
  const folded: HistoryEvent = {
    atMs: 1,
    peer: 'b',
    type: 'invoked',
    mid: 'b/1',
    action: 'compact',
    key: 'list',
    seq: 3,
  }
  const came: HistoryEvent = {
    atMs: 6,
    peer: 'a',
    type: 'delivered',
    branch: '2:a',
    seq: 9,
    key: 'list',
    mid: 'b/1',
  }
  expect(objectsEqual(lost, midById, [folded, acknowledged(['a'])])).not.toBe(null)
  expect(objectsEqual(lost, midById, [folded, acknowledged(['a']), came])).toBe(null)
})
