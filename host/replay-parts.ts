// Owns how the answer to a replay is cut into parts of moderate size. It does not know who asked.

import { REPLAY_PART_BYTES } from '../protocol/limits.ts'
import type { ReplayedItem, ReplayItem } from '../protocol/frames.ts'
import type { Engine } from '../replica/engine.ts'

/** At least one part, which may be empty. */
export function replayParts(
  engine: Engine | null,
  queries: readonly ReplayItem[],
): ReplayedItem[][] {
  const parts: ReplayedItem[][] = [[]]
  let bytes = 0
  for (const { key, after } of queries) {
    for (const run of engine?.runs(key, after, REPLAY_PART_BYTES) ?? []) {
      parts.at(-1)!.push({ key, seqs: run.seqs, ends: run.ends, bytes: run.bytes })
      bytes += run.bytes.length + run.seqs.length
      if (bytes < REPLAY_PART_BYTES) continue
      parts.push([])
      bytes = 0
    }
  }
  return parts
}
