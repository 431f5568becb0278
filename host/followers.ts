// Owns who follows the host: all of them, in which order they came, and the roster that they make. It does not know
// what is sent to them.

import { ROSTER_MAX } from '../protocol/limits.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { PeerId } from '../protocol/ids.ts'
import { bySuccession, Follower, type Hello } from './follower.ts'
import type { Progress } from './progress.ts'

type Roster = Extract<FrameBody, { type: 'roster' }>

export class Followers {
  readonly #self: PeerId
  readonly #isRelayed: (peer: PeerId) => boolean
  readonly #byPeer = new Map<PeerId, Follower>()
  /** Kept for whoever leaves: it keeps its place when it comes back. */
  readonly #arrivals = new Map<PeerId, number>()

  /** `seniority`: the peers in the order in which they came, as the last roster had it. */
  constructor(
    self: PeerId,
    seniority: readonly PeerId[],
    isRelayed: (peer: PeerId) => boolean = () => false,
  ) {
    this.#self = self
    this.#isRelayed = isRelayed
    for (const peer of seniority) this.#arrivalOf(peer)
  }

  get all(): readonly Follower[] {
    return [...this.#byPeer.values()]
  }

  /** All but the host's own session. */
  get others(): readonly Follower[] {
    return this.all.filter(({ peer }) => peer !== this.#self)
  }

  get live(): readonly Follower[] {
    return this.all.filter(({ progress }) => progress.isLive)
  }

  get(peer: PeerId): Follower | undefined {
    return this.#byPeer.get(peer)
  }

  has(peer: PeerId): boolean {
    return this.#byPeer.has(peer)
  }

  /** A peer greets, for the first time or anew. */
  admit(peer: PeerId, hello: Hello, progress: Progress, nowMs: number): void {
    const arrival = this.#arrivalOf(peer)
    const isRelayed = this.#isRelayed(peer)
    this.#byPeer.set(peer, new Follower(peer, hello, { arrival, isRelayed, progress }, nowMs))
  }

  /** False where it did not follow. */
  drop(peer: PeerId): boolean {
    return this.#byPeer.delete(peer)
  }

  /** Everyone here, in order of arrival, and who would lead next: the standbys, then the others that may. */
  roster(standbys: readonly PeerId[]): Pick<Roster, 'members' | 'succession' | 'standbys'> {
    const members = this.all
      .toSorted((a, b) => a.arrival - b.arrival)
      .map((follower) => follower.rosterItem)
      .slice(0, ROSTER_MAX)
    const heirs = this.others
      .filter(({ peer, canHost }) => canHost && !standbys.includes(peer))
      .toSorted(bySuccession)
      .map(({ peer }) => peer)
    const succession = [...standbys, ...heirs].slice(0, ROSTER_MAX)
    return { members, succession, standbys: standbys.length }
  }

  #arrivalOf(peer: PeerId): number {
    const arrival = this.#arrivals.get(peer) ?? this.#arrivals.size
    this.#arrivals.set(peer, arrival)
    return arrival
  }
}
