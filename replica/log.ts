// Owns the tail: the last raw entries of the log, kept for peers that were away a moment and for whoever
// takes over. Bounded; the oldest go first.

import { assert } from '../protocol/errors.ts'
import { TAIL_BYTES_MAX, TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { NO_INDEX, type Index, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'

/** What an entry costs besides its key and value, roughly: the objects around them. */
const ENTRY_OVERHEAD_BYTES = 96

export type LogLimits = { readonly entriesMax: number; readonly bytesMax: number }

const DEFAULT_LIMITS: LogLimits = { entriesMax: TAIL_ENTRIES_MAX, bytesMax: TAIL_BYTES_MAX }

export class Log {
  #limits: LogLimits
  /** `#entries[#head]` is the oldest; the slots before it are spent and go when they are the larger half. */
  #entries: (Entry | undefined)[] = []
  #head = 0
  #bytes = 0
  #last: Index
  /** From this entry on the default limits hold again. */
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
    return (this.#last - (this.#entries.length - this.#head) + 1) as Index
  }

  append(entry: Entry): void {
    assert(entry.index === this.#last + 1, `entry ${entry.index} follows ${this.#last}`)
    if (entry.index === this.#trimsAt) this.#limits = DEFAULT_LIMITS
    this.#entries.push(entry)
    this.#bytes += costOf(entry)
    this.#last = entry.index
    this.#trim()
  }

  /** From now on it lets go what is beyond these limits. */
  keep(limits: LogLimits = DEFAULT_LIMITS): void {
    this.#limits = limits
    this.#trim()
  }

  /** From this index on it is a tail like any other. */
  keepUntil(index: Index): void {
    this.#trimsAt = index
  }

  #trim(): void {
    while (
      this.#entries.length - this.#head > this.#limits.entriesMax ||
      this.#bytes > this.#limits.bytesMax
    )
      this.#dropFirst()
  }

  /** Whether everything after this index is still here. */
  reachesBackTo(after: Index): boolean {
    return after >= this.first - 1 && after <= this.#last
  }

  /** The entries after an index, at most `limit`; those no longer kept are left out. */
  after(after: Index, limit = Infinity): Entry[] {
    const from = this.#head + Math.max(0, after + 1 - this.first)
    return this.#entries.slice(from, from + limit) as Entry[]
  }

  at(index: Index): Entry | undefined {
    return index < this.first ? undefined : this.#entries[this.#head + index - this.first]
  }

  /** Where an op stands, if its entry is still kept. */
  find(author: PeerId, opId: OpId): Entry | null {
    for (let index = this.#last; index >= this.first; index--) {
      const entry = this.at(index)
      const origin = entry && originOf(entry)
      if (entry && origin?.author === author && origin.opId === opId) return entry
    }
    return null
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
    if (this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
  }
}

/** Bytes that an entry takes, roughly. */
export function costOf(entry: Entry): number {
  return 'op' in entry
    ? ENTRY_OVERHEAD_BYTES + entry.op.key.length + entry.op.value.length
    : ENTRY_OVERHEAD_BYTES
}
