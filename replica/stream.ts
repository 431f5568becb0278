// Owns what is retained for one key: a ring of records, over a ring of the bytes of their values.
// Adding at the end, trimming at the front and putting one value in front are O(1) amortised; a
// replay is a binary search and a copy. [RE7] Values lie in one buffer: a million small Uint8Arrays
// would cost more than what they hold.

import type { OpId, Seq } from '../protocol/ids.ts'
import { ByteRing, GROWTH } from './byte-ring.ts'

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

const RECORDS_MIN = 4

export class Stream {
  /** Slot of the first record; the others follow, around the end of the rings. */
  #head = 0
  #count = 0
  #seqs = new Float64Array(RECORDS_MIN)
  #authors = new Uint32Array(RECORDS_MIN)
  #opIds = new Float64Array(RECORDS_MIN)
  /** Where each value starts in `#values`. */
  #starts = new Float64Array(RECORDS_MIN)
  readonly #values = new ByteRing()
  /** What the first message is; all others are appends. */
  #first: Kind = 'append'

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
    this.#head = (this.#head + this.#seqs.length - 1) % this.#seqs.length
    this.#put(this.#head, seq, origin, this.#values.start)
    this.#count++
    this.#first = 'fold'
    return true
  }

  /** How many messages have a seq up to and including this one. */
  countUpTo(seq: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#seqs[this.#slot(middle)]! <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Copies out the messages with a seq above `after`, at most `limit` of them. */
  run(after: number, limit = Infinity): Run {
    const first = this.countUpTo(after)
    const count = Math.min(this.#count - first, limit)
    const start = this.#startOf(first)
    const end = this.#startOf(first + count)
    const ends = new Float64Array(count)
    for (let i = 0; i < count; i++) ends[i] = this.#startOf(first + i + 1) - start
    return {
      first: first === 0 ? this.#first : 'append',
      seqs: this.#copyRing(this.#seqs, new Float64Array(count), first),
      authors: this.#copyRing(this.#authors, new Uint32Array(count), first),
      opIds: this.#copyRing(this.#opIds, new Float64Array(count), first),
      ends,
      bytes: this.#values.read(start, end),
    }
  }

  #slot(i: number): number {
    return (this.#head + i) % this.#seqs.length
  }

  #startOf(i: number): number {
    return i === this.#count ? this.#values.end : this.#starts[this.#slot(i)]!
  }

  #put(slot: number, seq: Seq, origin: Origin, start: number): void {
    this.#seqs[slot] = seq
    this.#authors[slot] = origin.author
    this.#opIds[slot] = origin.opId
    this.#starts[slot] = start
  }

  #dropFirst(removed: number): void {
    this.#values.dropBefore(this.#startOf(removed))
    this.#head = this.#slot(removed)
    this.#count -= removed
    const isSparse = this.#count * 4 < this.#seqs.length
    if (this.#seqs.length > RECORDS_MIN && isSparse) this.#resize(this.#count * 2)
  }

  #reserve(): void {
    if (this.#count === this.#seqs.length) this.#resize(this.#count * GROWTH)
  }

  #resize(wanted: number): void {
    const capacity = Math.max(RECORDS_MIN, Math.ceil(wanted))
    // All four are copied before any is replaced: a slot is counted by the old capacity.
    const seqs = this.#copyRing(this.#seqs, new Float64Array(capacity), 0)
    const authors = this.#copyRing(this.#authors, new Uint32Array(capacity), 0)
    const opIds = this.#copyRing(this.#opIds, new Float64Array(capacity), 0)
    const starts = this.#copyRing(this.#starts, new Float64Array(capacity), 0)
    this.#seqs = seqs
    this.#authors = authors
    this.#opIds = opIds
    this.#starts = starts
    this.#head = 0
  }

  /** Fills `target` from the ring, starting at the record `first`; stops at the last record. */
  #copyRing<T extends Float64Array | Uint32Array>(ring: T, target: T, first: number): T {
    const count = Math.min(target.length, this.#count - first)
    if (count <= 0) return target
    const from = this.#slot(first)
    const untilWrap = Math.min(count, ring.length - from)
    target.set(ring.subarray(from, from + untilWrap))
    target.set(ring.subarray(0, count - untilWrap), untilWrap)
    return target
  }
}
