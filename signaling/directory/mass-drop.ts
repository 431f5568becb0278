// Owns the suspicion that the service's own network failed: most peers lost at once are not most pages
// crashed at once. [EL4]

import { MASS_DROP_PEERS_MIN, MASS_DROP_WINDOW_MS } from './service-limits.ts'

export class MassDrop {
  readonly #waitMs: number
  readonly #droppedAtMs: number[] = []
  #untilMs = -Infinity

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** Until then a closed socket proves nothing about its page. */
  get untilMs(): number {
    return this.#untilMs
  }

  /** A joined peer's socket closed without a goodbye, and `peersLeft` are still here. */
  dropped(peersLeft: number, nowMs: number): void {
    while ((this.#droppedAtMs[0] ?? nowMs) <= nowMs - MASS_DROP_WINDOW_MS) this.#droppedAtMs.shift()
    this.#droppedAtMs.push(nowMs)
    const drops = this.#droppedAtMs.length
    const peersBefore = peersLeft + drops
    if (peersBefore >= MASS_DROP_PEERS_MIN && drops * 2 >= peersBefore)
      this.#untilMs = nowMs + this.#waitMs
  }
}
