// Owns how the tail of the log lies in records, and what a batch changes of them. [PE11]

import { FRAME_OPS_MAX, SNAPSHOT_PART_BYTES } from '../protocol/limits.ts'
import { NO_INDEX, type Index } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Write } from '../storage/store.ts'
import { entryBytes } from './batches.ts'
import type { PieceNote } from './copy-notes.ts'
import { deleteAllIn, deleteOne, type GenerationPlaces } from './copy-places.ts'
import { put, tailCodec } from './copy-records.ts'
import type { Log } from './log.ts'
import { withoutSmall } from './stream-records.ts'

type Piece = PieceNote<Index>

const ENTRIES_MAX = Math.min(1_024, FRAME_OPS_MAX)

export type TailChange = { readonly writes: readonly Write[]; readonly pieces: readonly Piece[] }

/** `before`: what lies there. */
export function tailChange(
  log: Log,
  before: readonly Piece[],
  places: GenerationPlaces,
): TailChange {
  const last = before.at(-1)
  // The disk was behind for longer than a tail.
  if (last === undefined || !log.reachesBackTo(last.last)) {
    const made = putEntries(log.after(NO_INDEX), places)
    return { writes: [deleteAllIn(places.area('tail')), ...made.writes], pieces: made.pieces }
  }
  const held = before.filter((piece) => piece.last >= log.first)
  const writes = dropped(before, held.length, places)
  const mayGrow = log.last > last.last && log.reachesBackTo(last.after)
  const { kept, small } = mayGrow ? withoutSmall(held) : { kept: held, small: undefined }
  if (small !== undefined) writes.push(deleteOne(places.tail(small.last)))
  const made = putEntries(log.after(small?.after ?? last.last), places)
  return { writes: [...writes, ...made.writes], pieces: [...kept, ...made.pieces] }
}

/** Records that the tail has left behind. */
function dropped(before: readonly Piece[], held: number, places: GenerationPlaces): Write[] {
  const newest = before[before.length - held - 1]
  if (newest === undefined) return []
  const to = places.tail((newest.last + 1) as Index)
  return [{ deleteFrom: places.tail(NO_INDEX), to }]
}

function putEntries(entries: readonly Entry[], places: GenerationPlaces): TailChange {
  const writes: Write[] = []
  const pieces: Piece[] = []
  for (const piece of inPieces(entries)) {
    const last = piece.at(-1)!.index
    const write = put(places.tail(last), tailCodec, piece)
    writes.push(write)
    const after = (piece[0]!.index - 1) as Index
    pieces.push({ after, last, count: piece.length, bytes: write.bytes.length })
  }
  return { writes, pieces }
}

function* inPieces(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let from = 0
  let bytes = 0
  for (const [at, entry] of entries.entries()) {
    bytes += entryBytes(entry)
    const isFull = bytes >= SNAPSHOT_PART_BYTES || at + 1 - from >= ENTRIES_MAX
    const isLast = at === entries.length - 1
    if (!isFull && !isLast) continue
    yield entries.slice(from, at + 1)
    from = at + 1
    bytes = 0
  }
}
