// Owns the suspicion that the service's own network failed: most peers lost at once are not most pages crashed at once.
// [EL4]

import { MASS_DROP_PEERS_MIN, MASS_DROP_WINDOW_MS } from './service-limits.ts'

export class MassDrop {
  readonly #waitMs: number
  readonly #droppedAtMs: number[] = []
  #untilMs = -Infinity

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** Until when a closed socket proves nothing about its page. */
  get untilMs(): number {
    return this.#untilMs
  }

  /** A joined peer's socket closed without a goodbye, and `peersLeft` are still here. */
  dropped(peersLeft: number, nowMs: number): void {
    this.#forget(nowMs - MASS_DROP_WINDOW_MS)
    this.#droppedAtMs.push(nowMs)
    const drops = this.#droppedAtMs.length
    const peersBefore = peersLeft + drops
    const isMassDrop = peersBefore >= MASS_DROP_PEERS_MIN && drops * 2 >= peersBefore
    if (isMassDrop) this.#untilMs = nowMs + this.#waitMs
  }
  #forget(untilMs: number): void {
    while (this.#droppedAtMs.length > 0 && this.#droppedAtMs[0]! <= untilMs)
      this.#droppedAtMs.shift()
  }
}
