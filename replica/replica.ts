// Owns one peer's copy of the room: the log's tail, its history, the op table and, once complete,
// the streams. The same entries in the same order make the same replica everywhere. It knows no
// host and no wire.

import { FILL_ENTRIES_MAX, RETAINED_BYTES_MAX } from '../protocol/limits.ts'
import { NO_INDEX, NO_SEQ, type Claim, type Index, type PeerId, type Seq } from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'
import type { OpRow, Position, ReignPlace, SeqRun } from '../protocol/frames.ts'
import { Engine } from './engine.ts'
import { lastRetained, seqsLackedBy, streamsOf } from './entries-with-gaps.ts'
import { FormerCopy } from './former-copy.ts'
import { endsOf, forkOf, History } from './history.ts'
import { Log } from './log.ts'
import { OpTable } from './op-table.ts'
import { endsOfState, type Piece, type ReplicaState } from './replica-state.ts'
import { without } from './runs.ts'
import { unite, type Streams } from './unite.ts'

export class Replica {
  #state: { -readonly [Field in keyof ReplicaState]: ReplicaState[Field] }
  /** What this peer gave up when it started over; null once it has streams again. */
  #former: FormerCopy | null = null
  /** Entries from before the tail, with gaps between them; kept only while there are no streams. */
  #earlier: readonly Entry[] = []
  /** The last message that its streams lacked when they came. */
  #lackedUpTo: Seq
  #replacements = 0

  constructor(state: ReplicaState) {
    this.#state = { ...state }
    this.#lackedUpTo = lastOf(state.lacks)
  }

  /** The replica of a room that has just begun, or of a peer that knows nothing of it yet. */
  static empty(complete: boolean): Replica {
    return new Replica({
      log: new Log(),
      history: new History(),
      ops: new OpTable(),
      inSync: [],
      lastSeq: NO_SEQ,
      engine: complete ? new Engine() : null,
      lacks: [],
    })
  }

  // --- the log ---

  get log(): Log {
    return this.#state.log
  }

  get history(): History {
    return this.#state.history
  }

  get ops(): OpTable {
    return this.#state.ops
  }

  /** The standbys in sync as of the log's end. */
  get inSync(): readonly PeerId[] {
    return this.#state.inSync
  }

  get lastIndex(): Index {
    return this.#state.log.last
  }

  get lastSeq(): Seq {
    return this.#state.lastSeq
  }

  /** Null before the first entry. */
  get position(): Position | null {
    const claim = this.#state.history.latest
    return claim === null ? null : { claim, index: this.lastIndex }
  }

  /** Where each reign of this log ends. */
  get ends(): ReignPlace[] {
    return endsOfState(this.#state)
  }

  /** Where a reign ends in this log; null when it is unknown here. */
  endOf(claim: Claim): { index: Index; seq: Seq } | null {
    return this.#state.history.endOf(claim, this.lastIndex, this.lastSeq)
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
    return origin === null || !this.#state.ops.has(origin.author, origin.opId)
  }

  append(entry: Entry): void {
    const state = this.#state
    state.log.append(entry)
    state.engine?.apply(entry)
    const origin = originOf(entry)
    if (origin !== null) state.ops.take(origin.author, origin.opId)
    if (entry.type === 'message') state.lastSeq = entry.seq
    if (entry.type === 'reign')
      state.history.add({ claim: entry.claim, index: entry.index, seq: state.lastSeq })
    if (entry.type === 'reign' || entry.type === 'in-sync') state.inSync = entry.inSync
  }

  // --- the streams ---

  /** Null while the streams have not been fetched. */
  get engine(): Engine | null {
    return this.#state.engine
  }

  /** Whether this replica holds the streams and so can host. */
  get complete(): boolean {
    return this.#state.engine !== null
  }

  /** The streams, or as much of them as can be made of the entries that it was given. */
  get streams(): Streams {
    const { engine, lacks, folds } = this.#state
    return engine === null ? streamsOf(this.held, this.lastSeq) : { engine, lacks, folds }
  }

  /** The messages of the log that are not in `streams`. */
  get lacks(): readonly SeqRun[] {
    return this.complete ? this.#state.lacks : seqsLackedBy(this.held, this.lastSeq)
  }

  /** What it gave up when it started over; null once it has streams again. */
  get former(): FormerCopy | null {
    return this.#former
  }

  /** The messages of the log that it cannot give to another, not even from its former copy. */
  get cannotGive(): readonly SeqRun[] {
    const { lacks } = this
    return this.#former === null ? lacks : without(lacks, this.#former.gives(this.ends, lacks))
  }

  /** All it holds of this room's streams: its own, and those of its former copy. */
  get pieces(): Piece[] {
    const own = { ends: this.ends, streams: this.streams }
    return this.#former === null ? [own] : [own, this.#former.piece]
  }

  /** The entries of this log that it has: there may be gaps in front of the tail. */
  get held(): readonly Entry[] {
    return [...this.#earlier, ...this.#state.log.after(NO_INDEX)]
  }

  /** How often its log or its streams gave way to others: else they are only added to. */
  get replacements(): number {
    return this.#replacements
  }

  // --- starting over, and getting streams ---

  /**
   * Follows from the head of another log on, without streams. What it had is kept beside it until
   * it has some. `stable`: up to here the log that is left was known to be stable.
   */
  startOver(
    head: Index,
    headSeq: Seq,
    history: readonly ReignPlace[],
    ops: readonly OpRow[],
    stable: Index,
  ): void {
    const { engine } = this.#state
    if (engine !== null) this.#former = new FormerCopy({ ...this.#state, engine }, stable)
    const fork = forkOf(this.ends, endsOf(history, head, headSeq))
    this.#earlier = lastRetained(
      this.held.filter(({ index }) => index <= (fork?.index ?? NO_INDEX)),
    )
    this.#replace({
      log: new Log(head),
      history: new History(history),
      ops: new OpTable(ops),
      inSync: [],
      lastSeq: headSeq,
      engine: null,
      lacks: [],
    })
  }

  /** The streams are on their way. Until then no entry is let go: it is nowhere else here. */
  awaitStreams(): void {
    if (!this.complete) this.#state.log.keep({ entriesMax: Infinity, bytesMax: RETAINED_BYTES_MAX })
  }

  /** Nothing is left of what it was. */
  become(copy: ReplicaState): void {
    this.#replace(copy)
    this.#lackedUpTo = lastOf(copy.lacks)
    this.#former = null
    this.#earlier = []
  }

  /** Whether every entry that this peer has followed since the copy was made is still kept. */
  canGoOnWith(copy: ReplicaState): boolean {
    const { log } = this.#state
    if (this.lastIndex > copy.log.last && !log.reachesBackTo(copy.log.last)) return false
    const next = log.after(copy.log.last).find((entry) => entry.type === 'message')
    return next === undefined || next.seq === copy.lastSeq + 1
  }

  /** Becomes the copy, with what was followed since. False where it cannot: fetch again. */
  adopt(copy: ReplicaState): boolean {
    if (!this.canGoOnWith(copy)) return false
    const since = this.#state.log.after(copy.log.last)
    this.become(copy)
    for (const entry of since) this.append(entry)
    return true
  }

  /** The same for a copy of the host that it follows: messages that the copy lacks are kept. */
  catchUp(copy: ReplicaState): boolean {
    const own = copy.lacks.length === 0 ? [] : this.pieces
    const isAdopted = this.adopt(copy)
    if (isAdopted) for (const piece of own) this.fill(piece)
    return isAdopted
  }

  /** Nobody has the streams: back to that copy. Answers what was followed since the fork. */
  goBackTo(former: FormerCopy): { readonly entries: readonly Entry[]; readonly forkSeq: Seq } {
    const fork = forkOf(former.ends, this.ends)
    const entries = this.#state.log.after(fork?.index ?? NO_INDEX)
    this.become(former.state)
    return { entries, forkSeq: fork?.seq ?? NO_SEQ }
  }

  /** Nobody has the streams, and it never had any: makes them of the entries that it was given. */
  makeStreams(): void {
    this.become({ ...this.#state, ...this.streams })
    this.#state.log.keepUntil((this.lastIndex + FILL_ENTRIES_MAX) as Index)
  }

  /** Whether its gaps can still be filled: only while the tail reaches back to them. */
  get mayBeFilled(): boolean {
    const { log, engine, lacks } = this.#state
    if (engine === null || lacks.length === 0) return false
    const firstInTail = log.firstSeq ?? this.lastSeq + 1
    return firstInTail <= this.#lackedUpTo + 1
  }

  /** Puts messages of others where its own streams lack them. */
  fill({ ends, streams }: Piece): void {
    const fork = forkOf(this.ends, ends)
    if (!this.mayBeFilled || fork === null) return
    const { engine, lacks, folds } = unite(this.streams, streams, fork, this.ops)
    this.#replace({ ...this.#state, engine, lacks, folds })
  }

  #replace(state: ReplicaState): void {
    this.#state = { ...state }
    this.#replacements++
  }
}

function lastOf(runs: readonly SeqRun[]): Seq {
  return runs.at(-1)?.to ?? NO_SEQ
}
