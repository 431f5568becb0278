// Owns what is retained for one key: a ring of records, over a tape of the bytes of their values.
// Adding at the end, trimming at the front and putting one value in front are O(1) amortised; a
// replay is a binary search and a copy. [RE7] Values lie one behind the other: a million small
// Uint8Arrays would cost more than what they hold. So does a record lie in one list of numbers.

import type { OpId, Seq } from '../protocol/ids.ts'
import { ByteTape } from './byte-tape.ts'

/** Who wrote a retained message: the author's number in the engine's list, and the op. */
export type Origin = { readonly author: number; readonly opId: OpId }

/**
 * What a retained message is.
 * - `replace`: nothing stands before it.
 * - `fold`: others were folded into it; nothing stands before it.
 * - `append`: any other.
 */
export type Kind = 'append' | 'replace' | 'fold'

/** Consecutive retained messages, copied out. All but the first are appends. */
export type Run = {
  readonly first: Kind
  readonly seqs: Float64Array
  readonly authors: Uint32Array
  readonly opIds: Float64Array
  /** The value of message i is `bytes[ends[i-1] .. ends[i]]`. */
  readonly ends: Float64Array
  readonly bytes: Uint8Array
}

/** Messages in one run: what the lists of one frame may hold. */
const RUN_MESSAGES_MAX = 1_024
const RECORDS_MIN = 4
const GROWTH = 2

// The numbers of a record.
const SEQ = 0
const AUTHOR = 1
const OP_ID = 2
/** Where the value starts on the tape. */
const START = 3
const RECORD_NUMBERS = 4

export class Stream {
  /** Slot of the first record; the others follow, around the end of the ring. */
  #head = 0
  #count = 0
  #slots = RECORDS_MIN
  #records = new Float64Array(RECORDS_MIN * RECORD_NUMBERS)
  #values = new ByteTape()
  /** What the first message is; all others are appends. */
  #first: Kind = 'append'
  /** Somebody reads it out: from now on it is only added to. */
  isFrozen = false

  /** Messages retained. */
  get size(): number {
    return this.#count
  }

  /** Bytes of the retained values. */
  get byteLength(): number {
    return this.#values.length
  }

  /** Bytes of the values with a seq up to and including this one. */
  bytesUpTo(seq: number): number {
    return this.#startOf(this.countUpTo(seq)) - this.#values.start
  }

  append(seq: Seq, origin: Origin, value: Uint8Array): void {
    this.#reserve()
    this.#put(this.#slot(this.#count), seq, origin, this.#values.end)
    this.#values.append(value)
    this.#count++
  }

  /** Forgets everything before; only this message remains. */
  replace(seq: Seq, origin: Origin, value: Uint8Array): void {
    this.#dropFirst(this.#count)
    this.append(seq, origin, value)
    this.#first = 'replace'
  }

  /** Puts in a message that was retained elsewhere. They come in seq order. */
  restore(kind: Kind, seq: Seq, origin: Origin, value: Uint8Array): void {
    if (this.#count === 0) this.#first = kind
    this.append(seq, origin, value)
  }

  /** Puts one message in the place of those up to and including `seq`. False where none are. */
  compact(seq: Seq, origin: Origin, value: Uint8Array): boolean {
    const removed = this.countUpTo(seq)
    if (removed === 0) return false
    this.#dropFirst(removed)
    this.#reserve()
    this.#values.prepend(value)
    this.#head = (this.#head === 0 ? this.#slots : this.#head) - 1
    this.#put(this.#head, seq, origin, this.#values.start)
    this.#count++
    this.#first = 'fold'
    return true
  }

  /** A stream of its own, of the messages from the last one up to `seq` on, which is to go. Add to one of both alone. */
  copyFrom(seq: number): Stream {
    const first = Math.max(0, this.countUpTo(seq) - 1)
    const stream = new Stream()
    stream.#values = this.#values.copyFrom(this.#startOf(first))
    stream.#count = this.#count - first
    stream.#slots = Math.max(RECORDS_MIN, stream.#count + 1)
    stream.#records = this.#copyRecords(first, stream.#slots)
    stream.#first = this.#first
    return stream
  }

  /** How many messages have a seq up to and including this one. */
  countUpTo(seq: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#number(middle, SEQ) <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * Copies out the messages with a seq above `after`, up to `upTo`, in runs of at most so many bytes or of one larger
   * message. Each is read when it is asked for.
   */
  *runs(after: number, upTo: number, bytesMax: number): Generator<Run> {
    let first = this.countUpTo(after)
    while (first < this.countUpTo(upTo)) {
      const run = this.#copyOut(first, this.#countWithin(first, upTo, bytesMax))
      yield run
      first = this.countUpTo(run.seqs.at(-1)!)
    }
  }

  /** How many messages from there on have so many bytes at most; one is always among them. */
  #countWithin(first: number, upTo: number, bytesMax: number): number {
    const countMax = Math.min(this.countUpTo(upTo) - first, RUN_MESSAGES_MAX)
    const endMax = this.#startOf(first) + bytesMax
    let count = 1
    while (count < countMax && this.#startOf(first + count + 1) <= endMax) count++
    return count
  }

  /** Copies out the messages with a seq above `after`, at most `limit` of them. */
  run(after: number, limit = Infinity): Run {
    const first = this.countUpTo(after)
    return this.#copyOut(first, Math.min(this.#count - first, limit))
  }

  #copyOut(first: number, count: number): Run {
    const start = this.#startOf(first)
    const end = this.#startOf(first + count)
    const records = this.#records
    const seqs = new Float64Array(count)
    const authors = new Uint32Array(count)
    const opIds = new Float64Array(count)
    const ends = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      const at = this.#slot(first + i) * RECORD_NUMBERS
      seqs[i] = records[at + SEQ]!
      authors[i] = records[at + AUTHOR]!
      opIds[i] = records[at + OP_ID]!
      if (i > 0) ends[i - 1] = records[at + START]! - start
    }
    if (count > 0) ends[count - 1] = end - start
    const bytes = this.#values.read(start, end)
    return { first: first === 0 ? this.#first : 'append', seqs, authors, opIds, ends, bytes }
  }

  #slot(i: number): number {
    const slot = this.#head + i
    return slot < this.#slots ? slot : slot - this.#slots
  }

  #number(i: number, which: number): number {
    return this.#records[this.#slot(i) * RECORD_NUMBERS + which]!
  }

  #startOf(i: number): number {
    return i === this.#count ? this.#values.end : this.#number(i, START)
  }

  #put(slot: number, seq: Seq, origin: Origin, start: number): void {
    const at = slot * RECORD_NUMBERS
    this.#records[at + SEQ] = seq
    this.#records[at + AUTHOR] = origin.author
    this.#records[at + OP_ID] = origin.opId
    this.#records[at + START] = start
  }

  #dropFirst(removed: number): void {
    this.#values.dropBefore(this.#startOf(removed))
    this.#head = this.#slot(removed)
    this.#count -= removed
    const isSparse = this.#count * 4 < this.#slots
    if (this.#slots > RECORDS_MIN && isSparse) this.#resize(this.#count * 2)
  }

  #reserve(): void {
    if (this.#count === this.#slots) this.#resize(this.#count * GROWTH)
  }

  #resize(wanted: number): void {
    const slots = Math.max(RECORDS_MIN, Math.ceil(wanted))
    this.#records = this.#copyRecords(0, slots)
    this.#slots = slots
    this.#head = 0
  }

  /** The records from the one at `first` on, in a list for so many. */
  #copyRecords(first: number, slots: number): Float64Array<ArrayBuffer> {
    const records = new Float64Array(slots * RECORD_NUMBERS)
    const count = this.#count - first
    const from = this.#slot(first)
    const untilWrap = Math.min(count, this.#slots - from)
    records.set(this.#between(from, from + untilWrap))
    records.set(this.#between(0, count - untilWrap), untilWrap * RECORD_NUMBERS)
    return records
  }

  /** The records from one slot to another, as they lie. */
  #between(from: number, to: number): Float64Array {
    return this.#records.subarray(from * RECORD_NUMBERS, to * RECORD_NUMBERS)
  }
}
