// Owns the memory of which peers no direct path was found to, and of when to look for one again. [SG5] It does not know
// how to look.

import type { PeerId } from '../protocol/ids.ts'
import type { Timers } from './clock.ts'
import { DIRECT_AGAIN_MAX_MS, DIRECT_AGAIN_MIN_MS, PAST_ATTEMPTS_MAX } from './link-limits.ts'

/** How often a direct path was tried in vain, and what calls off the next look. */
type Detour = { tries: number; cancel: (() => void) | null }

export class Detours {
  readonly #timers: Timers
  /** The longest known first. */
  readonly #detourByPeer = new Map<PeerId, Detour>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  has(peer: PeerId): boolean {
    return this.#detourByPeer.has(peer)
  }

  /** An attempt at a direct path has failed, once more. */
  found(peer: PeerId): void {
    this.#of(peer).tries++
  }

  /** Calls when a direct path is worth another look; it waits for one call at a time. */
  afterwards(peer: PeerId, call: () => void): void {
    const detour = this.#of(peer)
    const retries = Math.max(0, detour.tries - 1)
    const delayMs = Math.min(DIRECT_AGAIN_MIN_MS * 2 ** retries, DIRECT_AGAIN_MAX_MS)
    detour.cancel ??= this.#timers.after(delayMs, () => {
      detour.cancel = null
      call()
    })
  }

  /** No look is planned any more; what was found out stays known. */
  rest(peer: PeerId): void {
    const detour = this.#detourByPeer.get(peer)
    if (detour === undefined) return
    detour.cancel?.()
    detour.cancel = null
  }

  /** There is a direct path, or nobody to reach. */
  forget(peer: PeerId): void {
    this.rest(peer)
    this.#detourByPeer.delete(peer)
  }

  #of(peer: PeerId): Detour {
    const detour = this.#detourByPeer.get(peer) ?? { tries: 0, cancel: null }
    this.#detourByPeer.set(peer, detour)
    const [oldest] = this.#detourByPeer.keys()
    if (this.#detourByPeer.size > PAST_ATTEMPTS_MAX) this.forget(oldest as PeerId)
    return detour
  }
}
