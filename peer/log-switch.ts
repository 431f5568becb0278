// Owns how a peer goes from the log that its app was told of to the log that its host has: on in it, over from its
// head, or back to the one that it left before. Of frames it knows the welcome alone.

import { NO_INDEX, sameClaim, type Claim, type PeerId } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { FrameBody, ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { FormerCopy } from '../replica/former-copy.ts'
import { forkOf } from '../replica/history.ts'
import type { Replica } from '../replica/replica.ts'
import { countOf, sameRuns } from '../replica/runs.ts'
import { opsOf } from '../replica/surplus.ts'
import { changeBy, forkFrom, leftBehind, NOTHING_LEFT } from './left-log.ts'
import type { Outbox } from './outbox.ts'
import type { Reset } from './session-output.ts'
import type { Told } from './told.ts'

type Welcome = Extract<FrameBody, { type: 'welcome' }>

export class LogSwitch {
  readonly #self: PeerId
  readonly #replica: Replica
  readonly #outbox: Outbox
  readonly #told: Told
  /** Where the reigns of this peer's log ended when the reign that it follows became known. */
  #endsBefore: readonly ReignPlace[] = []
  /** The messages that never came into the room's streams, as its host said. */
  #roomLacks: readonly SeqRun[] = []
  /** The reign under which this peer last left a log for another. */
  #leftUnder: Claim | null = null

  constructor(self: PeerId, replica: Replica, outbox: Outbox, told: Told) {
    this.#self = self
    this.#replica = replica
    this.#outbox = outbox
    this.#told = told
  }

  get roomLacks(): readonly SeqRun[] {
    return this.#roomLacks
  }

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

  /** The log that this peer left, where the host lacks more than that one did. Once under a reign. [EL5c] */
  betterThan({ lacks }: Welcome, claim: Claim): FormerCopy | null {
    const { former } = this.#replica
    if (former === null || former.state.history.latest === null) return null
    if (sameClaim(this.#leftUnder, claim)) return null
    return countOf(former.lacks) < countOf(lacks) ? former : null
  }

  /** Back to the log that this peer left: it is met as a branch. [EL5c] */
  goBackTo(former: FormerCopy, claim: Claim): Reset {
    const { entries, forkSeq } = this.#replica.goBackTo(former)
    this.#leftUnder = claim
    this.#outbox.cutBack(NO_INDEX, opsOf(entries, this.#told.stable))
    this.#told.stableUpTo(former.stable)
    return this.#told.jumpTo(this.#replica, forkSeq, 'rewound')
  }

  /** What a failed takeover added to the log; empty where there is a gap before it. */
  untold(claim: Claim): readonly Entry[] {
    const { log } = this.#replica
    const { index } = this.#told
    return this.#isBehind(claim) && log.reachesBackTo(index) ? log.after(index) : []
  }

  /** The host's log continues this one, and the app was told of all that can be told. */
  resume({ lacks }: Welcome, claim: Claim): Reset | null {
    const reset = this.#missed(lacks, claim)
    // A repeat named places in a log that may have gone with its host.
    this.#outbox.cutBack(this.#told.index, [])
    return reset
  }

  #missed(lacks: readonly SeqRun[], claim: Claim): Reset | null {
    const { lastSeq } = this.#told
    if (this.#isBehind(claim)) return this.#told.jumpTo(this.#replica, lastSeq, 'missed')
    if (sameRuns(lacks, this.#roomLacks)) return null
    // The room retains something else than what the app was given. [EL5b]
    return this.#told.jumpTo(this.#told, lastSeq, 'missed')
  }

  /** A failed takeover gave this peer a longer log than the app was told of. */
  #isBehind(claim: Claim): boolean {
    const { position } = this.#told
    if (position === null || this.#hosts(claim)) return false
    return position.index < this.#replica.lastIndex
  }

  /** The host's log does not continue this one, or reaches back too little: on from its head. Null for a newcomer. */
  startOver(welcome: Welcome, claim: Claim): Reset | null {
    const { stable, lastSeq, isNewcomer } = this.#told
    const { head, headSeq, history, ops } = welcome
    const hostsItself = this.#hosts(claim)
    // A new host may have taken over another's log by now: what counts is the one it had.
    const ends = hostsItself ? this.#endsBefore : this.#replica.ends
    const fork = forkFrom(ends, welcome, stable)
    const left = hostsItself ? NOTHING_LEFT : leftBehind(this.#replica, fork, welcome, stable)
    this.#leftUnder = claim
    if (!hostsItself) this.#replica.startOver(head, headSeq, history, ops, stable)
    this.#outbox.cutBack(fork.index, left.ops)
    this.#told.cutStable(fork.index)
    const { reason, keys } = changeBy(left, fork, lastSeq, headSeq)
    const latest = history.at(-1)
    const position = latest === undefined ? null : { claim: latest.claim, index: head }
    const reset = this.#told.jumpTo({ position, lastSeq: headSeq }, fork.seq, reason, keys)
    // A newcomer has missed nothing: joining replays nothing by itself.
    return isNewcomer ? null : reset
  }

  /** Own compactions that wait had folded what the streams retained before. [EL5b] */
  streamsLack({ lacks }: Welcome): void {
    if (!sameRuns(lacks, this.#roomLacks)) this.#outbox.outdateCompactions()
    this.#roomLacks = lacks
  }

  #hosts(claim: Claim): boolean {
    return claim.host === this.#self
  }
}
