// Owns the form in which one peer gives another what it lacks: a head, the entries of the tail and, where
// the asker starts from nothing, the streams. Each part is small, so that a joiner's bulk never sits in
// front of the live flow.

import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import {
  bytes,
  list,
  peerId,
  rising,
  struct,
  text,
  uint,
  union,
  word,
  type Codec,
} from '../protocol/codec.ts'
import { entriesCodec } from '../protocol/entry-codec.ts'
import { historyCodec, lacksCodec, opRowsCodec } from '../protocol/frame-codec.ts'
import {
  FRAME_OPS_MAX,
  KEYS_MAX,
  PEERS_MAX,
  RETAINED_BYTES_MAX,
  SNAPSHOT_PART_BYTES,
  TAIL_BYTES_MAX,
  TAIL_ENTRIES_MAX,
} from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { payloadBytes, type Entry } from '../protocol/entry.ts'
import { NO_INDEX, type Index, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { OpRow, ReignPlace, SeqRun } from '../protocol/frames.ts'
import { entryBytes } from './batches.ts'
import { Engine } from './engine.ts'
import { endsOf, forkOf, History } from './history.ts'
import { Log } from './log.ts'
import { OpTable } from './op-table.ts'
import type { Kind } from './stream.ts'
import type { Replica } from './replica.ts'
import type { ReplicaState } from './replica-state.ts'
import { includes } from './runs.ts'

/** `tail`: entries after the fork, or, from a source without streams, as far back as it has them. `whole`: everything. `nothing`: this source cannot help. */
export type Extent = 'tail' | 'whole' | 'nothing'

type Part =
  | {
      readonly type: 'head'
      readonly extent: Extent
      readonly lacks: readonly SeqRun[]
      readonly index: Index
      readonly lastSeq: Seq
      readonly history: readonly ReignPlace[]
      readonly inSync: readonly PeerId[]
      readonly ops: readonly OpRow[]
    }
  | { readonly type: 'tail'; readonly entries: readonly Entry[] }
  | {
      readonly type: 'messages'
      readonly key: string
      readonly first: Kind
      readonly authors: readonly PeerId[]
      readonly origins: readonly number[]
      readonly opIds: readonly number[]
      readonly seqs: Float64Array
      readonly ends: Float64Array
      readonly bytes: Uint8Array
    }

const partCodec: Codec<Part> = union<Part>({
  head: struct({
    extent: word<Extent>(['tail', 'whole', 'nothing']),
    lacks: lacksCodec,
    index: uint<Index>(),
    lastSeq: uint<Seq>(),
    history: historyCodec,
    inSync: list(peerId, PEERS_MAX),
    ops: opRowsCodec,
  }),
  tail: struct({ entries: entriesCodec }),
  messages: struct({
    key: text,
    first: word<Kind>(['append', 'replace', 'fold']),
    authors: list(peerId, FRAME_OPS_MAX),
    origins: list(uint(), FRAME_OPS_MAX),
    opIds: list(uint(), FRAME_OPS_MAX),
    seqs: rising(FRAME_OPS_MAX),
    ends: rising(FRAME_OPS_MAX),
    bytes,
  }),
})

/** How many tail entries go with a whole copy: enough to let peers that lag a little resume at its taker. */
const TAIL_WITH_COPY = 1_024

/** What `replica` can give to a peer whose reigns end at `ends`, and which lacks these messages before that, in parts ready to send. */
export function snapshotFor(
  replica: Replica,
  ends: readonly ReignPlace[],
  lacks: readonly SeqRun[],
): Uint8Array[] {
  const { engine, former, log } = replica
  const fork = forkOf(ends, replica.ends)
  const after = fork?.index ?? NO_INDEX
  if (engine !== null) {
    const missed = log.after(after)
    return fork !== null && log.reachesBackTo(after) && lastOf(missed).length === missed.length
      ? tailOf(replica, missed)
      : wholeOf(replica, engine)
  }
  if (former !== null && (ends.length === 0 || former.gives(ends, lacks).length > 0))
    return wholeOf(former.state, former.state.engine)
  const entries = replica.held.filter(
    (entry) =>
      entry.index > after ||
      entry.type === 'compaction' ||
      (entry.type === 'message' && includes(lacks, entry.seq)),
  )
  return entries.length === 0 ? [encode(head(replica, 'nothing'))] : tailOf(replica, entries)
}

/** As many of the last entries as a tail holds: who awaited the streams, or awaits them, may have more. */
function lastOf(entries: readonly Entry[]): readonly Entry[] {
  let from = entries.length
  for (let bytes = 0; from > 0 && entries.length - from < TAIL_ENTRIES_MAX; from--) {
    bytes += entryBytes(entries[from - 1]!)
    if (bytes > TAIL_BYTES_MAX) break
  }
  return entries.slice(from)
}

function tailOf(replica: Replica, entries: readonly Entry[]): Uint8Array[] {
  return [encode(head(replica, 'tail')), ...tailParts(lastOf(entries))]
}

function wholeOf(state: ReplicaState, engine: Engine): Uint8Array[] {
  const { log } = state
  const tailStart = Math.max(log.first - 1, log.last - TAIL_WITH_COPY) as Index
  return [
    encode(head(state, 'whole')),
    ...tailParts(lastOf(log.after(tailStart))),
    ...streamParts(engine),
  ]
}

function head({ log, lastSeq, history, inSync, ops, lacks }: ReplicaState, extent: Extent): Part {
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

function* tailParts(entries: readonly Entry[]): Generator<Uint8Array> {
  let from = 0
  let size = 0
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!
    size += 'op' in entry ? entry.op.value.length + entry.op.key.length + 16 : 16
    const goesOn = entries[i + 1]?.index === entry.index + 1 // a part has one run of entries
    if (goesOn && size < SNAPSHOT_PART_BYTES && i + 1 - from < FRAME_OPS_MAX) continue
    yield encode({ type: 'tail', entries: entries.slice(from, i + 1) })
    from = i + 1
    size = 0
  }
}

function* streamParts(engine: Engine): Generator<Uint8Array> {
  for (const key of engine.keys) {
    for (const run of engine.runs(key, 0, SNAPSHOT_PART_BYTES)) {
      const numbers = [...new Set(run.authors)]
      yield encode({
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
  }
}

function encode(part: Part): Uint8Array {
  const encoder = encoding.createEncoder()
  partCodec.write(encoder, part)
  return encoding.toUint8Array(encoder)
}

/** What came of a fetch. `ends`: where the reigns of the source's log end; `inSync` at its end. */
export type Fetched =
  | { readonly extent: 'nothing' }
  | {
      readonly extent: 'tail'
      readonly entries: readonly Entry[]
      readonly ends: readonly ReignPlace[]
      readonly inSync: readonly PeerId[]
      readonly lacks: readonly SeqRun[]
    }
  | { readonly extent: 'whole'; readonly copy: ReplicaState }

/** Puts the parts together again, in the order they were made. */
export class SnapshotReader {
  #head: Extract<Part, { type: 'head' }> | null = null
  readonly #tail: Entry[] = []
  #tailBytes = 0
  /** Of its last message. */
  #tailSeq: Seq | null = null
  readonly #lastSeqByKey = new Map<string, number>()
  readonly #engine = new Engine()

  /** Takes one part; the error says what was wrong with it. */
  take(data: Uint8Array): Result<null> {
    const decoder = decoding.createDecoder(data)
    try {
      return this.#takePart(partCodec.read(decoder))
    } catch (error) {
      return fail((error as Error).message)
    }
  }

  /** Call once the last part is taken. */
  finish(): Result<Fetched> {
    const head = this.#head
    if (head === null) return fail('a snapshot without a head')
    if (head.extent === 'nothing') return ok({ extent: 'nothing' })
    if (head.extent === 'tail')
      return ok({
        extent: 'tail',
        entries: this.#tail,
        ends: endsOf(head.history, head.index, head.lastSeq),
        inSync: head.inSync,
        lacks: head.lacks,
      })
    const log = new Log(((this.#tail[0]?.index ?? head.index + 1) - 1) as Index)
    for (const entry of this.#tail) log.append(entry)
    if (log.last !== head.index || (this.#tailSeq ?? head.lastSeq) !== head.lastSeq)
      return fail('a tail that ends elsewhere than its log')
    this.#engine.restoreCounter(head.lastSeq)
    const ops = new OpTable(head.ops)
    return ok({
      extent: 'whole',
      copy: {
        log,
        history: new History(head.history),
        ops,
        inSync: head.inSync,
        lastSeq: head.lastSeq,
        engine: this.#engine,
        lacks: head.lacks,
      },
    })
  }

  #takePart(part: Part): Result<null> {
    if ((part.type === 'head') !== (this.#head === null))
      return fail('a snapshot whose head is not its first part')
    switch (part.type) {
      case 'head':
        this.#head = part
        return ok(null)
      case 'tail':
        for (const entry of part.entries) {
          if (!this.#follows(entry)) return fail('a tail with a gap')
          this.#tail.push(entry)
          this.#tailBytes += 'op' in entry ? payloadBytes(entry.op) : 0
        }
        return this.#tail.length <= TAIL_ENTRIES_MAX && this.#tailBytes <= TAIL_BYTES_MAX
          ? ok(null)
          : fail('a longer tail than any peer keeps')
      case 'messages':
        return this.#takeMessages(part)
    }
  }

  /** What a peer without the streams has been given may have gaps. */
  #follows(entry: Entry): boolean {
    const mayGap = this.#head?.extent === 'tail'
    const before = this.#tail.at(-1)
    if (
      before !== undefined &&
      (mayGap ? entry.index <= before.index : entry.index !== before.index + 1)
    )
      return false
    if (entry.type !== 'message') return true
    const isNext =
      this.#tailSeq === null ||
      (mayGap ? entry.seq > this.#tailSeq : entry.seq === this.#tailSeq + 1)
    this.#tailSeq = entry.seq
    return isNext
  }

  #takeMessages(part: Extract<Part, { type: 'messages' }>): Result<null> {
    let start = 0
    for (let i = 0; i < part.seqs.length; i++) {
      const author = part.authors[part.origins[i] ?? -1]
      const opId = part.opIds[i]
      const end = part.ends[i] ?? 0
      if (author === undefined || opId === undefined || end > part.bytes.length)
        return fail('messages whose fields do not belong together')
      const seq = part.seqs[i] as Seq
      if (seq <= (this.#lastSeqByKey.get(part.key) ?? 0) || seq > this.#head!.lastSeq)
        return fail('messages out of their order')
      const kind = i === 0 ? part.first : 'append'
      if (kind !== 'append' && this.#lastSeqByKey.has(part.key))
        return fail(`a ${kind} that is not the first of its key`)
      this.#lastSeqByKey.set(part.key, seq)
      this.#engine.restore(part.key, {
        kind,
        seq,
        author,
        opId: opId as OpId,
        value: part.bytes.subarray(start, end),
      })
      start = end
    }
    return this.#engine.retainedBytes <= RETAINED_BYTES_MAX && this.#engine.keyCount <= KEYS_MAX
      ? ok(null)
      : fail('more than a room holds')
  }
}
