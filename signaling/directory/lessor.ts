// Owns to which host the service gave a lease last, and from when on it may give one to another: not
// before the former lease is surely over. [SG3f] What a lease is for, hosts know: host/lease.ts.

import { LEASE_OUT_MS } from '../../protocol/limits.ts'
import type { PeerId } from '../../protocol/ids.ts'

export class Lessor {
  /** Null where nobody can hold a lease. */
  #last: { readonly host: PeerId; readonly atMs: number } | null = null

  /** Gives a host a lease for a while; false where another may hold one. */
  lease(host: PeerId, nowMs: number): boolean {
    if (this.#last?.host !== host && this.isOut(nowMs)) return false
    this.#last = { host, atMs: nowMs }
    return true
  }

  /** Whether anybody may hold a lease. */
  isOut(nowMs: number): boolean {
    return this.#last !== null && nowMs < this.#last.atMs + LEASE_OUT_MS
  }

  /** A peer said goodbye, or follows another host. */
  isDone(peer: PeerId): void {
    if (this.#last?.host === peer) this.#last = null
  }
}
