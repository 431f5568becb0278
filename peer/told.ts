// Owns what the app of this peer has been told: up to which entry of which log, and what of that no
// longer stands. It does not know why a log is left for another.

import { NO_INDEX, NO_SEQ, type Index, type Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Position, ReignPlace } from '../protocol/frames.ts'
import type { Reset } from './session-output.ts'

/** Where a log ends. */
export type LogEnd = { readonly position: Position | null; readonly lastSeq: Seq }

export class Told {
  #position: Position | null = null
  #lastSeq = NO_SEQ
  #stable = NO_INDEX
  #past = NO_INDEX
  #isNewcomer = true
  #isReturning = false

  /** A page comes back with a log that ends there: that counts as told. [PE6] */
  static before({ position, lastSeq }: LogEnd, stable: Index): Told {
    const told = new Told()
    told.#position = position
    told.#lastSeq = lastSeq
    told.#stable = stable
    told.#past = told.index
    told.#isNewcomer = false
    told.#isReturning = true
    return told
  }

  /** The last entry that the app was told of; null before the first. */
  get position(): Position | null {
    return this.#position
  }

  get index(): Index {
    return this.#position?.index ?? NO_INDEX
  }

  /** Seq of the last message that the app was given. */
  get lastSeq(): Seq {
    return this.#lastSeq
  }

  /** Up to here the log is stable, by the word of its host. The app may not be told so far yet. */
  get stable(): Index {
    return this.#stable
  }

  /** Up to here the log is of earlier lives of this page. [PE6] */
  get past(): Index {
    return this.#past
  }

  /** The app was given nothing yet, so it can miss nothing. */
  get isNewcomer(): boolean {
    return this.#isNewcomer
  }

  /** The page comes back from an earlier life, and was not live in this one yet. */
  get isReturning(): boolean {
    return this.#isReturning
  }

  /** What it was told is first-hand: of this life. */
  get isFirstHand(): boolean {
    return this.#position !== null && !this.#isReturning
  }

  /** The app was told of one more entry. */
  advance(entry: Entry): void {
    const claim = entry.type === 'reign' ? entry.claim : this.#position?.claim
    if (claim !== undefined) this.#position = { claim, index: entry.index }
    if (entry.type !== 'message') return
    this.#lastSeq = entry.seq
    this.#isNewcomer = false
  }

  /** Messages flow. */
  live(): void {
    this.#isNewcomer = false
    this.#isReturning = false
  }

  stableUpTo(index: Index): void {
    this.#stable = index
  }

  pastUpTo(index: Index): void {
    this.#past = index
  }

  /** Back to where the told log parts from another; null where they have nothing in common. */
  rewindTo(fork: ReignPlace | null): Reset {
    const seq = Math.min(fork?.seq ?? NO_SEQ, this.#lastSeq) as Seq
    const position = fork === null ? null : { claim: fork.claim, index: fork.index }
    this.cutStable(fork?.index ?? NO_INDEX)
    return this.jumpTo({ position, lastSeq: seq }, seq, 'rewound')
  }

  /** On at the end of a log. What was given up to `common` stands; then only these keys changed. */
  jumpTo(
    { position, lastSeq }: LogEnd,
    common: Seq,
    reason: Reset['reason'],
    keys: Reset['keys'] = 'all',
  ): Reset {
    const seq = Math.min(common, this.#lastSeq) as Seq
    this.#position = position
    this.#lastSeq = lastSeq
    this.#isNewcomer = false
    return { type: 'reset', seq, headSeq: lastSeq, keys, reason }
  }

  /** Another log goes on from here: no later entry of the told log is stable any more. */
  cutStable(common: Index): void {
    this.#stable = Math.min(this.#stable, common) as Index
    this.#past = Math.min(this.#past, common) as Index
  }
}
