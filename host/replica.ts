// Owns one peer's copy of the room: the log's tail, its history, the op table and, once complete, the
// streams. The same entries in the same order make the same replica everywhere.

import { NO_INDEX, NO_SEQ, type Claim, type Index, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import { originOf, type Entry, type MessageOp, type CompactOp } from '../protocol/entry.ts'
import type { OpRow, Position, ReignPlace } from '../protocol/frames.ts'
import { Engine } from './engine.ts'
import { endsOf, History } from './history.ts'
import { Log } from './log.ts'
import { OpTable } from './op-table.ts'

/** A replica as one value: what a snapshot carries. */
export type ReplicaState = {
  readonly log: Log
  readonly history: History
  readonly ops: OpTable
  readonly inSync: readonly PeerId[]
  readonly lastSeq: Seq
  readonly engine: Engine | null
  /** The streams hold all that the log says after this index. */
  readonly since: Index
}

export class Replica {
  #log: Log
  #history: History
  #ops: OpTable
  #inSync: readonly PeerId[]
  #lastSeq: Seq
  /** Null while the streams have not been fetched: such a replica follows, but cannot answer a replay. */
  #engine: Engine | null
  #since: Index

  constructor(state: ReplicaState) {
    this.#log = state.log
    this.#history = state.history
    this.#ops = state.ops
    this.#inSync = state.inSync
    this.#lastSeq = state.lastSeq
    this.#engine = state.engine
    this.#since = state.since
  }

  /** The replica of a room that has just begun, or of a peer that knows nothing of it yet. */
  static empty(complete: boolean): Replica {
    return new Replica({ log: new Log(), history: new History(), ops: new OpTable(), inSync: [], lastSeq: NO_SEQ, engine: complete ? new Engine() : null, since: NO_INDEX })
  }

  get log(): Log {
    return this.#log
  }

  get history(): History {
    return this.#history
  }

  get ops(): OpTable {
    return this.#ops
  }

  get engine(): Engine | null {
    return this.#engine
  }

  /** The standbys in sync as of the log's end. */
  get inSync(): readonly PeerId[] {
    return this.#inSync
  }

  get lastIndex(): Index {
    return this.#log.last
  }

  get lastSeq(): Seq {
    return this.#lastSeq
  }

  /** Whether this replica holds the streams and so can host. */
  get complete(): boolean {
    return this.#engine !== null
  }

  /** The streams hold all that the log says after this index: 0, but for one that had to make do with a tail. */
  get since(): Index {
    return this.#engine === null ? this.lastIndex : this.#since
  }

  /** Whether it lacks nothing of the room. */
  get whole(): boolean {
    return this.#engine !== null && this.#since === NO_INDEX
  }

  /** Null before the first entry. */
  get position(): Position | null {
    const claim = this.#history.latest
    return claim === null ? null : { claim, index: this.lastIndex }
  }

  /** Where each reign of this log ends. */
  get ends(): ReignPlace[] {
    return endsOf(this.#history.reigns, this.lastIndex, this.#lastSeq)
  }

  /** Where a reign ends in this log; null when it is unknown here. */
  endOf(claim: Claim): { index: Index; seq: Seq } | null {
    return this.#history.endOf(claim, this.lastIndex, this.#lastSeq)
  }

  /** Whether this entry can come next: what an honest host sends always can. */
  accepts(entry: Entry): boolean {
    if (entry.index !== this.lastIndex + 1) return false
    if (entry.type === 'message' && entry.seq !== this.#lastSeq + 1) return false
    const origin = originOf(entry)
    const last = origin === null ? undefined : this.#ops.last(origin.author)
    return origin === null || last === undefined || origin.opId > last
  }

  append(entry: Entry): void {
    this.#log.append(entry)
    switch (entry.type) {
      case 'message':
        this.#lastSeq = entry.seq
        this.#ops.take(entry.op.author, entry.op.opId)
        return this.#push(entry.op, entry.seq)
      case 'compaction':
        this.#ops.take(entry.op.author, entry.op.opId)
        return this.#compact(entry.op)
      case 'refusal':
        return this.#ops.take(entry.author, entry.opId)
      case 'reign':
        this.#history.add({ claim: entry.claim, index: entry.index, seq: this.#lastSeq })
        this.#inSync = entry.inSync
        return
      case 'in-sync':
        this.#inSync = entry.inSync
    }
  }

  /** Forgets everything and follows from the head of another log on; the streams are to be fetched anew. */
  startOver(head: Index, headSeq: Seq, history: readonly ReignPlace[], ops: readonly OpRow[]): void {
    this.#log = new Log(head)
    this.#history = new History(history)
    this.#ops = new OpTable(ops)
    this.#inSync = []
    this.#lastSeq = headSeq
    this.#engine = null
    this.#since = head
  }

  /**
   * Takes over a fetched copy, and applies what this peer has followed since it was made. False when
   * entries in between are no longer kept: fetch again.
   */
  adopt(copy: ReplicaState): boolean {
    if (this.lastIndex > copy.log.last && !this.#log.reachesBackTo(copy.log.last)) return false
    const since = this.#log.after(copy.log.last)
    const next = since.find((entry) => entry.type === 'message')
    if (next !== undefined && next.seq !== copy.lastSeq + 1) return false
    this.#log = copy.log
    this.#history = copy.history
    this.#ops = copy.ops
    this.#inSync = copy.inSync
    this.#lastSeq = copy.lastSeq
    this.#engine = copy.engine
    this.#since = copy.since
    for (const entry of since) this.append(entry)
    return true
  }

  /** Makes do with what the tail holds: the last resort of a peer that must lead and never got the streams. */
  completeFromTail(): void {
    this.#since = (this.#log.first - 1) as Index
    const engine = new Engine()
    const kept = this.#log.after(NO_INDEX)
    const firstMessage = kept.find((entry) => entry.type === 'message')
    engine.restoreCounter((firstMessage === undefined ? this.#lastSeq : firstMessage.seq - 1) as Seq)
    this.#engine = engine
    for (const entry of kept) {
      if (entry.type === 'message') this.#push(entry.op, entry.seq)
      else if (entry.type === 'compaction') this.#compact(entry.op)
    }
  }

  /** Where an op stands in the tail, if it is still kept there. */
  find(author: PeerId, opId: OpId): Entry | null {
    for (let index = this.lastIndex; index >= this.#log.first; index--) {
      const entry = this.#log.at(index as Index)
      const origin = entry && originOf(entry)
      if (entry && origin?.author === author && origin.opId === opId) return entry
    }
    return null
  }

  #push(op: MessageOp, seq: Seq): void {
    this.#engine?.push(op.action, op.key, seq, op.author, op.opId, op.value)
  }

  #compact(op: CompactOp): void {
    this.#engine?.compact(op.key, op.seq, op.author, op.opId, op.value)
  }
}
