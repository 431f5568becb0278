// Owns how the outboxes of earlier lives are read from their disk. What is damaged there is left out: each op stands for
// itself. [PE5 PE14]

import { isPeerId, type OpId, type PeerId } from '../protocol/ids.ts'
import { withOwnValue } from '../protocol/entry.ts'
import type { Row } from '../storage/store.ts'
import type { OverOp, PromisedOp } from './copy.ts'
import { lastNumberIn, startsWith, textBeforeNumber, type CopyPlaces } from './copy-places.ts'
import { overCodec, promisedCodec, read } from './copy-records.ts'

export type Outboxes = {
  /** In the order in which each life was to submit them. */
  readonly promisedByLife: ReadonlyMap<PeerId, readonly PromisedOp[]>
  readonly over: readonly OverOp[]
  /** How many records were left out. */
  readonly damaged: number
}

/** Never throws, whatever the bytes. */
export function outboxesIn(rows: readonly Row[], places: CopyPlaces): Outboxes {
  const promisedByLife = new Map<PeerId, PromisedOp[]>()
  const over: OverOp[] = []
  let damaged = 0
  for (const [place, record] of rows) {
    if (startsWith(place, places.outbox)) {
      const found = promisedIn(place, record, places)
      if (found === null) damaged++
      else addTo(promisedByLife, found.life, found.promised)
    } else if (startsWith(place, places.over)) {
      const found = overIn(place, record, places)
      if (found === null) damaged++
      else over.push(found)
    }
  }
  for (const [life, promised] of promisedByLife) promisedByLife.set(life, inOrder(promised, life))
  return { promisedByLife, over, damaged }
}

function promisedIn(
  place: Uint8Array,
  record: Uint8Array,
  places: CopyPlaces,
): { readonly life: PeerId; readonly promised: PromisedOp } | null {
  const life = peerIn(place, places.outbox)
  const found = read(place, record, promisedCodec)
  if (life === null || !found.ok) return null
  const { heard, wasSent, ops } = found.value
  const [op] = ops
  return op === undefined ? null : { life, promised: { op: withOwnValue(op), heard, wasSent } }
}

function overIn(place: Uint8Array, record: Uint8Array, places: CopyPlaces): OverOp | null {
  const author = peerIn(place, places.over)
  const found = read(place, record, overCodec)
  if (author === null || !found.ok) return null
  return { author, opId: lastNumberIn(place) as OpId, code: found.value.code }
}

/** Ops of others come first, as they lie there. Own ones may have been set aside after later ones. */
function inOrder(promised: readonly PromisedOp[], life: PeerId): PromisedOp[] {
  const own = promised.filter(({ op }) => op.author === life)
  const others = promised.filter(({ op }) => op.author !== life)
  return [...others, ...own.sort((a, b) => a.op.opId - b.op.opId)]
}

function addTo(byLife: Map<PeerId, PromisedOp[]>, life: PeerId, promised: PromisedOp): void {
  const ofLife = byLife.get(life)
  if (ofLife === undefined) byLife.set(life, [promised])
  else ofLife.push(promised)
}

function peerIn(place: Uint8Array, area: Uint8Array): PeerId | null {
  try {
    const peer = textBeforeNumber(place.subarray(area.length))
    return isPeerId(peer) ? peer : null
  } catch {
    return null
  }
}
