// Owns what is stable: who is in sync, how far all of them hold the log, and who waits to be told. [MG4] It writes
// nothing and sends nothing.

import { STANDBYS_MAX } from '../protocol/limits.ts'
import { NO_INDEX, type Index, type PeerId } from '../protocol/ids.ts'
import type { Replica } from '../replica/replica.ts'
import { bySuccession, type Follower } from './follower.ts'
import type { Followers } from './followers.ts'

export class Stability {
  readonly #replica: Replica
  readonly #followers: Followers
  #stable: Index = NO_INDEX
  /** Nothing may become stable for now, and so nobody is written off for good. [EL6c] */
  isFrozen = false

  constructor(replica: Replica, followers: Followers) {
    this.#replica = replica
    this.#followers = followers
  }

  /** Up to here all is stable, as of the last `advance`. */
  get stable(): Index {
    return this.#stable
  }

  /** The followers that are to be in sync: the first of the succession that are fit. */
  standbys(): PeerId[] {
    const { lastIndex, inSync } = this.#replica
    return this.#followers.others
      .filter((follower) => follower.isFit(lastIndex, inSync.includes(follower.peer)))
      .toSorted(bySuccession)
      .slice(0, STANDBYS_MAX)
      .map(({ peer }) => peer)
  }

  /** The same, where the log does not say so yet; else null. */
  newStandbys(): PeerId[] | null {
    if (this.isFrozen) return null
    const standbys = this.standbys()
    const before = this.#replica.inSync
    const isSame =
      standbys.length === before.length && standbys.every((peer, i) => peer === before[i])
    return isSame ? null : standbys
  }

  /** Stable is what the host and every in-sync standby hold; the host alone counts when it has no standby. */
  advance(): void {
    if (this.isFrozen) return
    let held = this.#replica.lastIndex
    for (const peer of this.#replica.inSync) held = Math.min(held, this.#heldBy(peer)) as Index
    if (held > this.#stable) this.#stable = held
  }

  /** Who waits for a receipt that may be due by now. */
  get waiting(): readonly Follower[] {
    return this.#followers.all.filter(({ progress }) => progress.awaits(this.#stable))
  }

  #heldBy(standby: PeerId): Index {
    return this.#followers.get(standby)?.progress.acked ?? this.#stable
  }
}
