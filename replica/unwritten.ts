// Owns what of a replica has changed since a batch looked at it: which streams and authors, and how much it is. [PE11]

import { NO_INDEX, type Index, type PeerId } from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'
import { costOf, type Log } from './log.ts'

export class Unwritten {
  /** Anything may have changed: what lies on the disk is compared with it. */
  isAll = false
  readonly keys = new Set<string>()
  /** The last entry of each author. */
  readonly orderByAuthor = new Map<PeerId, Index>()
  /** Memory that the entries take, about. */
  bytes = 0
  /** Whether any of them took the place of others. */
  hasFolded = false
  /** Whether any of them retains something, or counts otherwise once its sender has forgotten it. */
  hasMoreThanRelays = false
  #seen: Index

  /** `seen`: up to here nothing has changed. */
  constructor(seen: Index, isAll: boolean) {
    this.#seen = seen
    if (isAll) this.becomeAll()
  }

  /** What lies on the disk is not known to be what was noted. */
  becomeAll(): void {
    this.isAll = true
    this.hasMoreThanRelays = true
  }

  get isNothing(): boolean {
    return !this.isAll && this.bytes === 0
  }

  get seen(): Index {
    return this.#seen
  }

  /** What came to the log. */
  look(log: Log): void {
    if (!log.reachesBackTo(this.#seen)) this.becomeAll()
    const from = Math.max(this.#seen, log.first - 1, NO_INDEX)
    for (let index = from + 1; index <= log.last; index++) this.#add(log.at(index as Index)!)
    this.#seen = log.last
  }

  #add(entry: Entry): void {
    this.bytes += costOf(entry)
    const origin = originOf(entry)
    if (origin !== null) this.orderByAuthor.set(origin.author, entry.index)
    const isRelay = entry.type === 'message' && entry.op.action === 'relay'
    if (isRelay) return
    this.hasMoreThanRelays = true
    if (!('op' in entry)) return
    this.keys.add(entry.op.key)
    if (entry.op.action !== 'append') this.hasFolded = true
  }
}
