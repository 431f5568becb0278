// Owns how this page stands with each peer: what it attempts, and which link is open. It also remembers which attempts
// are over. It decides nothing.

import type { PeerId } from '../protocol/ids.ts'
import type { Attempt } from './attempt.ts'
import { PAST_ATTEMPTS_MAX } from './link-limits.ts'
import type { RelayAttempt } from './relay-attempt.ts'

export type Standing = {
  /** An attempt at a direct path that is not open yet. */
  readonly direct: Attempt | null
  /** A relayed link that is not open yet. */
  readonly relay: RelayAttempt | null
  /** What the open link came of. */
  readonly link: Attempt | RelayAttempt | null
}

const NOTHING: Standing = { direct: null, relay: null, link: null }

export class Standings {
  /** Peers with whom there is nothing are not in it. */
  readonly #standingByPeer = new Map<PeerId, Standing>()
  readonly #pastIds = new Set<string>()

  get all(): readonly Standing[] {
    return [...this.#standingByPeer.values()]
  }

  get peers(): readonly PeerId[] {
    return [...this.#standingByPeer.keys()]
  }

  with(peer: PeerId): Standing {
    return this.#standingByPeer.get(peer) ?? NOTHING
  }

  /** Returns how it was before. */
  change(peer: PeerId, change: Partial<Standing>): Standing {
    const before = this.with(peer)
    const standing = { ...before, ...change }
    if (isNothing(standing)) this.#standingByPeer.delete(peer)
    else this.#standingByPeer.set(peer, standing)
    return before
  }

  /** Returns how it was before. */
  clear(peer: PeerId): Standing {
    return this.change(peer, NOTHING)
  }

  /** An attempt is over, or the link that came of it. */
  remember(id: string): void {
    this.#pastIds.add(id)
    if (this.#pastIds.size <= PAST_ATTEMPTS_MAX) return
    const [oldest] = this.#pastIds
    this.#pastIds.delete(oldest as string)
  }

  isPast(id: string): boolean {
    return this.#pastIds.has(id)
  }
}

export function isNothing({ direct, relay, link }: Standing): boolean {
  return direct === null && relay === null && link === null
}

/** What of it goes by that name. */
export function namedIn(
  { direct, relay, link }: Standing,
  id: string,
): Attempt | RelayAttempt | undefined {
  return [direct, relay, link].find((attempt) => attempt?.id === id) ?? undefined
}
