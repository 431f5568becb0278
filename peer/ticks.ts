// Owns when this page last looked at the clock, and so whether it slept since.

import { HEARTBEAT_INTERVAL_MS, SLEEP_GAP_MS } from '../protocol/limits.ts'

export class Ticks {
  #lastMs: number

  constructor(nowMs: number) {
    this.#lastMs = nowMs
  }

  get lastMs(): number {
    return this.#lastMs
  }

  /** When to look again, at the latest. */
  get nextMs(): number {
    return this.#lastMs + HEARTBEAT_INTERVAL_MS
  }

  /** Whether this page slept: nobody else was silent in that time. [EL3c] */
  slept(nowMs: number): boolean {
    return nowMs - this.#lastMs > SLEEP_GAP_MS
  }

  looked(nowMs: number): void {
    this.#lastMs = nowMs
  }
}
