// Owns the flow control of one link, both ways: how much may be on its way to a page that has not consumed it yet. A
// browser lets in whatever arrives, for a page that hangs too, and its channel then holds nothing back: so the page
// itself grants what it has consumed, and a sender shows which grants it has seen.
//
// A grant is not a round number: up to 64 KiB of it, by chance, stay for the next one. So nobody can show a grant that
// it has not read, and what comes without is a flood.

import { PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { randomBytes } from './clock.ts'
import { CREDIT_BYTES } from './link-limits.ts'

/** Control frames may go so far beyond: thousands of heartbeats for a page that hangs. */
const CONTROL_BYTES = CREDIT_BYTES + 2 * PACKET_BYTES_MAX
/** One packet more goes out just below that bound, and the sender's own grants whatever its credit is. */
const RECEIVED_BYTES_MAX = CONTROL_BYTES + 2 * PACKET_BYTES_MAX

export class Credit {
  /** Sent, and not granted by the other side since. */
  #unpaid = 0
  /** The last grant that came, until a packet has shown it. */
  #toShow = 0
  /** Received under grants that the other side has not shown yet. */
  #unshown = 0
  /** Of those bytes: consumed here, and not granted. */
  #consumed = 0
  /** Grants that the other side has not shown yet, in order. */
  readonly #grants: number[] = []

  get dataMayPass(): boolean {
    return this.#unpaid < CREDIT_BYTES
  }

  get controlMayPass(): boolean {
    return this.#unpaid < CONTROL_BYTES
  }

  /** Whether enough was consumed here to be granted. */
  get grantIsDue(): boolean {
    return this.#consumed >= CREDIT_BYTES / 2
  }

  /** The grant that the packet being made carries; 0 for none. */
  grant(): number {
    if (!this.grantIsDue) return 0
    const [high = 0, low = 0] = randomBytes(2)
    const bytes = this.#consumed - high * 256 - low
    this.#consumed -= bytes
    this.#grants.push(bytes)
    return bytes
  }

  /** The grant that the packet being made shows to have come; 0 for none. */
  show(): number {
    const bytes = this.#toShow
    this.#toShow = 0
    return bytes
  }

  sent(bytes: number): void {
    this.#unpaid += bytes
  }

  /** The other side granted so much; false where that is more than it was sent. */
  granted(bytes: number): boolean {
    this.#unpaid -= bytes
    this.#toShow = bytes
    return this.#unpaid >= 0
  }

  /** The other side has seen this grant, and so those before it; false where there was no such grant. */
  shown(bytes: number): boolean {
    const at = this.#grants.indexOf(bytes)
    for (const seen of this.#grants.splice(0, at + 1)) this.#unshown -= seen
    return at >= 0
  }

  /** False where the other side sends without regard to its credit. */
  received(bytes: number): boolean {
    this.#unshown += bytes
    return this.#unshown <= RECEIVED_BYTES_MAX
  }

  consumed(bytes: number): void {
    this.#consumed += bytes
  }
}
