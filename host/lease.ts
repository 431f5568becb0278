// Owns the lease of a host whose room pauses in a split: who confirmed its reign, how fresh that is,
// and how long the host waits for the lease that members gave the host before. [EL6e EL6f] It knows
// neither links nor log, and does not count: whether those who confirmed are enough, its owner knows.

import { HEARTBEAT_INTERVAL_MS, LEASE_ASK_MS, LEASE_MS, LEASE_OUT_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'

/** Whoever can say that it knows of no higher reign. From then on it confirms no lower one. */
type Witness = PeerId | 'signaling'

export class Lease {
  /** When each witness was asked what it confirmed last. */
  readonly #askedAtMs = new Map<Witness, number>()
  #lastAskedAtMs = -Infinity
  /** Until then another host may hold a lease: Infinity as long as members have not confirmed this one. */
  #othersUntilMs = -Infinity

  /** A reign begins, which nobody has confirmed yet. `mayOthersHold`: the host before may hold a lease. */
  begin(mayOthersHold: boolean): void {
    this.#askedAtMs.clear()
    this.#lastAskedAtMs = -Infinity
    this.#othersUntilMs = mayOthersHold ? Infinity : -Infinity
  }

  /** Whether to ask all witnesses now; it counts as asked. A host without a lease asks more often. */
  asks(isHeld: boolean, nowMs: number): boolean {
    const intervalMs = isHeld ? LEASE_ASK_MS : HEARTBEAT_INTERVAL_MS
    const isDue = nowMs - this.#lastAskedAtMs >= intervalMs
    if (isDue) this.#lastAskedAtMs = nowMs
    return isDue
  }

  /** A witness can be reached again: it is to be asked at once. */
  found(): void {
    this.#lastAskedAtMs = -Infinity
  }

  /** A witness confirms this reign, asked at that time. */
  confirmed(witness: Witness, askedAtMs: number): void {
    const before = this.#askedAtMs.get(witness) ?? -Infinity
    this.#askedAtMs.set(witness, Math.max(askedAtMs, before))
    for (const [other, atMs] of this.#askedAtMs)
      if (askedAtMs - atMs > LEASE_MS) this.#askedAtMs.delete(other)
  }

  isFresh(witness: Witness, nowMs: number): boolean {
    return nowMs - (this.#askedAtMs.get(witness) ?? -Infinity) < LEASE_MS
  }

  /** Enough members confirm this reign: from now on they give nobody before it any more time. */
  borneByMembers(nowMs: number): void {
    if (this.#othersUntilMs === Infinity) this.#othersUntilMs = nowMs + LEASE_OUT_MS
  }

  /** The host before holds no lease any more, as far as anybody can know. */
  othersAreDone(): void {
    this.#othersUntilMs = -Infinity
  }

  mayOthersHold(nowMs: number): boolean {
    return nowMs < this.#othersUntilMs
  }
}
