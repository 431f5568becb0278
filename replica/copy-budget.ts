// Owns how much this peer copies for each other one: a burst, and then so much a second. It does not know what is
// copied, nor what waits meanwhile. [LK12]

import { COPY_BURST_BYTES, COPY_BYTES_PER_SECOND, COPY_REQUEST_BYTES } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'

/** What was copied for a peer and has not worn off, as of a moment. */
type Account = { readonly bytes: number; readonly atMs: number }

export class CopyBudget {
  readonly #accountByPeer = new Map<PeerId, Account>()

  /** Whether something may be copied for that peer now. One copy may be larger than what is left of the burst. */
  allows(peer: PeerId, nowMs: number): boolean {
    return this.#spent(peer, nowMs) < COPY_BURST_BYTES
  }

  /** So much was copied for a request. What it took to look for that counts as well. */
  spend(peer: PeerId, bytes: number, nowMs: number): void {
    this.spendMore(peer, bytes + COPY_REQUEST_BYTES, nowMs)
  }

  /** So much more was copied for the same request. */
  spendMore(peer: PeerId, bytes: number, nowMs: number): void {
    this.#forgetWornOff(nowMs)
    this.#accountByPeer.set(peer, { bytes: this.#spent(peer, nowMs) + bytes, atMs: nowMs })
  }

  #spent(peer: PeerId, nowMs: number): number {
    const { bytes, atMs } = this.#accountByPeer.get(peer) ?? { bytes: 0, atMs: nowMs }
    const wornOff = ((nowMs - atMs) / 1_000) * COPY_BYTES_PER_SECOND
    return Math.max(0, bytes - wornOff)
  }

  /** An account outlives its peer's links, else a new link would be a new burst. */
  #forgetWornOff(nowMs: number): void {
    for (const peer of this.#accountByPeer.keys())
      if (this.#spent(peer, nowMs) === 0) this.#accountByPeer.delete(peer)
  }
}
