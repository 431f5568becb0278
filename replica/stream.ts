// Owns what is retained for one key: a ring of records and a ring of their bytes, both growable.
// Adding at the end, trimming at the front and putting one value in front are O(1) amortised; a replay is a
// binary search and a copy. [RE7] Values live in one buffer, because a million small Uint8Arrays would
// cost more than what they hold.

import type { OpId, Seq } from '../protocol/ids.ts'

/** Who wrote a retained message: the author's number in the engine's list, and the op. */
export type Origin = { readonly author: number; readonly opId: OpId }

/** What a retained message is: a replace, since nothing stands before it; what others were folded into; or one of those that follow. */
export type Kind = 'append' | 'replace' | 'fold'

/** Consecutive retained messages copied out: message i is `bytes[ends[i-1] .. ends[i]]`. All but the first are appends. */
export type Run = {
  readonly first: Kind
  readonly seqs: Float64Array
  readonly authors: Uint32Array
  readonly opIds: Float64Array
  readonly ends: Float64Array
  readonly bytes: Uint8Array
}

const RECORDS_MIN = 4
const BYTES_MIN = 64
/** Growing by half wastes at most a third of the room; doubling would waste half. */
const GROWTH = 1.5

export class Stream {
  #head = 0
  #count = 0
  #seqs = new Float64Array(RECORDS_MIN)
  #authors = new Uint32Array(RECORDS_MIN)
  #opIds = new Float64Array(RECORDS_MIN)
  /** Where each value starts, counted along an endless tape; its place in `#bytes` is that modulo the capacity. */
  #starts = new Float64Array(RECORDS_MIN)
  #bytes = new Uint8Array(BYTES_MIN)
  #tapeStart = 0
  #tapeEnd = 0
  /** What the first message is; all others are appends. */
  #first: Kind = 'append'

  /** Messages retained. */
  get size(): number {
    return this.#count
  }

  /** Bytes of the retained values. */
  get byteLength(): number {
    return this.#tapeEnd - this.#tapeStart
  }

  /** Bytes of the values with a seq up to and including this one. */
  bytesUpTo(seq: number): number {
    return this.#startOf(this.countUpTo(seq)) - this.#tapeStart
  }

  append(seq: Seq, origin: Origin, value: Uint8Array): void {
    this.#reserve(value.length)
    this.#put(this.#slot(this.#count), seq, origin, this.#tapeEnd)
    this.#write(this.#tapeEnd, value)
    this.#count++
    this.#tapeEnd += value.length
  }

  /** Forgets everything before; only this message remains. */
  replace(seq: Seq, origin: Origin, value: Uint8Array): void {
    this.#dropFirst(this.#count)
    this.append(seq, origin, value)
    this.#first = 'replace'
  }

  /** Puts in a message that was retained elsewhere; they come in order, and what follows the first is an append. */
  restore(kind: Kind, seq: Seq, origin: Origin, value: Uint8Array): void {
    if (this.#count === 0) this.#first = kind
    this.append(seq, origin, value)
  }

  /** Removes the messages up to and including `seq` and puts one under that seq in front. False when none would go. */
  compact(seq: Seq, origin: Origin, value: Uint8Array): boolean {
    const removed = this.countUpTo(seq)
    if (removed === 0) return false
    this.#dropFirst(removed)
    this.#reserve(value.length)
    this.#head = (this.#head + this.#seqs.length - 1) % this.#seqs.length
    this.#tapeStart -= value.length
    this.#put(this.#head, seq, origin, this.#tapeStart)
    this.#write(this.#tapeStart, value)
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
      bytes: this.#read(start, end),
    }
  }

  #slot(i: number): number {
    return (this.#head + i) % this.#seqs.length
  }

  #startOf(i: number): number {
    return i === this.#count ? this.#tapeEnd : this.#starts[this.#slot(i)]!
  }

  #put(slot: number, seq: Seq, origin: Origin, start: number): void {
    this.#seqs[slot] = seq
    this.#authors[slot] = origin.author
    this.#opIds[slot] = origin.opId
    this.#starts[slot] = start
  }

  #dropFirst(removed: number): void {
    this.#tapeStart = this.#startOf(removed)
    this.#head = this.#slot(removed)
    this.#count -= removed
    if (this.#seqs.length > RECORDS_MIN && this.#count * 4 < this.#seqs.length)
      this.#resizeRecords(this.#count * 2)
    if (this.#bytes.length > BYTES_MIN && this.byteLength * 4 < this.#bytes.length)
      this.#resizeBytes(this.byteLength * 2)
  }

  #reserve(bytes: number): void {
    if (this.#count === this.#seqs.length) this.#resizeRecords(this.#count * GROWTH)
    const needed = this.byteLength + bytes
    if (needed > this.#bytes.length)
      this.#resizeBytes(Math.max(needed, this.#bytes.length * GROWTH))
  }

  #resizeRecords(wanted: number): void {
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

  #resizeBytes(wanted: number): void {
    const bytes = new Uint8Array(Math.max(BYTES_MIN, Math.ceil(wanted)))
    bytes.set(this.#read(this.#tapeStart, this.#tapeEnd))
    const shift = this.#tapeStart
    for (let i = 0; i < this.#count; i++) this.#starts[this.#slot(i)]! -= shift
    this.#tapeStart = 0
    this.#tapeEnd -= shift
    this.#bytes = bytes
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

  #place(tape: number): number {
    const capacity = this.#bytes.length
    return ((tape % capacity) + capacity) % capacity
  }

  #write(tape: number, value: Uint8Array): void {
    const place = this.#place(tape)
    const untilWrap = this.#bytes.length - place
    if (value.length <= untilWrap) this.#bytes.set(value, place)
    else {
      this.#bytes.set(value.subarray(0, untilWrap), place)
      this.#bytes.set(value.subarray(untilWrap), 0)
    }
  }

  #read(tapeStart: number, tapeEnd: number): Uint8Array {
    const length = tapeEnd - tapeStart
    const place = this.#place(tapeStart)
    if (place + length <= this.#bytes.length) return this.#bytes.slice(place, place + length)
    const copy = new Uint8Array(length)
    const untilWrap = this.#bytes.length - place
    copy.set(this.#bytes.subarray(place))
    copy.set(this.#bytes.subarray(0, length - untilWrap), untilWrap)
    return copy
  }
}
