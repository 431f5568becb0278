import { expect, test } from 'vitest'
import { lapLength, loopIn, placesOn, runAhead, twoLaps } from './track.ts'

const loop = loopIn({ width: 840, height: 640 }, 40, 60)

test('the loop is the middle of the track', () => {
  expect(loop).toEqual({ width: 800, height: 600, inset: 20, radius: 40 })
  expect(lapLength(loop)).toBeCloseTo(2 * (720 + 520) + 80 * Math.PI)
  expect(twoLaps(loop)).toMatch(/^M60 20h720a40 40 0 0 1 40 40v520/)
})

test('a box too small for its corners still has a loop', () => {
  const tiny = loopIn({ width: 30, height: 10 }, 40, 60)
  expect(lapLength(tiny)).toBe(0)
  expect(placesOn(tiny, 3, 80)).toHaveLength(3)
  expect(runAhead(5, 7, 0)).toEqual({ from: 0, to: 0 })
})

test('the first runner stands at the middle of the top, two face each other', () => {
  const [first, second] = placesOn(loop, 2, 50)
  expect(first).toEqual({ distance: 360, side: 'top' })
  expect(second?.side).toBe('bottom')
})

test('runners are spread over all sides, in order, away from the bends', () => {
  const places = placesOn(loop, 8, 50)
  expect(new Set(places.map(({ side }) => side))).toEqual(
    new Set(['top', 'right', 'bottom', 'left']),
  )
  const lap = lapLength(loop)
  const ahead = places.map(({ distance }) => (distance - 360 + lap) % lap)
  expect(ahead).toEqual(ahead.toSorted((a, b) => a - b))
})

test('the baton always runs ahead, never back, and never more than a lap', () => {
  for (const [from, to] of [
    [10, 50],
    [50, 10],
    [50, 50],
    [990, 5],
    [1_500, 20],
    [-5, 0],
  ] as const) {
    const run = runAhead(from, to, 1_000)
    expect(run.to).toBeGreaterThan(run.from)
    expect(run.to - run.from).toBeLessThanOrEqual(1_000)
    expect(run.to % 1_000).toBe(to)
  }
})
