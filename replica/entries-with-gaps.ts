// Owns what can be made of entries of a log that have gaps between them: the streams, and which
// messages these lack. It is all that a peer has which was never given the streams. [EL5b]

import { RETAINED_BYTES_MAX } from '../protocol/limits.ts'
import { NO_SEQ, type Seq } from '../protocol/ids.ts'
import { withOwnValue, type Entry } from '../protocol/entry.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { Engine } from './engine.ts'
import { costOf } from './log.ts'
import { fewer } from './runs.ts'
import type { Compaction, Streams } from './unite.ts'

/** The streams that these entries make; their log ends at `lastSeq`. */
export function streamsOf(entries: readonly Entry[], lastSeq: Seq): Streams {
  const engine = new Engine()
  const folds: Compaction[] = []
  for (const entry of entries) {
    if (entry.type === 'message') engine.restoreCounter((entry.seq - 1) as Seq)
    if (entry.type !== 'compaction') engine.apply(entry)
    else if (!engine.compact(entry.op)) folds.push({ ...entry, op: withOwnValue(entry.op) })
  }
  engine.restoreCounter(lastSeq)
  return { engine, lacks: seqsLackedBy(entries, lastSeq), folds }
}

/** The messages of a log, which ends at `lastSeq`, that are not among these entries of it. */
export function seqsLackedBy(entries: readonly Entry[], lastSeq: Seq): readonly SeqRun[] {
  const runs: SeqRun[] = []
  let before = NO_SEQ
  const reached = (seq: Seq) => {
    if (seq > before + 1) runs.push({ from: (before + 1) as Seq, to: (seq - 1) as Seq })
    before = seq
  }
  for (const entry of entries) if (entry.type === 'message') reached(entry.seq)
  reached((lastSeq + 1) as Seq)
  return fewer(runs)
}

/** The last of these entries, as many as a room may retain. */
export function lastRetained(entries: readonly Entry[]): readonly Entry[] {
  let from = entries.length
  for (let bytes = 0; from > 0; from--) {
    bytes += costOf(entries[from - 1]!)
    if (bytes > RETAINED_BYTES_MAX) break
  }
  return entries.slice(from)
}
