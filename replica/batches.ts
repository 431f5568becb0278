// Owns how entries are cut into frames, by the bytes they take on the wire.

import { ENTRIES_FRAME_BYTES, FRAME_OPS_MAX } from '../protocol/limits.ts'
import { payloadBytes, type Entry } from '../protocol/entry.ts'

/** Cuts entries into frames of moderate size. */
export function batches(entries: readonly Entry[]): Entry[][] {
  const all: Entry[][] = []
  let bytes = Infinity
  for (const entry of entries) {
    if (bytes >= ENTRIES_FRAME_BYTES || all.at(-1)?.length === FRAME_OPS_MAX) {
      all.push([])
      bytes = 0
    }
    all.at(-1)?.push(entry)
    bytes += entryBytes(entry)
  }
  return all
}

/** Bytes that an entry takes on the wire, about. */
export function entryBytes(entry: Entry): number {
  return 32 + ('op' in entry ? payloadBytes(entry.op) : 0)
}
