// Owns the question whether a host may order now, and whether a peer may lead without a grant: where the room may be
// split, and after the page slept. [EL5 EL6] It knows neither links nor log: others tell it whom they reach.

import { WAKE_ANSWER_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'

/**
 * What a side of a split does: `continue` orders on; `pause` orders on only with signaling, or with most of the last
 * membership. [EL6c]
 */
export type Partition = 'continue' | 'pause'

export class Mandate {
  readonly #self: PeerId
  readonly #partition: Partition
  /** The last membership: everyone who was here when the room was last known to be whole. [EL6d] */
  #members: Set<PeerId>
  /** When this page woke and asked whether it still hosts; null once it was told. */
  #wokeAtMs: number | null = null

  constructor(self: PeerId, partition: Partition) {
    this.#self = self
    this.#partition = partition
    this.#members = new Set([self])
  }

  /** Out of signaling's reach nobody is known to be gone for good, unless it said goodbye. */
  roster(members: readonly PeerId[], signalingUp: boolean): void {
    const before = signalingUp ? [this.#self] : this.#members
    this.#members = new Set([...before, ...members])
  }

  /** A peer said goodbye. */
  left(peer: PeerId): void {
    this.#members.delete(peer)
  }

  /** The page slept; meanwhile another may have taken the room over. */
  woke(nowMs: number): void {
    this.#wokeAtMs = nowMs
  }

  /** This reign still stands: signaling says so, or, out of signaling's reach, a follower. */
  confirmed(): void {
    this.#wokeAtMs = null
  }

  /** Whether a follower's answer to a ping of this moment counts. */
  isAnswer(pingedAtMs: number): boolean {
    return this.#wokeAtMs === pingedAtMs
  }

  /** `reached`: the peers that this one hears. Where nobody answers a page that woke, it goes on. */
  mayOrder(signalingUp: boolean, reached: readonly PeerId[], nowMs: number): boolean {
    if (this.#awaitsAnswer(nowMs)) return false
    return signalingUp || this.mayStandIn(reached)
  }

  /** Whether this peer may lead, or go on leading, without signaling. */
  mayStandIn(reached: readonly PeerId[]): boolean {
    if (this.#partition === 'continue') return true
    const members = reached.filter((peer) => this.#members.has(peer))
    const here = new Set([this.#self, ...members])
    return here.size * 2 > this.#members.size
  }

  #awaitsAnswer(nowMs: number): boolean {
    return this.#wokeAtMs !== null && nowMs - this.#wokeAtMs < WAKE_ANSWER_MS
  }
}
