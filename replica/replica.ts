// Owns one peer's copy of the room: the log's tail, its history, the op table and, once complete,
// the streams. It is changed by its writer alone, and knows no host and no wire.

import { NO_INDEX, NO_SEQ, type Claim, type Index, type PeerId, type Seq } from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'
import type { Position, ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { Engine } from './engine.ts'
import { seqsLackedBy, streamsOf } from './entries-with-gaps.ts'
import type { FormerCopy } from './former-copy.ts'
import { forkOf, type History } from './history.ts'
import type { Log } from './log.ts'
import type { OpTable } from './op-table.ts'
import { endsOfState, type Piece, type ReplicaState } from './replica-state.ts'
import { without } from './runs.ts'
import type { Streams } from './unite.ts'

/** All that a replica holds. The replica shows it, and nobody but its writer changes it. */
export type Contents = {
  state: { -readonly [Field in keyof ReplicaState]: ReplicaState[Field] }
  /** What this peer gave up when it started over; null once it has streams again. */
  former: FormerCopy | null
  /** Entries from before the tail, with gaps between them; kept only while there are no streams. */
  earlier: readonly Entry[]
  /** The last message that its streams lacked when they came. */
  lackedUpTo: Seq
  /** How often the log or the streams gave way to others: else they are only added to. */
  replacements: number
}

export class Replica {
  readonly #contents: Readonly<Contents>

  constructor(contents: Readonly<Contents>) {
    this.#contents = contents
  }

  // --- the log ---

  get log(): Log {
    return this.#contents.state.log
  }

  get history(): History {
    return this.#contents.state.history
  }

  get ops(): OpTable {
    return this.#contents.state.ops
  }

  /** The standbys in sync as of the log's end. */
  get inSync(): readonly PeerId[] {
    return this.#contents.state.inSync
  }

  get lastIndex(): Index {
    return this.#contents.state.log.last
  }

  get lastSeq(): Seq {
    return this.#contents.state.lastSeq
  }

  /** Null before the first entry. */
  get position(): Position | null {
    const claim = this.#contents.state.history.latest
    return claim === null ? null : { claim, index: this.lastIndex }
  }

  /** Where each reign of this log ends. */
  get ends(): ReignPlace[] {
    return endsOfState(this.#contents.state)
  }

  /** Where a reign ends in this log; null when it is unknown here. */
  endOf(claim: Claim): { index: Index; seq: Seq } | null {
    return this.#contents.state.history.endOf(claim, this.lastIndex, this.lastSeq)
  }

  /** The last seq that this log has in common with one that has these reign ends. */
  forkSeq(ends: readonly ReignPlace[]): Seq {
    return forkOf(this.ends, ends)?.seq ?? NO_SEQ
  }

  /** Whether this entry can come next: what an honest host sends always can. */
  accepts(entry: Entry): boolean {
    if (entry.index !== this.lastIndex + 1) return false
    if (entry.type === 'message' && entry.seq !== this.lastSeq + 1) return false
    const origin = originOf(entry)
    return origin === null || !this.#contents.state.ops.has(origin.author, origin.opId)
  }

  // --- the streams ---

  /** Null while the streams have not been fetched. */
  get engine(): Engine | null {
    return this.#contents.state.engine
  }

  /** Whether this replica holds the streams and so can host. */
  get complete(): boolean {
    return this.#contents.state.engine !== null
  }

  /** The streams, or as much of them as can be made of the entries that it was given. */
  get streams(): Streams {
    const { engine, lacks, folds } = this.#contents.state
    return engine === null ? streamsOf(this.held, this.lastSeq) : { engine, lacks, folds }
  }

  /** The messages of the log that are not in `streams`. */
  get lacks(): readonly SeqRun[] {
    return this.complete ? this.#contents.state.lacks : seqsLackedBy(this.held, this.lastSeq)
  }

  /** What it gave up when it started over; null once it has streams again. */
  get former(): FormerCopy | null {
    return this.#contents.former
  }

  /** The messages of the log that it cannot give to another, not even from its former copy. */
  get cannotGive(): readonly SeqRun[] {
    const { lacks, former } = this
    return former === null ? lacks : without(lacks, former.gives(this.ends, lacks))
  }

  /** All it holds of this room's streams: its own, and those of its former copy. */
  get pieces(): Piece[] {
    const own = { ends: this.ends, streams: this.streams }
    return this.former === null ? [own] : [own, this.former.piece]
  }

  /** The entries of this log that it has: there may be gaps in front of the tail. */
  get held(): readonly Entry[] {
    return [...this.#contents.earlier, ...this.#contents.state.log.after(NO_INDEX)]
  }

  /** How often its log or its streams gave way to others: else they are only added to. */
  get replacements(): number {
    return this.#contents.replacements
  }

  /** Whether every entry that this peer has followed since the copy was made is still kept. */
  canGoOnWith(copy: ReplicaState): boolean {
    const { log } = this.#contents.state
    if (this.lastIndex > copy.log.last && !log.reachesBackTo(copy.log.last)) return false
    const next = log.after(copy.log.last).find((entry) => entry.type === 'message')
    return next === undefined || next.seq === copy.lastSeq + 1
  }

  /** Whether its gaps can still be filled: only while the tail reaches back to them. */
  get mayBeFilled(): boolean {
    const { log, engine, lacks } = this.#contents.state
    if (engine === null || lacks.length === 0) return false
    const firstInTail = log.firstSeq ?? this.lastSeq + 1
    return firstInTail <= this.#contents.lackedUpTo + 1
  }
}
