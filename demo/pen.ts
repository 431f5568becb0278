// Owns drawing by this page: a stroke is shown as it is drawn and travels in small batches.

import type { Room } from '../client/api.ts'
import { conflate } from './conflate.ts'
import { freshId } from './fresh-id.ts'
import { gridStep } from './ink.ts'
import { INK_INTERVAL_MS, STROKE_NUMBERS_MAX } from './board-limits.ts'
import type { Store } from './model.ts'
import type { Spot, Stroke } from './shapes.ts'

export type Pen = {
  down(spot: Spot): void
  move(spot: Spot): void
  up(): void
  /** Takes back this page's last stroke that is still there. */
  undo(): void
  /** Wipes the drawing, everyone's. */
  clear(): void
}

export function createPen(room: Room, store: Store, failed: (reason: unknown) => void): Pen {
  const mine: string[] = []
  let stroke: Stroke | null = null
  let sent = 0
  let lastBatch: Promise<unknown> = Promise.resolve()
  const sendSoon = conflate<Stroke>(send, INK_INTERVAL_MS)

  function show(wet: Stroke): void {
    store.set({ wetInk: new Map(store.model.wetInk).set(wet.id, wet) })
  }

  function dry(id: string): void {
    store.set({ wetInk: new Map([...store.model.wetInk].filter(([other]) => other !== id)) })
  }

  function send({ id, color, points }: Stroke): void {
    const batch = points.slice(sent)
    sent = points.length
    lastBatch = room
      .append('strokes', { type: 'draw', strokes: [{ id, color, points: batch }] })
      .catch(failed)
  }

  function add(spot: Spot): void {
    if (stroke === null || stroke.points.length >= STROKE_NUMBERS_MAX) return
    const point = [gridStep(spot.x), gridStep(spot.y)]
    if (point[0] === stroke.points.at(-2) && point[1] === stroke.points.at(-1)) return
    stroke = { ...stroke, points: [...stroke.points, ...point] }
    show(stroke)
    sendSoon.offer(stroke)
  }

  return {
    down(spot) {
      stroke = { id: freshId(), color: store.model.color, points: [] }
      mine.push(stroke.id)
      sent = 0
      add(spot)
    },
    move: add,
    up() {
      sendSoon.flush()
      const id = stroke?.id
      stroke = null
      // The room's own version shows from then on, whatever the room made of the stroke.
      if (id !== undefined) void lastBatch.then(() => dry(id))
    },
    undo() {
      const id = mine.findLast((own) => store.model.ink.strokes.has(own))
      if (id !== undefined) room.append('strokes', { type: 'erase', id }).catch(failed)
    },
    clear() {
      room.replace('strokes', { type: 'clear' }).catch(failed)
    },
  }
}
