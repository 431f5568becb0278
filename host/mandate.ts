// Owns the question whether a peer may lead, or a host order, at this moment: where the room may be split, and after
// the page slept. [EL5 EL6] It knows neither links nor log; others tell it whom they reach.

import { WAKE_ANSWER_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'

/** What each side of a split does: `continue` orders on; `pause` does so only with signaling or most of the last membership. */
export type Partition = 'continue' | 'pause'

export class Mandate {
  readonly #self: PeerId
  readonly #partition: Partition
  /** Everyone who was here when the room was last known to be whole. */
  #members: Set<PeerId>
  /** Since when this page has been awake without knowing whether it still hosts; null when it knows. */
  #wokeAtMs: number | null = null

  constructor(self: PeerId, partition: Partition) {
    this.#self = self
    this.#partition = partition
    this.#members = new Set([self])
  }

  /** Out of signaling's reach nobody is known to be gone for good, but who said so. */
  roster(members: readonly PeerId[], signalingUp: boolean): void {
    this.#members = new Set(signalingUp ? [this.#self, ...members] : [...this.#members, ...members])
  }

  /** A peer said goodbye. */
  left(peer: PeerId): void {
    this.#members.delete(peer)
  }

  /** The page slept; meanwhile another may have taken the room over. */
  woke(nowMs: number): void {
    this.#wokeAtMs = nowMs
  }

  /** Signaling, or where that is out of reach a follower, still knows this reign. */
  confirmed(): void {
    this.#wokeAtMs = null
  }

  /** Whether a follower's answer to a ping of this moment counts. */
  isAnswer(pingedAtMs: number): boolean {
    return this.#wokeAtMs === pingedAtMs
  }

  mayOrder(signalingUp: boolean, reached: readonly PeerId[], nowMs: number): boolean {
    if (this.#wokeAtMs !== null && nowMs - this.#wokeAtMs < WAKE_ANSWER_MS) return false
    this.#wokeAtMs = null
    return signalingUp || this.mayStandIn(reached)
  }

  /** Without signaling. */
  mayStandIn(reached: readonly PeerId[]): boolean {
    if (this.#partition === 'continue') return true
    const here = new Set([this.#self, ...reached.filter((peer) => this.#members.has(peer))])
    return here.size * 2 > this.#members.size
  }
}
