// Owns freehand drawing as pure steps: the strokes the room holds, and how a row of points becomes a smooth line.

import { STROKES_MAX, STROKE_NUMBERS_MAX } from './board-limits.ts'
import { GRID, readInkStep, type InkStep, type Stroke } from './shapes.ts'

export type Ink = {
  /** By stroke id, the oldest first. */
  readonly strokes: ReadonlyMap<string, Stroke>
}

export const NO_INK: Ink = { strokes: new Map() }

/** A message of the stream `strokes` came; a bad shape changes nothing. */
export function inkStepped(ink: Ink, value: unknown, seq: number): Ink {
  const step = readInkStep(value)
  if (step === null) return ink
  switch (step.type) {
    case 'clear':
      return NO_INK
    case 'erase':
      return { strokes: new Map([...ink.strokes].filter(([id]) => id !== step.id)) }
    case 'draw':
      return { strokes: drawn(ink.strokes, step.strokes, seq) }
  }
}

function drawn(
  before: ReadonlyMap<string, Stroke>,
  parts: readonly Stroke[],
  seq: number,
): ReadonlyMap<string, Stroke> {
  const strokes = new Map(before)
  for (const part of parts) {
    const known = strokes.get(part.id)
    if (known === undefined) strokes.set(part.id, { ...part, order: part.order ?? seq })
    else if (known.points.length < STROKE_NUMBERS_MAX)
      strokes.set(part.id, { ...known, points: [...known.points, ...part.points] })
  }
  for (const id of strokes.keys()) {
    if (strokes.size <= STROKES_MAX) break
    strokes.delete(id)
  }
  return strokes
}

/** This page's own strokes without those that the room now holds whole. */
export function wetInkDried(
  wet: ReadonlyMap<string, Stroke>,
  ink: Ink,
): ReadonlyMap<string, Stroke> {
  const still = new Map(
    [...wet].filter(
      ([id, { points }]) => (ink.strokes.get(id)?.points.length ?? 0) < points.length,
    ),
  )
  return still.size === wet.size ? wet : still
}

/** What the stream `strokes` folds into. */
export function foldedInk(ink: Ink): InkStep {
  return { type: 'draw', strokes: [...ink.strokes.values()] }
}

/** The grid step nearest to a share of a side. */
export function gridStep(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * GRID)
}

/** An SVG path through the points, curved between their middles; a lone point becomes a dot. */
export function pathThrough(points: readonly number[]): string {
  const [x0, y0] = points
  if (x0 === undefined || y0 === undefined) return ''
  if (points.length === 2) return `M${x0} ${y0}h1`
  let path = `M${x0} ${y0}`
  for (let i = 2; i + 3 < points.length; i += 2) {
    const [x = 0, y = 0, nextX = 0, nextY = 0] = points.slice(i, i + 4)
    path += `Q${x} ${y} ${(x + nextX) / 2} ${(y + nextY) / 2}`
  }
  return `${path}L${points.at(-2)} ${points.at(-1)}`
}
