// Owns when the other side of a relayed link is told what came of it: at once where it is much, else after a while.
// [SG5] It does not know what came, nor how it is told.

import type { Timers } from './clock.ts'
import { RELAY_ACK_MS, RELAY_WINDOW_MIN_CHARS } from './link-limits.ts'

export class RelayReceipts {
  readonly #timers: Timers
  readonly #tell: () => void
  /** How much the other side may have on the way, as it was told last. */
  #grantedChars = RELAY_WINDOW_MIN_CHARS
  /** Came, and the other side was not told yet. */
  #untoldChars = 0
  #cancelTelling: (() => void) | null = null

  constructor(timers: Timers, tell: () => void) {
    this.#timers = timers
    this.#tell = tell
  }

  came(chars: number): void {
    this.#untoldChars += chars
    if (this.#untoldChars >= this.#grantedChars / 4) this.#tell()
    else this.#cancelTelling ??= this.#timers.after(RELAY_ACK_MS, this.#tell)
  }

  /** A box of this side says what came, and grants so much. */
  told(grantedChars: number): void {
    this.#grantedChars = grantedChars
    this.stop()
  }

  stop(): void {
    this.#untoldChars = 0
    this.#cancelTelling?.()
    this.#cancelTelling = null
  }
}
