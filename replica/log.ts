// Owns the tail: the last entries of the log as they came. Peers that were away for a moment need
// them, and whoever takes over. Bounded; the oldest go first.

import { assert } from '../protocol/errors.ts'
import { TAIL_BYTES_MAX, TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { NO_INDEX, type Index, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import { payloadBytes, type Entry } from '../protocol/entry.ts'
import { OpPlaces } from './op-places.ts'

/** Memory that an entry takes besides its key and value, roughly: the objects around them. */
const ENTRY_OVERHEAD_BYTES = 96

export type LogLimits = { readonly entriesMax: number; readonly bytesMax: number }

const DEFAULT_LIMITS: LogLimits = { entriesMax: TAIL_ENTRIES_MAX, bytesMax: TAIL_BYTES_MAX }

export class Log {
  #limits: LogLimits
  /** The oldest is `#entries[#head]`. Empty slots before it are cut off once they are half. */
  #entries: (Entry | undefined)[] = []
  #head = 0
  #bytes = 0
  #last: Index
  readonly #places = new OpPlaces()
  /** From this index on the default limits count again. */
  #trimsAt = NO_INDEX

  constructor(last: Index = NO_INDEX, limits: LogLimits = DEFAULT_LIMITS) {
    this.#last = last
    this.#limits = limits
  }

  /** Index of the last entry, kept or not; 0 in a fresh room. */
  get last(): Index {
    return this.#last
  }

  /** Index of the oldest entry kept; `last + 1` when none is. */
  get first(): Index {
    return (this.#last - this.#size + 1) as Index
  }

  get #size(): number {
    return this.#entries.length - this.#head
  }

  append(entry: Entry): void {
    assert(entry.index === this.#last + 1, `entry ${entry.index} follows ${this.#last}`)
    if (entry.index === this.#trimsAt) this.#limits = DEFAULT_LIMITS
    this.#entries.push(entry)
    this.#bytes += costOf(entry)
    this.#last = entry.index
    this.#trim()
  }

  /** From now on these limits count. */
  keep(limits: LogLimits = DEFAULT_LIMITS): void {
    this.#limits = limits
    this.#trim()
  }

  /** From this index on the default limits count again. */
  keepUntil(index: Index): void {
    this.#trimsAt = index
  }

  #trim(): void {
    const { entriesMax, bytesMax } = this.#limits
    while (this.#size > entriesMax || this.#bytes > bytesMax) this.#dropFirst()
  }

  /** Whether everything after this index is still here. */
  reachesBackTo(after: Index): boolean {
    return after >= this.first - 1 && after <= this.#last
  }

  /** The entries after an index that are still kept, at most `limit` of them. */
  after(after: Index, limit = Infinity): Entry[] {
    const from = this.#head + Math.max(0, after + 1 - this.first)
    return this.#entries.slice(from, from + limit) as Entry[]
  }

  at(index: Index): Entry | undefined {
    return index < this.first ? undefined : this.#entries[this.#head + index - this.first]
  }

  /** Where an op stands, if its entry is still kept. */
  find(author: PeerId, opId: OpId): Entry | null {
    return this.#places.find(this, author, opId)
  }

  /** Seq of the oldest message kept; null where none is. */
  get firstSeq(): Seq | null {
    for (let index = this.first; index <= this.#last; index++) {
      const entry = this.at(index)
      if (entry?.type === 'message') return entry.seq
    }
    return null
  }

  #dropFirst(): void {
    const entry = this.#entries[this.#head]
    if (entry !== undefined) this.#bytes -= costOf(entry)
    this.#entries[this.#head] = undefined
    this.#head++
    if (this.#head * 2 <= this.#entries.length) return
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }
}

/** Memory that an entry takes, roughly. */
export function costOf(entry: Entry): number {
  return ENTRY_OVERHEAD_BYTES + ('op' in entry ? payloadBytes(entry.op) : 0)
}
