// Owns the log of a peer while the peer follows: what its host adds, and the way from the log that
// the app was told of to the log that the host has. That is on in the same log, over from the head
// of another, or back to one that was left.

import { NO_INDEX, sameClaim, type Claim, type Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import { assert } from '../protocol/errors.ts'
import type { BodyOf, ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { FormerCopy } from '../replica/former-copy.ts'
import { forkOf } from '../replica/history.ts'
import type { Replica } from '../replica/replica.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import { countOf, firstDifference, sameRuns } from '../replica/runs.ts'
import { opsOf } from '../replica/surplus.ts'
import { changeBy, forkFrom, leftBehind, NOTHING_LEFT } from './left-log.ts'
import type { Outbox } from './outbox.ts'
import type { Reset } from './session-output.ts'
import type { Told } from './told.ts'

type Welcome = BodyOf<'welcome'>

export class FollowedLog {
  readonly #replica: Replica
  /** Null while this peer leads: then its leadership changes the replica. */
  #writer: ReplicaWriter | null
  readonly #outbox: Outbox
  readonly #told: Told
  /** The ends of the reigns in this peer's log, as of the begin of the reign that it follows. */
  #endsBefore: readonly ReignPlace[] = []
  /** The messages that the room's streams lack, by the word of its host. */
  #roomLacks: readonly SeqRun[] = []
  /** The reign under which this peer last left a log for another. */
  #leftUnder: Claim | null = null

  constructor(writer: ReplicaWriter, outbox: Outbox, told: Told) {
    this.#replica = writer.replica
    this.#writer = writer
    this.#outbox = outbox
    this.#told = told
  }

  get roomLacks(): readonly SeqRun[] {
    return this.#roomLacks
  }

  // --- who may change the replica ---

  /** This peer leads. */
  get isReleased(): boolean {
    return this.#writer === null
  }

  get writer(): ReplicaWriter {
    assert(this.#writer !== null, 'a peer that leads does not follow another log')
    return this.#writer
  }

  /** This peer is to lead: from now on its leadership changes the replica. */
  release(): ReplicaWriter {
    const { writer } = this
    this.#writer = null
    return writer
  }

  /** This peer leads no longer. */
  regain(writer: ReplicaWriter): void {
    assert(this.#writer === null, 'a replica has one writer')
    this.#writer = writer
  }

  /** Adds an entry of the host; false where it cannot come next. A leader has its own already. */
  add(entry: Entry): boolean {
    if (entry.index <= this.#replica.lastIndex) return true
    if (!this.#replica.accepts(entry)) return false
    this.writer.append(entry)
    return true
  }

  // --- from one log to another ---

  /** Another reign is followed from now on. */
  reignBegins(): Reset | null {
    const reset = this.#rewindToFork()
    this.#endsBefore = this.#replica.ends
    return reset
  }

  /** A failed takeover may have replaced the log: rewind the app to the fork. */
  #rewindToFork(): Reset | null {
    const { position } = this.#told
    if (position === null) return null
    const end = this.#replica.endOf(position.claim)
    if (end !== null && position.index <= end.index) return null
    const reset = this.#told.rewindTo(forkOf(this.#endsBefore, this.#replica.ends))
    this.#outbox.cutBack(this.#told.index, [])
    return reset
  }

  /** The log that this peer left, if the host lacks more than that. Once a reign. [EL5c] */
  betterThan({ lacks }: Welcome, claim: Claim): FormerCopy | null {
    const { former } = this.#replica
    if (former === null || former.state.history.latest === null) return null
    if (sameClaim(this.#leftUnder, claim)) return null
    return countOf(former.lacks) < countOf(lacks) ? former : null
  }

  /** Back to the log that this peer left. The host will meet it as a branch. [EL5c] */
  goBackTo(former: FormerCopy, claim: Claim): Reset {
    const { entries, forkSeq } = this.writer.goBackTo(former)
    this.#leftUnder = claim
    this.#outbox.cutBack(NO_INDEX, opsOf(entries, this.#told))
    this.#told.stableUpTo(former.stable)
    this.#told.pastUpTo(former.past)
    return this.#told.jumpTo(this.#replica, forkSeq, 'rewound')
  }

  /** The entries that a failed takeover added to the log; none where there is a gap before them. */
  get untold(): readonly Entry[] {
    const { log } = this.#replica
    const { index } = this.#told
    return this.#isBehind && log.reachesBackTo(index) ? log.after(index) : []
  }

  /** The host's log continues this one. The app was told of `untold`. */
  resume({ lacks }: Welcome): Reset | null {
    const reset = this.#missed(lacks)
    // The places that a repeat named may have been in a log that is gone with its host.
    this.#outbox.cutBack(this.#told.index, [])
    return reset
  }

  #missed(lacks: readonly SeqRun[]): Reset | null {
    const stands = this.#standsUpTo(lacks)
    if (this.#isBehind) return this.#told.jumpTo(this.#replica, stands, 'missed')
    if (sameRuns(lacks, this.#roomLacks)) return null
    return this.#told.jumpTo(this.#told, stands, 'missed')
  }

  /** Behind this seq the room retains other messages than the app was given. [EL5b] */
  #standsUpTo(lacks: readonly SeqRun[]): Seq {
    const changed = firstDifference(lacks, this.#roomLacks)
    const { lastSeq } = this.#told
    return changed === null ? lastSeq : (Math.min(changed - 1, lastSeq) as Seq)
  }

  /** A failed takeover gave this peer a longer log than the app was told of. */
  get #isBehind(): boolean {
    const { position } = this.#told
    if (position === null || this.isReleased) return false
    return position.index < this.#replica.lastIndex
  }

  /**
   * The host's log does not continue this one, or does not reach back far enough: on from its head.
   * A newcomer gets no reset: it has missed nothing, and joining replays nothing by itself.
   */
  startOver(welcome: Welcome, claim: Claim): Reset | null {
    const { lastSeq, isNewcomer } = this.#told
    const { head, headSeq, history, ops, lacks } = welcome
    // A new host may hold another log by now. What counts is the log that it had before.
    const ends = this.isReleased ? this.#endsBefore : this.#replica.ends
    const fork = forkFrom(ends, welcome)
    const left = this.isReleased
      ? NOTHING_LEFT
      : leftBehind(this.#replica, fork, welcome, this.#told)
    this.#leftUnder = claim
    if (!this.isReleased) this.writer.startOver(head, headSeq, history, ops, this.#told)
    this.#outbox.cutBack(fork.index, left.ops)
    this.#told.cutStable(fork.index)
    const common = Math.min(fork.seq, this.#standsUpTo(lacks)) as Seq
    const { reason, keys } = changeBy(left, fork, lastSeq, headSeq)
    const latest = history.at(-1)
    const position = latest === undefined ? null : { claim: latest.claim, index: head }
    const changed = common < fork.seq ? 'all' : keys
    const reset = this.#told.jumpTo({ position, lastSeq: headSeq }, common, reason, changed)
    return isNewcomer ? null : reset
  }

  /** Own compactions that wait were made of what the streams retained before. [EL5b] */
  streamsLack({ lacks }: Welcome): void {
    if (!sameRuns(lacks, this.#roomLacks)) this.#outbox.outdateCompactions()
    this.#roomLacks = lacks
  }
}
