// Owns how far a follower is: where its log ends, what is on its way to it, what it was told is stable, and whether it
// is in the live flow. The slow-peer rule [LK8] lives here. It knows no clock, and not who the follower is.

import { LAG_BYTES_MAX, LAG_ENTRIES_MAX } from '../protocol/limits.ts'
import { NO_INDEX, type Index } from '../protocol/ids.ts'

type Batch = { readonly upTo: Index; readonly bytes: number }

export class Progress {
  /** Its log reaches at least to here. */
  #acked: Index
  #sentUpTo: Index
  /** Sent, and not yet reported. */
  readonly #inFlight: Batch[] = []
  #inFlightBytes = 0
  /** The last stable index that it was told. */
  #toldStable: Index = NO_INDEX
  /** The last entry that may be its own: until that is stable, it waits for a receipt. */
  #ownLast: Index = NO_INDEX
  #isComplete: boolean
  /** In the live flow; else it is sent nothing until it has reported what was sent. */
  #isLive = true

  /** Its log is this host's up to `upTo`. */
  constructor(upTo: Index, isComplete: boolean) {
    this.#acked = upTo
    this.#sentUpTo = upTo
    this.#isComplete = isComplete
  }

  get acked(): Index {
    return this.#acked
  }

  get sentUpTo(): Index {
    return this.#sentUpTo
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  get isLive(): boolean {
    return this.#isLive
  }

  get hasInFlight(): boolean {
    return this.#inFlight.length > 0
  }

  /** Cut from the live flow, it has reported all that was sent by then. */
  get mayResume(): boolean {
    return !this.#isLive && this.#acked >= this.#sentUpTo
  }

  /** Too far behind for the live flow: the others do not wait. */
  get lags(): boolean {
    return this.#inFlightBytes > LAG_BYTES_MAX || this.#sentUpTo - this.#acked > LAG_ENTRIES_MAX
  }

  /** Whether a receipt that it waits for may have become due since it was last told. */
  awaits(stable: Index): boolean {
    const isOwed = this.#toldStable < this.#ownLast && this.#toldStable < stable
    return this.#isLive && isOwed
  }

  /** It follows on from there. Of what it has yet to hear, some may be its own, from an earlier reign. */
  resumed(after: Index, head: Index): void {
    this.#sentUpTo = after
    this.#ownLast = head
    this.#isLive = true
  }

  /** It begins anew at the end of the log, without streams. */
  startedOver(head: Index): void {
    this.#isComplete = false
    this.#acked = head
    this.#sentUpTo = head
    this.#ownLast = head
    this.#isLive = true
  }

  cutOff(): void {
    this.#isLive = false
  }

  /** An op of its own became this entry. */
  authored(index: Index): void {
    this.#ownLast = index
  }

  sent(upTo: Index, bytes: number, stable: Index): void {
    this.#sentUpTo = upTo
    this.#inFlight.push({ upTo, bytes })
    this.#inFlightBytes += bytes
    this.#toldStable = stable
  }

  told(stable: Index): void {
    this.#toldStable = stable
  }

  /** What it says; not believed beyond what it was sent. */
  reported(index: Index, isComplete: boolean): void {
    this.#isComplete = isComplete
    const known = Math.min(index, this.#sentUpTo) as Index
    if (known > this.#acked) this.#acked = known
    while (this.hasInFlight && this.#inFlight[0]!.upTo <= this.#acked)
      this.#inFlightBytes -= this.#inFlight.shift()!.bytes
  }
}
