// Owns the app's operations on their way: those of this turn, until the peer is fed with them, and the promises
// of receipts. It does not know how the room decides on them.

import { BatonError } from '../protocol/errors.ts'
import { OUTBOX_OPS_MAX } from '../protocol/limits.ts'
import { REFUSAL_SENTENCES } from '../protocol/refusal-sentences.ts'
import type { Outcome, Submitted, Ticket } from '../peer/submission.ts'
import type { Receipt } from './api.ts'
import type { Connection } from './connection.ts'

/** Feeds in a row before a page gets a task of its own: a few milliseconds' worth, which nobody notices. */
const FEEDS_IN_A_ROW = 256

/** The two ends of a receipt's promise. */
type Waiting = {
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: BatonError) => void
}

type Operation = { readonly input: Submitted; readonly waiting: Waiting }

export class Operations {
  readonly #connection: Connection
  /** Operations of this turn. */
  #unfed: Operation[] = []
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
  add(make: () => Submitted): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const input = make()
      this.#checkSpace()
      if (this.#unfed.length === 0) this.#feedSoon()
      this.#unfed.push({ input, waiting: { resolve, reject } })
    })
  }

  /** What one turn of the app sends travels, and is ordered, as one batch. */
  feed(): void {
    const operations = this.#unfed
    this.#unfed = []
    operations.forEach(({ input, waiting }, i) => {
      const ticket = ++this.#lastTicket
      this.#receipts.set(ticket, waiting)
      this.#connection.feed({ ...input, ticket, more: i < operations.length - 1 })
    })
  }

  /** What became of an operation that waited for its receipt. */
  settle(outcome: Exclude<Outcome, { type: 'conflict' }>): void {
    const waiting = this.#receipts.get(outcome.ticket)
    this.#receipts.delete(outcome.ticket)
    if (outcome.type === 'settled') waiting?.resolve({ seq: outcome.seq })
    else waiting?.reject(new BatonError(outcome.code, REFUSAL_SENTENCES[outcome.code]))
  }

  /**
   * Messages after `seq` stand no longer. A compaction of them that has not gone out yet must not: the host would
   * fold the messages that stand in their places now.
   */
  giveUpCompactions(seq: number): void {
    const operations = this.#unfed
    this.#unfed = operations.filter(({ input }) => !foldsBeyond(input, seq))
    for (const { input, waiting } of operations)
      if (foldsBeyond(input, seq))
        waiting.reject(new BatonError('compact-outdated', REFUSAL_SENTENCES['compact-outdated']))
  }

  /** Nothing becomes of any of them any more. */
  end(error: BatonError): void {
    for (const { waiting } of this.#unfed) waiting.reject(error)
    this.#unfed = []
    for (const { reject } of this.#receipts.values()) reject(error)
    this.#receipts.clear()
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

function foldsBeyond(input: Submitted, seq: number): boolean {
  return input.type === 'compacted' && input.seq > seq
}
