// Owns how the answer to a replay is cut into parts of moderate size, of the moment in which it began. It does not know
// who asked. [LK14]

import { REPLAY_PART_BYTES } from '../protocol/limits.ts'
import type { ReplayedItem, ReplayItem } from '../protocol/frames.ts'
import type { Engine } from '../replica/engine.ts'
import type { Run } from '../replica/stream.ts'

type Part = readonly ReplayedItem[]

/** At least one part, which may be empty. Each is made when it is asked for. */
export function replayParts(
  engine: Engine | null,
  queries: readonly ReplayItem[],
): Generator<Part, undefined> {
  const lastSeq = engine?.lastSeq ?? 0
  const streams = queries.flatMap(({ key, after }) => {
    const stream = engine?.frozen(key)
    return stream === undefined
      ? []
      : [{ key, runs: stream.runs(after, lastSeq, REPLAY_PART_BYTES) }]
  })
  return partsOf(streams)
}

function* partsOf(
  streams: readonly { readonly key: string; readonly runs: Iterable<Run> }[],
): Generator<Part, undefined> {
  let part: ReplayedItem[] = []
  let bytes = 0
  for (const { key, runs } of streams) {
    for (const run of runs) {
      if (bytes >= REPLAY_PART_BYTES) {
        yield part
        part = []
        bytes = 0
      }
      part.push({ key, seqs: run.seqs, ends: run.ends, bytes: run.bytes })
      bytes += run.bytes.length + run.seqs.length
    }
  }
  yield part
}
