// Owns the question what a host may do now, and whether a peer may lead without a grant: where the
// room may be split, and after the page slept. [EL5 EL6] It knows neither links nor log: others tell
// it whom they reach, and what they were answered.

import { WAKE_ANSWER_MS } from '../protocol/limits.ts'
import type { Claim, PeerId, Term } from '../protocol/ids.ts'
import { Lease } from './lease.ts'

/**
 * What a side of a split does: `continue` orders on; `pause` orders on only with signaling, or with
 * most of the last membership. [EL6c]
 */
export type Partition = 'continue' | 'pause'

/**
 * What a host may do:
 * - `all`;
 * - `no orders`: it holds what comes, and what is ordered may become stable;
 * - `nothing` that a receipt could rest on: nothing becomes stable either, and no standby is written
 *   off.
 */
export type Licence = 'all' | 'no orders' | 'nothing'

/** `isUp`: there is a socket to it; `lists`: whether it tells that a peer is here. */
type Signaling = { readonly isUp: boolean; readonly lists: (peer: PeerId) => boolean }

export class Mandate {
  readonly #self: PeerId
  readonly #partition: Partition
  /** Null where every side of a split goes on. */
  readonly #lease: Lease | null
  /** The last membership: everyone who was here when the room was last known to be whole. [EL6d] */
  #members: Set<PeerId>
  /** A roster came. Before that nobody is known to be here, nor to be gone. [PE8] */
  #knowsMembers = false
  /** When this page woke and asked whether it still hosts; null once it was told. */
  #wokeAtMs: number | null = null
  /** Whom this peer follows, or, once it leads itself, whom it followed before. */
  #host: PeerId | null = null
  /** That host gives no receipts any more: it said goodbye, or follows this peer. */
  #isHostDone = false
  #isReigning = false
  /** Who greeted this peer last in which of its reigns. */
  readonly #greetedIn = new Map<PeerId, Term>()

  constructor(self: PeerId, partition: Partition) {
    this.#self = self
    this.#partition = partition
    this.#lease = partition === 'pause' ? new Lease() : null
    this.#members = new Set([self])
  }

  // --- who is here ---

  /**
   * The host's roster came. Out of signaling's reach nobody is known to be gone for good, unless it
   * said goodbye. Nor is a silent peer that signaling still lists.
   */
  roster(members: readonly PeerId[], signaling: Signaling, nowMs: number): void {
    const isThere = this.#isReigning && this.isLeased ? this.hearsSignaling(nowMs) : signaling.isUp
    const stay = [...this.#members].filter((peer) => !isThere || signaling.lists(peer))
    this.#members = new Set([this.#self, ...stay, ...members])
    this.#knowsMembers = true
    for (const peer of this.#greetedIn.keys())
      if (!this.#members.has(peer)) this.#greetedIn.delete(peer)
  }

  /** A peer said goodbye. */
  left(peer: PeerId): void {
    this.#members.delete(peer)
    this.#isDone(peer)
  }

  /** A peer follows this one, in its reign of that term. */
  greeted(peer: PeerId, term: Term): void {
    this.#greetedIn.set(peer, term)
    this.#isDone(peer)
  }

  // --- reigns ---

  /** This peer is to lead, after the host of that reign. One that rules on keeps what it was told. */
  reigns(before: Claim | null): void {
    const rulesOn = this.#isReigning && before?.host === this.#self
    this.#isReigning = true
    if (rulesOn) return
    const isDone = before?.host === this.#host && this.#isHostDone
    this.#lease?.begin(before !== null && !isDone)
  }

  /** Another leads. */
  follows(host: PeerId): void {
    this.#isReigning = false
    this.#host = host
    this.#isHostDone = false
  }

  // --- after a sleep ---

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

  // --- the lease [EL6e] ---

  get isLeased(): boolean {
    return this.#lease !== null
  }

  /** Whether signaling and everyone linked are to be asked now which reign stands. */
  asks(nowMs: number): boolean {
    if (this.#lease === null) return false
    return this.#lease.asks(this.#holdsLease(this.#lease, nowMs), nowMs)
  }

  /** There is a socket to signaling again. */
  signalingFound(): void {
    this.#lease?.found()
  }

  /** Asked at that time, signaling names this reign. It has waited for the lease before. [SG3f] */
  signalingConfirmed(askedAtMs: number, nowMs: number): void {
    this.#lease?.confirmed('signaling', Math.min(askedAtMs, nowMs))
    this.#lease?.othersAreDone()
  }

  /** Asked at that time, a peer answers in this reign's term. Whoever follows another host of it never greeted. */
  peerConfirmed(peer: PeerId, term: Term, askedAtMs: number, nowMs: number): void {
    if (this.#greetedIn.get(peer) !== term) return
    this.#lease?.confirmed(peer, Math.min(askedAtMs, nowMs))
    if (this.#hearsMost(nowMs)) this.#lease?.borneByMembers(nowMs)
  }

  /** Whether signaling is known to be there. */
  hearsSignaling(nowMs: number): boolean {
    return this.#lease?.isFresh('signaling', nowMs) === true
  }

  // --- what follows of it ---

  /** Where nobody answers a page that woke, it goes on. */
  licence(nowMs: number): Licence {
    if (this.#lease !== null && !this.#holdsLease(this.#lease, nowMs)) return 'nothing'
    return this.#awaitsAnswer(nowMs) ? 'no orders' : 'all'
  }

  /** Whether this peer may lead without signaling. `reached`: the peers that it hears. */
  mayStandIn(reached: readonly PeerId[]): boolean {
    return this.#partition === 'continue' || (this.#knowsMembers && this.#areMost(reached))
  }

  #holdsLease(lease: Lease, nowMs: number): boolean {
    if (this.hearsSignaling(nowMs)) return true
    return this.#hearsMost(nowMs) && !lease.mayOthersHold(nowMs)
  }

  /** Whether most members confirmed this reign of late. A page alone confirms nothing to itself. */
  #hearsMost(nowMs: number): boolean {
    const fresh = [...this.#members].filter((peer) => this.#lease?.isFresh(peer, nowMs))
    return fresh.length > 0 && this.#areMost(fresh)
  }

  /** This peer itself counts. */
  #areMost(peers: readonly PeerId[]): boolean {
    const members = peers.filter((peer) => this.#members.has(peer))
    const here = new Set([this.#self, ...members])
    return here.size * 2 > this.#members.size
  }

  #isDone(peer: PeerId): void {
    if (peer !== this.#host) return
    this.#isHostDone = true
    if (this.#isReigning) this.#lease?.othersAreDone()
  }

  #awaitsAnswer(nowMs: number): boolean {
    return this.#wokeAtMs !== null && nowMs - this.#wokeAtMs < WAKE_ANSWER_MS
  }
}
