// Owns where a new note finds room. Pure; all measures are shares of the board.

import type { Spot } from './shapes.ts'

export type Size = { readonly width: number; readonly height: number }
/** `x`, `y` are its middle. */
export type Box = Spot & Size

const RINGS = 14
const SPOTS_PER_RING = 12
/** Of a note's side, from one ring to the next. */
const RING_STEP = 0.5
/** Below are the tools. */
const LOWEST = 0.86

/** The place nearest to `start` at which a note covers none; where the board is full, the one that covers the least. */
export function freeSpot(start: Spot, size: Size, taken: readonly Box[]): Spot {
  let best: Spot = start
  let leastCovered = Infinity
  for (const spot of spotsAround(start, size)) {
    const covered = taken.reduce((sum, box) => sum + overlap({ ...spot, ...size }, box), 0)
    if (covered === 0) return spot
    if (covered >= leastCovered) continue
    best = spot
    leastCovered = covered
  }
  return best
}

function spotsAround({ x, y }: Spot, { width, height }: Size): readonly Spot[] {
  const spots: Spot[] = [inside({ x, y }, { width, height })]
  for (let ring = 1; ring <= RINGS; ring++) {
    for (let i = 0; i < SPOTS_PER_RING; i++) {
      const angle = (i / SPOTS_PER_RING) * 2 * Math.PI
      const across = Math.cos(angle) * ring * RING_STEP * width
      const down = Math.sin(angle) * ring * RING_STEP * height
      spots.push(inside({ x: x + across, y: y + down }, { width, height }))
    }
  }
  return spots
}

function inside({ x, y }: Spot, { width, height }: Size): Spot {
  return {
    x: Math.min(Math.max(x, width / 2), 1 - width / 2),
    y: Math.min(Math.max(y, height / 2), LOWEST - height / 2),
  }
}

/** The area that two boxes share. */
function overlap(a: Box, b: Box): number {
  const across = (a.width + b.width) / 2 - Math.abs(a.x - b.x)
  const down = (a.height + b.height) / 2 - Math.abs(a.y - b.y)
  return Math.max(across, 0) * Math.max(down, 0)
}
