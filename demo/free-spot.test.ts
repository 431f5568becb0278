import { expect, test } from 'vitest'
import { freeSpot, type Box } from './free-spot.ts'

const MIDDLE = { x: 0.5, y: 0.45 }
const SIZE = { width: 0.2, height: 0.15 }

test('notes that are put up one after the other cover none before them, as long as there is room', () => {
  const taken: Box[] = []
  for (let i = 0; i < 12; i++) {
    const spot = freeSpot(MIDDLE, SIZE, taken)
    for (const box of taken) {
      const isApart =
        Math.abs(spot.x - box.x) >= SIZE.width - 1e-9 ||
        Math.abs(spot.y - box.y) >= SIZE.height - 1e-9
      expect(isApart).toBe(true)
    }
    expect(spot.x - SIZE.width / 2).toBeGreaterThanOrEqual(0)
    expect(spot.x + SIZE.width / 2).toBeLessThanOrEqual(1)
    expect(spot.y - SIZE.height / 2).toBeGreaterThanOrEqual(0)
    expect(spot.y + SIZE.height / 2).toBeLessThanOrEqual(0.86)
    taken.push({ ...spot, ...SIZE })
  }
  expect(taken[0]).toMatchObject(MIDDLE)
})

test('on a full board a note covers as little as may be', () => {
  const wall = { x: 0.5, y: 0.5, width: 1, height: 1 }
  const spot = freeSpot(MIDDLE, SIZE, [wall, { ...MIDDLE, ...SIZE }])
  expect(Math.hypot(spot.x - MIDDLE.x, spot.y - MIDDLE.y)).toBeGreaterThan(0.1)
})
