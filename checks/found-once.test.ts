import { expect, test } from 'vitest'
import { foundOnce } from './found-once.ts'
import type { HistoryEvent } from './history.ts'

test('a history is searched once, and again when it has grown', () => {
  let searches = 0
  const lengthOf = foundOnce((history) => {
    searches++
    return history.length
  })
  const history: HistoryEvent[] = [{ atMs: 0, peer: 'a', type: 'joined' }]
  expect([lengthOf(history), lengthOf(history), searches]).toEqual([1, 1, 1])
  history.push({ atMs: 1, peer: 'b', type: 'joined' })
  expect([lengthOf(history), lengthOf(history), searches]).toEqual([2, 2, 2])
  expect([lengthOf([...history]), searches]).toEqual([2, 3])
})
