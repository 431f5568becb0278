// Owns the streams of a room and the one counter over them: the four actions and replay. It knows
// no peers, no terms and no wire: the same entries make the same streams everywhere. [RE1-RE8]

import { isTooLong } from '../protocol/key.ts'
import { KEYS_MAX, RETAINED_BYTES_MAX, VALUE_BYTES_MAX } from '../protocol/limits.ts'
import { NO_SEQ, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import { assert } from '../protocol/errors.ts'
import type { CompactOp, Entry, MessageOp, RefusalCode } from '../protocol/entry.ts'
import { Stream, type Kind, type Origin, type Run } from './stream.ts'

/** A message as the streams hold it. */
export type Retained = {
  readonly kind: Kind
  readonly seq: Seq
  readonly author: PeerId
  readonly opId: OpId
  readonly value: Uint8Array
}

/** From now on the stream is only added to. */
export type FrozenStream = { readonly key: string; readonly stream: Stream }

export type EngineLimits = { readonly keysMax: number; readonly retainedBytesMax: number }

const DEFAULT_LIMITS: EngineLimits = { keysMax: KEYS_MAX, retainedBytesMax: RETAINED_BYTES_MAX }

export class Engine {
  readonly #limits: EngineLimits
  readonly #streamsByKey = new Map<string, Stream>()
  /** Authors are named once here and by number in the streams. */
  readonly #authors: PeerId[] = []
  readonly #numberByAuthor = new Map<PeerId, number>()
  #lastSeq = NO_SEQ
  #retainedBytes = 0

  constructor(limits: EngineLimits = DEFAULT_LIMITS) {
    this.#limits = limits
  }

  /** Seq of the room's last message; 0 in a fresh room. */
  get lastSeq(): Seq {
    return this.#lastSeq
  }

  /** Bytes of all retained values. */
  get retainedBytes(): number {
    return this.#retainedBytes
  }

  get keyCount(): number {
    return this.#streamsByKey.size
  }

  get keys(): IterableIterator<string> {
    return this.#streamsByKey.keys()
  }

  /** Why this op cannot be taken now, or null. Nothing changes. [RE4 RE8] */
  refusalOf(op: MessageOp | CompactOp): RefusalCode | null {
    if (isTooLong(op.key)) return 'key-too-long'
    if (op.value.length > VALUE_BYTES_MAX) return 'value-too-large'
    if (op.action === 'relay') return null
    if (op.action === 'compact' && (op.seq < 1 || op.seq > this.#lastSeq))
      return 'compact-out-of-range'
    const stream = this.#streamsByKey.get(op.key)
    if (stream === undefined) {
      if (op.action === 'compact') return null
      if (this.#streamsByKey.size >= this.#limits.keysMax) return 'room-full'
    }
    const retained = this.#retainedBytes - freedBy(op, stream) + op.value.length
    return retained > this.#limits.retainedBytesMax ? 'room-full' : null
  }

  /** `seq` is the last one plus one: the log decides, the engine follows. [RE1 RE3] */
  push(op: MessageOp, seq: Seq): void {
    assert(seq === this.#lastSeq + 1, `seq ${seq} follows ${this.#lastSeq}`)
    this.#lastSeq = seq
    const { action } = op
    if (action === 'relay') return
    const stream = this.#streamFor(op.key)
    const before = stream.byteLength
    const changed = action === 'replace' ? this.#unfrozen(op.key, stream, seq) : stream
    changed[action](seq, this.#originOf(op), op.value)
    this.#retainedBytes += changed.byteLength - before
  }

  /** What an entry of the log changes in the streams. */
  apply(entry: Entry): void {
    if (entry.type === 'message') this.push(entry.op, entry.seq)
    else if (entry.type === 'compaction') this.compact(entry.op)
  }

  /** Folds the head of a stream into one value; false where there is nothing to fold. [RE4] */
  compact(op: CompactOp): boolean {
    const stream = this.#streamsByKey.get(op.key)
    if (stream === undefined) return false
    const before = stream.byteLength
    const changed = this.#unfrozen(op.key, stream, op.seq)
    const isFolded = changed.compact(op.seq, this.#originOf(op), op.value)
    this.#retainedBytes += changed.byteLength - before
    return isFolded
  }

  /**
   * The streams of now, by reference, for whoever reads them out later, up to the last seq of now. What later takes from
   * the front of one leaves it behind, and goes on with another. [LK13]
   */
  freeze(): FrozenStream[] {
    return Array.from(this.keys, (key) => ({ key, stream: this.frozen(key)! }))
  }

  /** The same for one key. */
  frozen(key: string): Stream | undefined {
    const stream = this.#streamsByKey.get(key)
    if (stream !== undefined) stream.isFrozen = true
    return stream
  }

  /** The retained messages of a key with seq > `after`; null where there are none at all. [RE5] */
  replay(key: string, after: number, limit?: number): Run | null {
    return this.#streamsByKey.get(key)?.run(after, limit) ?? null
  }

  /** Messages retained for a key. */
  size(key: string): number {
    return this.#streamsByKey.get(key)?.size ?? 0
  }

  /** To be looked at, and not changed. */
  streamOf(key: string): Stream | undefined {
    return this.#streamsByKey.get(key)
  }

  authorName(number: number): PeerId {
    const name = this.#authors[number]
    assert(name !== undefined, `author ${number} is known`)
    return name
  }

  /** The retained messages of a key with seq > `after`, one by one. */
  *messages(key: string, after: number): Generator<Retained> {
    const run = this.replay(key, after)
    if (run === null) return
    for (let i = 0; i < run.seqs.length; i++) {
      const value = run.bytes.slice(run.ends[i - 1] ?? 0, run.ends[i])
      yield {
        kind: i === 0 ? run.first : 'append',
        seq: run.seqs[i] as Seq,
        author: this.authorName(run.authors[i]!),
        opId: run.opIds[i] as OpId,
        value,
      }
    }
  }

  /** Puts in a message that was retained elsewhere. Those of a key come in seq order. */
  restore(key: string, message: Retained): void {
    const stream = this.#streamFor(key)
    stream.restore(message.kind, message.seq, this.#originOf(message), message.value)
    this.#retainedBytes += message.value.length
  }

  /** The counter stands where it stood in the room that the messages were retained in. */
  restoreCounter(lastSeq: Seq): void {
    this.#lastSeq = lastSeq
  }

  #originOf({ author, opId }: { readonly author: PeerId; readonly opId: OpId }): Origin {
    return { author: this.#numberOf(author), opId }
  }

  #streamFor(key: string): Stream {
    return this.#streamsByKey.get(key) ?? this.#put(key, new Stream())
  }

  /** A stream from whose front the messages up to `seq` may go. */
  #unfrozen(key: string, stream: Stream, seq: Seq): Stream {
    return stream.isFrozen ? this.#put(key, stream.copyFrom(seq)) : stream
  }

  #put(key: string, stream: Stream): Stream {
    this.#streamsByKey.set(key, stream)
    return stream
  }

  #numberOf(author: PeerId): number {
    let number = this.#numberByAuthor.get(author)
    if (number === undefined) {
      number = this.#authors.push(author) - 1
      this.#numberByAuthor.set(author, number)
    }
    return number
  }
}

/** Bytes of the values that the op would put an end to. */
function freedBy(op: MessageOp | CompactOp, stream: Stream | undefined): number {
  if (stream === undefined) return 0
  if (op.action === 'replace') return stream.byteLength
  return op.action === 'compact' ? stream.bytesUpTo(op.seq) : 0
}
