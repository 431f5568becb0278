// Owns the app's operations on their way: those of this turn, until the peer is fed with them, and the promises
// of receipts. It does not know how the room decides on them.

import { BatonError } from '../protocol/errors.ts'
import { KeptValues } from '../protocol/kept-values.ts'
import { OUTBOX_OPS_MAX } from '../protocol/limits.ts'
import { REFUSAL_SENTENCES } from '../protocol/refusal-sentences.ts'
import type { Submission } from '../peer/peer-io.ts'
import type { Outcome, Ticket } from '../peer/submission.ts'
import type { Receipt } from './api.ts'
import type { Connection } from './connection.ts'

/** Feeds in a row before a page gets a task of its own: a few milliseconds' worth, which nobody notices. */
const FEEDS_IN_A_ROW = 256

type Refusal = Extract<Outcome, { type: 'refused' }>['code']

/** The two ends of a receipt's promise. */
type Waiting = {
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: BatonError) => void
}

export class Operations {
  /** Where the values of operations lie. */
  readonly values = new KeptValues()
  readonly #connection: Connection
  /** Operations of this turn. */
  #unfed: Submission[] = []
  #feedsInARow = 0
  #lastTicket = 0
  readonly #receipts = new Map<Ticket, Waiting>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** How many have no receipt yet. */
  get pending(): number {
    return this.#connection.peer.pending + this.#unfed.length
  }

  /** What `make` throws rejects the promise, as a full queue does. */
  add(make: (ticket: Ticket) => Submission): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      this.#lastTicket++
      const submission = make(this.#lastTicket)
      this.#checkSpace()
      if (this.#unfed.length === 0) this.#feedSoon()
      this.#unfed.push(submission)
      this.#receipts.set(submission.ticket, { resolve, reject })
    })
  }

  /** What one turn of the app sends travels, and is ordered, as one batch. */
  feed(): void {
    const submissions = this.#unfed
    if (submissions.length === 0) return
    this.#unfed = []
    this.#connection.feed({ type: 'batch', submissions })
  }

  /** What became of an operation that waited for its receipt. */
  settle(outcome: Exclude<Outcome, { type: 'conflict' }>): void {
    if (outcome.type === 'refused') return this.#refuse(outcome.ticket, outcome.code)
    this.#receipts.get(outcome.ticket)?.resolve({ seq: outcome.seq })
    this.#receipts.delete(outcome.ticket)
  }

  /**
   * Messages after `seq` stand no longer. A compaction of them that has not gone out yet must not: the host would
   * fold the messages that stand in their places now.
   */
  giveUpCompactions(seq: number): void {
    const submissions = this.#unfed
    this.#unfed = submissions.filter((submission) => !foldsBeyond(submission, seq))
    for (const submission of submissions)
      if (foldsBeyond(submission, seq)) this.#refuse(submission.ticket, 'compact-outdated')
  }

  /** Nothing becomes of any of them any more. */
  end(error: BatonError): void {
    this.#unfed = []
    for (const { reject } of this.#receipts.values()) reject(error)
    this.#receipts.clear()
  }

  #refuse(ticket: Ticket, code: Refusal): void {
    this.#receipts.get(ticket)?.reject(new BatonError(code, REFUSAL_SENTENCES[code]))
    this.#receipts.delete(ticket)
  }

  #checkSpace(): void {
    const { peer } = this.#connection
    if (!peer.outboxIsFull && this.#unfed.length < OUTBOX_OPS_MAX) return
    throw new BatonError(
      'queue-full',
      `${peer.pending} operations of this page already wait for the room. ` +
        'Wait for some of their receipts, then send more.',
    )
  }

  /**
   * At the end of the app's turn. A host without standbys has its receipt at once: a loop that awaits one after the
   * other would leave its page no time for anything else, so now and then the feed waits for a task.
   */
  #feedSoon(): void {
    this.#feedsInARow++
    if (this.#feedsInARow < FEEDS_IN_A_ROW) return queueMicrotask(() => this.feed())
    this.#feedsInARow = 0
    this.#connection.later(() => this.feed())
  }
}

function foldsBeyond(submission: Submission, seq: number): boolean {
  return submission.type === 'compacted' && submission.seq > seq
}
