// Owns every change of a replica. There is one writer of it: whoever holds the writer decides what
// the replica is. The same entries in the same order make the same replica everywhere.

import { FILL_ENTRIES_MAX, RETAINED_BYTES_MAX } from '../protocol/limits.ts'
import { NO_INDEX, NO_SEQ, type Index, type Seq } from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'
import type { OpRow, ReignPlace, SeqRun } from '../protocol/frames.ts'
import { Engine } from './engine.ts'
import { lastRetained } from './entries-with-gaps.ts'
import { FormerCopy, type CompleteState } from './former-copy.ts'
import { endsOf, forkOf, History } from './history.ts'
import { Log } from './log.ts'
import { OpTable } from './op-table.ts'
import type { Piece, ReplicaState } from './replica-state.ts'
import { Replica, type Contents } from './replica.ts'
import type { Moments } from './surplus.ts'
import { unite } from './unite.ts'

export class ReplicaWriter {
  readonly replica: Replica
  readonly #contents: Contents

  constructor(state: ReplicaState) {
    this.#contents = {
      state: { ...state },
      former: null,
      earlier: [],
      lackedUpTo: lastOf(state.lacks),
      replacements: 0,
    }
    this.replica = new Replica(this.#contents)
  }

  /** Of a room that has just begun, or of a peer that knows nothing of it yet. */
  static empty(complete: boolean): ReplicaWriter {
    return new ReplicaWriter({
      log: new Log(),
      history: new History(),
      ops: new OpTable(),
      inSync: [],
      lastSeq: NO_SEQ,
      engine: complete ? new Engine() : null,
      lacks: [],
    })
  }

  /** All that the replica holds, to be stored; null for one without entries, or without streams. */
  get completeState(): CompleteState | null {
    const { engine, ...rest } = this.#contents.state
    return engine === null || rest.history.latest === null ? null : { ...rest, engine }
  }

  append(entry: Entry): void {
    const state = this.#contents.state
    state.log.append(entry)
    state.engine?.apply(entry)
    const origin = originOf(entry)
    if (origin !== null) state.ops.take(origin.author, origin.opId)
    if (entry.type === 'message') state.lastSeq = entry.seq
    if (entry.type === 'reign')
      state.history.begin(entry.claim, (entry.index - 1) as Index, state.lastSeq)
    if (entry.type === 'reign' || entry.type === 'in-sync') state.inSync = entry.inSync
  }

  /**
   * Follows from the head of another log on, without streams. What it had is kept beside it until
   * it has some. `moments`: of the log that is left.
   */
  startOver(
    head: Index,
    headSeq: Seq,
    history: readonly ReignPlace[],
    ops: readonly OpRow[],
    moments: Moments,
  ): void {
    const { engine } = this.replica
    if (engine !== null)
      this.#contents.former = new FormerCopy({ ...this.#contents.state, engine }, moments)
    const fork = forkOf(this.replica.ends, endsOf(history, head, headSeq))
    this.#contents.earlier = lastRetained(
      this.replica.held.filter(({ index }) => index <= (fork?.index ?? NO_INDEX)),
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
    if (!this.replica.complete)
      this.#contents.state.log.keep({ entriesMax: Infinity, bytesMax: RETAINED_BYTES_MAX })
  }

  /** Nothing is left of what it was. */
  become(copy: ReplicaState): void {
    this.#replace(copy)
    this.#contents.lackedUpTo = lastOf(copy.lacks)
    this.#contents.former = null
    this.#contents.earlier = []
  }

  /** Becomes the copy, with what was followed since. False where it cannot: fetch again. */
  adopt(copy: ReplicaState): boolean {
    if (!this.replica.canGoOnWith(copy)) return false
    const since = this.#contents.state.log.after(copy.log.last)
    this.become(copy)
    for (const entry of since) this.append(entry)
    return true
  }

  /** The same for a copy of the host that it follows: messages that the copy lacks are kept. */
  catchUp(copy: ReplicaState): boolean {
    const own = copy.lacks.length === 0 ? [] : this.replica.pieces
    const isAdopted = this.adopt(copy)
    if (isAdopted) for (const piece of own) this.fill(piece)
    return isAdopted
  }

  /** Nobody has the streams: back to that copy. Answers what was followed since the fork. */
  goBackTo(former: FormerCopy): { readonly entries: readonly Entry[]; readonly forkSeq: Seq } {
    const fork = forkOf(former.ends, this.replica.ends)
    const entries = this.#contents.state.log.after(fork?.index ?? NO_INDEX)
    this.become(former.state)
    return { entries, forkSeq: fork?.seq ?? NO_SEQ }
  }

  /** Nobody has the streams, and it never had any: makes them of the entries that it was given. */
  makeStreams(): void {
    this.become({ ...this.#contents.state, ...this.replica.streams })
    this.#contents.state.log.keepUntil((this.replica.lastIndex + FILL_ENTRIES_MAX) as Index)
  }

  /** Puts messages of others where its own streams lack them. */
  fill({ ends, streams }: Piece): void {
    const fork = forkOf(this.replica.ends, ends)
    if (!this.replica.mayBeFilled || fork === null) return
    const { engine, lacks, folds } = unite(this.replica.streams, streams, fork, this.replica.ops)
    this.#replace({ ...this.#contents.state, engine, lacks, folds })
  }

  #replace(state: ReplicaState): void {
    this.#contents.state = { ...state }
    this.#contents.replacements++
  }
}

function lastOf(runs: readonly SeqRun[]): Seq {
  return runs.at(-1)?.to ?? NO_SEQ
}
