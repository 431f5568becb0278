import { expect, test } from 'vitest'
import {
  NO_INK,
  foldedInk,
  gridStep,
  inkStepped,
  pathThrough,
  wetInkDried,
  type Ink,
} from './ink.ts'
import { STROKES_MAX } from './board-limits.ts'

const draw = (id: string, ...points: number[]) => ({
  type: 'draw',
  strokes: [{ id, color: 'sky', points }],
})
const readBack = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const pointsOf = (ink: Ink, id: string) => ink.strokes.get(id)?.points

test('batches of one stroke join in order', () => {
  const ink = [
    draw('stroke001', 1, 1),
    draw('stroke002', 9, 9),
    draw('stroke001', 2, 2, 3, 3),
  ].reduce(inkStepped, NO_INK)
  expect(pointsOf(ink, 'stroke001')).toEqual([1, 1, 2, 2, 3, 3])
  expect(pointsOf(ink, 'stroke002')).toEqual([9, 9])
})

test('erase takes one stroke back, clear takes all', () => {
  const ink = [draw('stroke001', 1, 1), draw('stroke002', 2, 2)].reduce(inkStepped, NO_INK)
  expect([...inkStepped(ink, { type: 'erase', id: 'stroke001' }, 7).strokes.keys()]).toEqual([
    'stroke002',
  ])
  expect(inkStepped(ink, { type: 'clear' }, 7).strokes.size).toBe(0)
})

test('a bad shape changes nothing', () => {
  expect(inkStepped(NO_INK, { type: 'explode' }, 7)).toBe(NO_INK)
})

test('the oldest strokes go when there are too many', () => {
  let ink = NO_INK
  for (let i = 0; i < STROKES_MAX + 3; i++)
    ink = inkStepped(ink, draw(`stroke${String(i).padStart(4, '0')}`, 1, 1), i)
  expect(ink.strokes.size).toBe(STROKES_MAX)
  expect(ink.strokes.has('stroke0002')).toBe(false)
})

test('a fold draws the same picture again', () => {
  const ink = [draw('stroke001', 1, 1), draw('stroke001', 2, 2), draw('stroke002', 3, 3)].reduce(
    inkStepped,
    NO_INK,
  )
  expect(inkStepped(NO_INK, readBack(foldedInk(ink)), 300)).toEqual(ink)
})

test('a stroke is as high as its beginning, and a fold keeps that', () => {
  let ink = inkStepped(NO_INK, draw('stroke001', 1, 1), 5)
  ink = inkStepped(ink, draw('stroke002', 1, 1), 7)
  ink = inkStepped(ink, draw('stroke001', 2, 2), 9)
  const orders = ({ strokes }: Ink) => [...strokes.values()].map(({ order }) => order)
  expect(orders(ink)).toEqual([5, 7])
  expect(orders(inkStepped(NO_INK, readBack(foldedInk(ink)), 300))).toEqual([5, 7])
})

test('wet ink dries when the room holds the whole stroke', () => {
  const wet = new Map([
    ['stroke001', { id: 'stroke001', color: 'sky', points: [1, 1, 2, 2] } as const],
  ])
  const half = inkStepped(NO_INK, draw('stroke001', 1, 1), 1)
  expect(wetInkDried(wet, half)).toBe(wet)
  expect(wetInkDried(wet, inkStepped(half, draw('stroke001', 2, 2), 2)).size).toBe(0)
})

test('a path starts at the first point and ends at the last', () => {
  expect(pathThrough([])).toBe('')
  expect(pathThrough([5, 6])).toBe('M5 6h1')
  expect(pathThrough([0, 0, 10, 0])).toBe('M0 0L10 0')
  expect(pathThrough([0, 0, 10, 0, 10, 10])).toBe('M0 0Q10 0 10 5L10 10')
})

test('grid steps stay on the grid', () => {
  expect([gridStep(-1), gridStep(0.5), gridStep(7)]).toEqual([0, 5_000, 10_000])
})
