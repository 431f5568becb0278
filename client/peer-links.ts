// Owns which links a peer has and which it wants: everyone to the host and the standbys, these to everyone.
// What is wanted and not there is asked for, and asked for again.

import { CONNECT_AGAIN_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'

export type Standing = {
  readonly self: PeerId
  readonly host: PeerId | undefined
  readonly standbys: readonly PeerId[]
  readonly members: readonly PeerId[]
}

export class PeerLinks {
  /** The number of the open link to each peer; frames of an earlier one are not taken. */
  readonly #numberByPeer = new Map<PeerId, number>()
  readonly #askAgainAtMs = new Map<PeerId, number>()

  get peers(): PeerId[] {
    return [...this.#numberByPeer.keys()]
  }

  has(peer: PeerId | undefined): boolean {
    return peer !== undefined && this.#numberByPeer.has(peer)
  }

  isCurrent(peer: PeerId, link: number): boolean {
    return this.#numberByPeer.get(peer) === link
  }

  opened(peer: PeerId, link: number): void {
    this.#numberByPeer.set(peer, link)
    this.#askAgainAtMs.delete(peer)
  }

  /** False for a link that another has replaced. */
  closed(peer: PeerId, link: number): boolean {
    return this.isCurrent(peer, link) && this.#numberByPeer.delete(peer)
  }

  /** The peers to connect to now: wanted, not linked, within signaling's reach, and not just asked for. */
  due({ self, host, standbys, members }: Standing, isPresent: (peer: PeerId) => boolean, nowMs: number): PeerId[] {
    const wanted = new Set(standbys)
    if (host !== undefined) wanted.add(host)
    if (host === self || standbys.includes(self)) for (const peer of members) wanted.add(peer)
    wanted.delete(self)
    const due = [...wanted].filter((peer) => !this.has(peer) && isPresent(peer) && nowMs >= (this.#askAgainAtMs.get(peer) ?? 0))
    for (const peer of due) this.#askAgainAtMs.set(peer, nowMs + CONNECT_AGAIN_MS)
    return due
  }
}
