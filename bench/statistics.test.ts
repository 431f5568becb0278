import { expect, test } from 'vitest'
import { median, perRound, pooled, quartiles, ratios, rotated } from './statistics.ts'

test('a percentile is one of the values that were measured', () => {
  expect(median([5, 1, 9])).toBe(5)
  expect(median([4, 1])).toBe(1)
  expect(quartiles([1, 2, 3, 4, 5, 6, 7, 8])).toEqual({ low: 2, high: 6 })
})

test('a figure over all rounds counts each sample once', () => {
  expect(pooled([[1, 2, 3], [10]], 0.5)).toBe(2)
  expect(perRound([[1, 2, 3], [], [10]], 0.5)).toEqual([2, 10])
})

test('ratios are of the same round, as far as both have it', () => {
  expect(ratios([4, 9, 8], [2, 3])).toEqual([2, 3])
})

test('each comes first in turn', () => {
  expect([0, 1, 2, 3].map((by) => rotated(['a', 'b', 'c'], by).join(''))).toEqual([
    'abc',
    'bca',
    'cab',
    'abc',
  ])
  expect(rotated([], 5)).toEqual([])
})

test('without samples there is no figure', () => {
  expect(() => median([])).toThrow('nothing was measured')
})
