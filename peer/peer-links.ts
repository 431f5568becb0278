// Owns which links a peer has, and which it wants: each peer wants the host and the standbys, and
// these want everyone. A link that is wanted and missing is asked for, again and again: by the end whose turn it is
// first, by both ends later.

import { CONNECT_AGAIN_MS, FOLLOWER_LIMIT_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'

export class PeerLinks {
  readonly #self: PeerId
  /** Members, the senior first, and standbys, by the last roster of the host. */
  #members: readonly PeerId[] = []
  #standbys: readonly PeerId[] = []
  /** The wanted peers, or those within reach, may have changed. */
  #isStale = false
  /** The number of the open link to each peer. Frames of an earlier link do not count. */
  readonly #numberByPeer = new Map<PeerId, number>()
  readonly #relayed = new Set<PeerId>()
  readonly #askAgainAtMs = new Map<PeerId, number>()
  readonly #heardAtMs = new Map<PeerId, number>()

  constructor(self: PeerId) {
    this.#self = self
  }

  get peers(): PeerId[] {
    return [...this.#numberByPeer.keys()]
  }

  has(peer: PeerId | undefined): boolean {
    return peer !== undefined && this.#numberByPeer.has(peer)
  }

  isCurrent(peer: PeerId, link: number): boolean {
    return this.#numberByPeer.get(peer) === link
  }

  /** A frame made by that peer's page arrived. */
  heard(peer: PeerId, nowMs: number): void {
    this.#heardAtMs.set(peer, nowMs)
  }

  /** The linked peers that were heard of late, as of this moment. */
  heardAt(nowMs: number): PeerId[] {
    const sinceMs = nowMs - FOLLOWER_LIMIT_MS
    return this.peers.filter((peer) => (this.#heardAtMs.get(peer) ?? -Infinity) >= sinceMs)
  }

  /** Whether the link to that peer goes through signaling. */
  isRelayed(peer: PeerId): boolean {
    return this.#relayed.has(peer)
  }

  opened(peer: PeerId, link: number, relayed: boolean): void {
    if (relayed) this.#relayed.add(peer)
    else this.#relayed.delete(peer)
    this.#numberByPeer.set(peer, link)
    this.#askAgainAtMs.delete(peer)
  }

  /** False for a link that another has replaced. */
  closed(peer: PeerId, link: number): boolean {
    if (!this.isCurrent(peer, link)) return false
    this.#heardAtMs.delete(peer)
    this.#relayed.delete(peer)
    return this.#numberByPeer.delete(peer)
  }

  roster(members: readonly PeerId[], standbys: readonly PeerId[]): void {
    this.#members = members
    this.#standbys = standbys
    this.#isStale = true
  }

  /** Something changed that may make a link due. */
  review(): void {
    this.#isStale = true
  }

  /**
   * The peers to connect to now, once after each change: those that are wanted, not linked, within
   * signaling's reach, and were not just asked for. `hostAlone`: no other link is wanted yet.
   */
  due(
    host: PeerId | undefined,
    hostAlone: boolean,
    isPresent: (peer: PeerId) => boolean,
    nowMs: number,
  ): PeerId[] {
    if (!this.#isStale) return []
    this.#isStale = hostAlone
    const wanted = new Set(hostAlone ? [] : this.#wantedBeside(host))
    if (host !== undefined) wanted.add(host)
    wanted.delete(this.#self)
    const missing = [...wanted].filter((peer) => !this.has(peer) && isPresent(peer))
    return missing.filter((peer) => this.#isDue(peer, host, nowMs))
  }

  #wantedBeside(host: PeerId | undefined): readonly PeerId[] {
    const wantsAll = host === this.#self || this.#standbys.includes(this.#self)
    return wantsAll ? [...this.#standbys, ...this.#members] : this.#standbys
  }

  #isDue(peer: PeerId, host: PeerId | undefined, nowMs: number): boolean {
    const againAtMs = nowMs + CONNECT_AGAIN_MS
    const firstAtMs = this.#isLeftTo(peer, host) ? againAtMs : nowMs
    const atMs = this.#askAgainAtMs.get(peer) ?? firstAtMs
    const isDue = nowMs >= atMs
    this.#askAgainAtMs.set(peer, isDue ? againAtMs : atMs)
    return isDue
  }

  /**
   * Both ends want a link: the junior asks for it first, and a follower for that to its host. Two connections at once
   * would cost both ends time, and one of the two is thrown away.
   */
  #isLeftTo(peer: PeerId, host: PeerId | undefined): boolean {
    const place = this.#members.indexOf(this.#self)
    return peer !== host && place >= 0 && place < this.#members.indexOf(peer)
  }
}
