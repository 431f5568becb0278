// Owns what one peer gives another that asks for a copy: a head, entries of the log and, where the
// asker starts from nothing, the streams. What goes into a copy is fixed at once; each part is made
// when it is asked for. [LK13]

import {
  FRAME_OPS_MAX,
  SNAPSHOT_PART_BYTES,
  TAIL_BYTES_MAX,
  TAIL_ENTRIES_MAX,
} from '../protocol/limits.ts'
import { payloadBytes, type Entry } from '../protocol/entry.ts'
import type { Index, Seq } from '../protocol/ids.ts'
import type { ReignPlace, SeqRun } from '../protocol/frames.ts'
import { entryBytes } from './batches.ts'
import type { Engine, FrozenStream } from './engine.ts'
import { forkOf } from './history.ts'
import type { Replica } from './replica.ts'
import type { ReplicaState } from './replica-state.ts'
import { includes } from './runs.ts'
import type { Run } from './stream.ts'
import { encodePart, together, type Extent, type HeadPart } from './snapshot-parts.ts'

/** Tail entries that go with a whole copy: peers that lag a little can resume at its new holder. */
const TAIL_WITH_COPY = 1_024

/** A copy of the room as it was when it was asked for. */
export type Copy = {
  readonly parts: Generator<Uint8Array, undefined>
  /** How many entries and keys were looked at for it. */
  readonly looks: number
}

/** `ends`: where the reigns of the asker's log end; none where it wants everything. */
export function snapshotFor(
  replica: Replica,
  ends: readonly ReignPlace[],
  lacks: readonly SeqRun[],
): Copy {
  const { engine, former } = replica
  if (engine !== null) return tailSince(replica, ends) ?? wholeOf(replica, engine)
  const formerHelps = former !== null && (ends.length === 0 || former.gives(ends, lacks).length > 0)
  if (formerHelps) return wholeOf(former.state, former.state.engine)
  const entries = givenEntries(replica, ends, lacks)
  return copyOf(replica, entries.length === 0 ? 'nothing' : 'tail', entries)
}

function copyOf(
  state: ReplicaState,
  extent: Extent,
  given: readonly Entry[],
  messages: Iterable<Uint8Array> = [],
  keys = 0,
): Copy {
  const entries = lastOf(given)
  const head = encodePart(headOf(state, extent))
  return { parts: partsOf(head, entries, messages), looks: entries.length + keys }
}

function* partsOf(
  head: Uint8Array,
  entries: readonly Entry[],
  streams: Iterable<Uint8Array>,
): Generator<Uint8Array, undefined> {
  yield head
  yield* tailParts(entries)
  yield* together(streams)
}

/** The entries after the fork; null where some were let go, or are more than a tail. */
function tailSince(replica: Replica, ends: readonly ReignPlace[]): Copy | null {
  const { log } = replica
  const fork = forkOf(ends, replica.ends)
  if (fork === null || !log.reachesBackTo(fork.index)) return null
  const missed = log.after(fork.index)
  return lastOf(missed).length === missed.length ? copyOf(replica, 'tail', missed) : null
}

/** The entries of a peer without streams: those after the fork, and those that may fill a gap. */
function givenEntries(
  replica: Replica,
  ends: readonly ReignPlace[],
  lacks: readonly SeqRun[],
): readonly Entry[] {
  const forkIndex = forkOf(ends, replica.ends)?.index ?? 0
  return replica.held.filter((entry) => {
    if (entry.index > forkIndex || entry.type === 'compaction') return true
    return entry.type === 'message' && includes(lacks, entry.seq)
  })
}

/** As many of the last entries as a tail holds: a peer that awaits streams may have more. */
function lastOf(entries: readonly Entry[]): readonly Entry[] {
  let from = entries.length
  for (let bytes = 0; from > 0 && entries.length - from < TAIL_ENTRIES_MAX; from--) {
    bytes += entryBytes(entries[from - 1]!)
    if (bytes > TAIL_BYTES_MAX) break
  }
  return entries.slice(from)
}

/** All of a room. */
export function wholeOf(state: ReplicaState, engine: Engine): Copy {
  const { log } = state
  const tailStart = Math.max(log.first - 1, log.last - TAIL_WITH_COPY) as Index
  const streams = engine.freeze()
  const messages = streamParts(engine, streams, state.lastSeq)
  return copyOf(state, 'whole', log.after(tailStart), messages, streams.length)
}

function headOf(state: ReplicaState, extent: Extent): HeadPart {
  const { log, lastSeq, history, inSync, ops, lacks } = state
  return {
    type: 'head',
    extent,
    lacks,
    index: log.last,
    lastSeq,
    history: history.reigns,
    inSync,
    ops: extent === 'whole' ? ops.rows : [],
  }
}

function* tailParts(entries: readonly Entry[]): Generator<Uint8Array, undefined> {
  let from = 0
  let size = 0
  for (const [i, entry] of entries.entries()) {
    size += 16 + ('op' in entry ? payloadBytes(entry.op) : 0)
    const isFull = size >= SNAPSHOT_PART_BYTES || i + 1 - from >= FRAME_OPS_MAX
    const isBeforeGap = entries[i + 1]?.index !== entry.index + 1
    if (!isFull && !isBeforeGap) continue
    yield encodePart({ type: 'tail', entries: entries.slice(from, i + 1) })
    from = i + 1
    size = 0
  }
}

function* streamParts(
  engine: Engine,
  streams: readonly FrozenStream[],
  lastSeq: Seq,
): Generator<Uint8Array, undefined> {
  for (const { key, stream } of streams)
    for (const run of stream.runs(0, lastSeq, SNAPSHOT_PART_BYTES))
      yield messagesPart(engine, key, run)
}

function messagesPart(engine: Engine, key: string, run: Run): Uint8Array {
  const numbers = [...new Set(run.authors)]
  return encodePart({
    type: 'messages',
    key,
    first: run.first,
    authors: numbers.map((number) => engine.authorName(number)),
    origins: Array.from(run.authors, (number) => numbers.indexOf(number)),
    opIds: [...run.opIds],
    seqs: run.seqs,
    ends: run.ends,
    bytes: run.bytes,
  })
}
