// Owns what a page takes over of what lies on its device: the copy, and the ops of lives that are over. Pure. [PE5]

import { NO_INDEX, type PeerId } from '../protocol/ids.ts'
import type { OpenedCopy, PromisedOp } from '../replica/copy.ts'
import type { CopyPlaces } from '../replica/copy-places.ts'
import { outboxesIn, type Outboxes } from '../replica/outbox-reader.ts'
import type { Read } from './kept-batches.ts'

export const NO_OUTBOXES: Outboxes = { promisedByLife: new Map(), over: [], damaged: 0 }
export const NOTHING: OpenedCopy = {
  state: null,
  stable: NO_INDEX,
  promised: [],
  over: [],
  lives: [],
}

/** Outboxes of lives that no tab has are for this one. */
export function inheritedFrom(
  { rows, found }: Read,
  elsewhere: ReadonlySet<PeerId>,
  places: CopyPlaces,
): Outboxes {
  if (found.type === 'newer') return NO_OUTBOXES
  const { promisedByLife, ...rest } = outboxesIn(rows, places)
  const orphans = [...promisedByLife].filter(([life]) => !elsewhere.has(life))
  return { ...rest, promisedByLife: new Map(orphans) }
}

export function copyFrom({ found }: Read, { promisedByLife, over }: Outboxes): OpenedCopy {
  const promised = eachOnce([...promisedByLife.values()].flat())
  const others = [...promisedByLife.keys()]
  if (found.type !== 'copy') return { ...NOTHING, lives: others, promised, over }
  const { state, stable } = found.copy
  // Other tabs' lives may have left an outbox, and no copy.
  const lives = [...new Set([...others, ...found.copy.lives])]
  return { state, stable, lives, promised, over }
}

/** Two lives may have promised one op. */
function eachOnce(promised: readonly PromisedOp[]): readonly PromisedOp[] {
  const byName = new Map(promised.map((item) => [`${item.op.author} ${item.op.opId}`, item]))
  return [...byName.values()]
}
