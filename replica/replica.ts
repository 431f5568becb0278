// Owns one peer's copy of the room: the log's tail, its history, the op table and, once complete, the
// streams. The same entries in the same order make the same replica everywhere.

import { FILL_ENTRIES_MAX, RETAINED_BYTES_MAX } from '../protocol/limits.ts'
import {
  NO_INDEX,
  NO_SEQ,
  type Claim,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
} from '../protocol/ids.ts'
import { originOf, type CompactOp, type Entry } from '../protocol/entry.ts'
import type { OpRow, Position, ReignPlace, SeqRun } from '../protocol/frames.ts'
import { Engine } from './engine.ts'
import { endsOf, forkOf, History } from './history.ts'
import { costOf, Log } from './log.ts'
import { surplusAfter, type Surplus } from './surplus.ts'
import { OpTable } from './op-table.ts'
import { gainedFrom, seqsLackedBy, without } from './runs.ts'
import { streamsOf, unite, type Streams } from './unite.ts'

/** What somebody holds of a log whose reigns end there. */
export type Piece = { readonly ends: readonly ReignPlace[]; readonly streams: Streams }

/** A replica as one value: what a snapshot carries. */
export type ReplicaState = {
  readonly log: Log
  readonly history: History
  readonly ops: OpTable
  readonly inSync: readonly PeerId[]
  readonly lastSeq: Seq
  /** Null while the streams have not been fetched: such a replica follows, but cannot answer a replay. */
  readonly engine: Engine | null
  /** The messages of the log that never came into the streams. */
  readonly lacks: readonly SeqRun[]
  /** The compactions of the log that stand for messages which it lacks, as far as it was given them. */
  readonly folds?: readonly CompactOp[] | undefined
}

export class Replica {
  #state: { -readonly [Field in keyof ReplicaState]: ReplicaState[Field] }
  /** What this peer held before it started over, until it has the streams again. */
  #former: { readonly state: ReplicaState; readonly stable: Index } | null = null
  /** Entries of this very log that it had before its tail begins, as far as it never had the streams. */
  #islands: readonly Entry[] = []
  /** Where a log that was kept for streams that never came is a tail again: until then what is missing may still turn up. */
  #trimsAt = NO_INDEX
  /** Up to here its streams lacked messages when it came by them. */
  #lackedUpTo: Seq

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

  get log(): Log {
    return this.#state.log
  }

  get history(): History {
    return this.#state.history
  }

  get ops(): OpTable {
    return this.#state.ops
  }

  get engine(): Engine | null {
    return this.#state.engine
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

  /** Whether this replica holds the streams and so can host. */
  get complete(): boolean {
    return this.#state.engine !== null
  }

  /** The messages of the log that never came into the streams or, as long as it has none, that it was not given either. */
  get lacks(): readonly SeqRun[] {
    return this.#state.engine === null ? seqsLackedBy(this.held, this.lastSeq) : this.#state.lacks
  }

  /** What it held before it started over, as long as it has no streams since. */
  get former(): ReplicaState | null {
    return this.complete ? null : (this.#former?.state ?? null)
  }

  /** The messages of the log that it cannot give to another: what it held before it started over it can. */
  get cannotGive(): readonly SeqRun[] {
    const { former, lacks } = this
    return former === null
      ? lacks
      : without(lacks, gainedFrom(lacks, former.lacks, this.forkSeq(endsOfState(former))))
  }

  /** The streams, or as much of them as can be made of what it was given. */
  get streams(): Streams {
    const { engine, lacks, folds } = this.#state
    return engine === null ? streamsOf(this.held, this.lastSeq) : { engine, lacks, folds }
  }

  /** All it holds of this room's streams: its own, and those that it had before it started over. */
  get pieces(): Piece[] {
    const { former } = this
    const own = { ends: this.ends, streams: this.streams }
    return former?.engine
      ? [
          own,
          { ends: endsOfState(former), streams: { engine: former.engine, lacks: former.lacks } },
        ]
      : [own]
  }

  /** The entries of this very log, as far as it has them: there may be gaps in front of the tail. */
  get held(): readonly Entry[] {
    return [...this.#islands, ...this.#state.log.after(NO_INDEX)]
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
    return this.#state.history.endOf(claim, this.lastIndex, this.#state.lastSeq)
  }

  /** Whether this entry can come next: what an honest host sends always can. */
  accepts(entry: Entry): boolean {
    if (entry.index !== this.lastIndex + 1) return false
    if (entry.type === 'message' && entry.seq !== this.#state.lastSeq + 1) return false
    const origin = originOf(entry)
    return origin === null || !this.#state.ops.has(origin.author, origin.opId)
  }

  append(entry: Entry): void {
    const state = this.#state
    if (entry.index === this.#trimsAt) state.log.keep()
    state.log.append(entry)
    state.engine?.apply(entry)
    const origin = originOf(entry)
    if (origin !== null) state.ops.take(origin.author, origin.opId)
    if (entry.type === 'message') state.lastSeq = entry.seq
    if (entry.type === 'reign')
      state.history.add({ claim: entry.claim, index: entry.index, seq: state.lastSeq })
    if (entry.type === 'reign' || entry.type === 'in-sync') state.inSync = entry.inSync
  }

  /**
   * Forgets everything and follows from the head of another log on; the streams are to be fetched anew.
   * `stable`: how far the log that is left was.
   */
  startOver(
    head: Index,
    headSeq: Seq,
    history: readonly ReignPlace[],
    ops: readonly OpRow[],
    stable: Index,
  ): void {
    if (this.complete) this.#former = { state: this.#state, stable }
    const fork = forkOf(this.ends, endsOf(history, head, headSeq))
    this.#islands = lastRetained(
      this.held.filter(({ index }) => index <= (fork?.index ?? NO_INDEX)),
    )
    this.#state = {
      log: new Log(head),
      history: new History(history),
      ops: new OpTable(ops),
      inSync: [],
      lastSeq: headSeq,
      engine: null,
      lacks: [],
    }
  }

  /** The streams are on their way: what comes meanwhile is nowhere else here, so it is not let go like a tail. */
  awaitStreams(): void {
    if (!this.complete) this.#state.log.keep({ entriesMax: Infinity, bytesMax: RETAINED_BYTES_MAX })
  }

  /** Whether every entry that this peer has followed since the copy was made is still kept. */
  canGoOnWith(copy: ReplicaState): boolean {
    const { log } = this.#state
    if (this.lastIndex > copy.log.last && !log.reachesBackTo(copy.log.last)) return false
    const next = log.after(copy.log.last).find((entry) => entry.type === 'message')
    return next === undefined || next.seq === copy.lastSeq + 1
  }

  /** Takes the place of this replica, with what it has followed since. False where it cannot go on: fetch again. */
  adopt(copy: ReplicaState): boolean {
    if (!this.canGoOnWith(copy)) return false
    const since = this.#state.log.after(copy.log.last)
    this.#become(copy)
    for (const entry of since) this.append(entry)
    return true
  }

  /** The same for a copy of the host that it follows; what this replica holds of what that lacks, it keeps. */
  catchUp(copy: ReplicaState): boolean {
    const own = copy.lacks.length === 0 ? [] : this.pieces
    const adopted = this.adopt(copy)
    if (adopted) for (const piece of own) this.fill(piece)
    return adopted
  }

  /**
   * The last resort of a peer that must lead and does not have the streams. It goes back to those it had before it
   * started over, if it had any, and answers what its tail held since the fork; else it makes do with the tail.
   * `stable`: how far the log was that it goes back to, not the one that these entries are of.
   */
  makeDo(): {
    readonly entries: readonly Entry[]
    readonly forkSeq: Seq
    readonly stable: Index
  } | null {
    if (this.#former === null) {
      this.#become({ ...this.#state, ...this.streams })
      this.#trimsAt = (this.lastIndex + FILL_ENTRIES_MAX) as Index
      return null
    }
    const { state, stable } = this.#former
    const fork = forkOf(endsOfState(state), this.ends)
    const entries = this.#state.log.after(fork?.index ?? NO_INDEX)
    this.#become(state)
    return { entries, stable, forkSeq: fork?.seq ?? NO_SEQ }
  }

  /** What it held before it started over, and has not been given since, of which a log whose reigns end there may know nothing. */
  formerSurplus(ends: readonly ReignPlace[]): Surplus | null {
    if (this.#former === null) return null
    const { state, stable } = this.#former
    const fork = forkOf(endsOfState(state), ends)
    const forkSeq = fork?.seq ?? NO_SEQ
    return {
      entries: surplusAfter(state.log, state.engine, fork?.index ?? NO_INDEX, forkSeq),
      stable,
      forkSeq,
    }
  }

  /** Whether what its streams lack can still be filled in: as long as its tail reaches back to there nobody has folded without it. */
  get mayBeFilled(): boolean {
    return this.complete && this.#state.lacks.length > 0 && this.#tailSeq <= this.#lackedUpTo
  }

  /** Takes in what other streams retain of what its own lack. */
  fill({ ends, streams }: Piece): void {
    if (this.mayBeFilled)
      Object.assign(this.#state, unite(this.streams, streams, this.forkSeq(ends), this.ops))
  }

  /** Up to here the messages of a log whose reigns end there are those of this one. */
  forkSeq(ends: readonly ReignPlace[]): Seq {
    return forkOf(this.ends, ends)?.seq ?? NO_SEQ
  }

  /** Seq of the last message before the tail. */
  get #tailSeq(): Seq {
    const { log } = this.#state
    for (let index = log.first; index <= log.last; index++) {
      const entry = log.at(index)
      if (entry?.type === 'message') return (entry.seq - 1) as Seq
    }
    return this.lastSeq
  }

  #become(state: ReplicaState): void {
    this.#state = { ...state }
    this.#lackedUpTo = lastOf(state.lacks)
    this.#former = null
    this.#islands = []
  }

  /** Where an op stands in the tail, if it is still kept there. */
  find(author: PeerId, opId: OpId): Entry | null {
    for (let index = this.lastIndex; index >= this.#state.log.first; index--) {
      const entry = this.#state.log.at(index as Index)
      const origin = entry && originOf(entry)
      if (entry && origin?.author === author && origin.opId === opId) return entry
    }
    return null
  }
}

/** Where each reign of its log ends. */
export function endsOfState({ history, log, lastSeq }: ReplicaState): ReignPlace[] {
  return endsOf(history.reigns, log.last, lastSeq)
}

function lastOf(runs: readonly SeqRun[]): Seq {
  return runs.at(-1)?.to ?? NO_SEQ
}

/** The last of these entries, where they are more than a room retains. */
function lastRetained(entries: Entry[]): Entry[] {
  let bytes = 0
  return entries
    .reverse()
    .filter((entry) => (bytes += costOf(entry)) <= RETAINED_BYTES_MAX)
    .reverse()
}
