// Owns what a page's own clock shows at a moment of the world: it starts anywhere, runs a little
// fast or slow, and may skip or lose time, as a computer that sleeps makes it. It never goes back:
// neither does the one in a browser.

export class PageClock {
  readonly #startedAtMs: number
  readonly #rate: number
  #offsetMs: number

  /** `drift`: 0.01 gains a hundredth. */
  constructor(nowMs: number, offsetMs: number, drift: number) {
    this.#startedAtMs = nowMs
    this.#offsetMs = nowMs + offsetMs
    this.#rate = 1 + drift
  }

  /** Whole milliseconds, as a page's clock has them. */
  at(worldMs: number): number {
    return Math.floor(this.#offsetMs + (worldMs - this.#startedAtMs) * this.#rate)
  }

  /** The first whole millisecond of the world at which this clock shows as much. */
  whenItShows(pageMs: number): number {
    return Math.ceil(this.#startedAtMs + (pageMs - this.#offsetMs) / this.#rate)
  }

  skip(forMs: number): void {
    this.#offsetMs += forMs
  }

  /** The clock stood still for so long, as some do while the machine sleeps. */
  stoodStill(forMs: number): void {
    this.#offsetMs -= forMs * this.#rate
  }
}
