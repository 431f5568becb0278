// Owns when attempts start: so many at a time, the longest waiting first, and at a bounded rate. It does not know whom
// they are to reach.

import type { Attempt } from './attempt.ts'
import type { Timers } from './clock.ts'
import { ATTEMPTS_MAX, CONNECTING_MAX, CREATION_WINDOW_MS, CREATIONS_MAX } from './link-limits.ts'

export class Starts {
  readonly #timers: Timers
  /** Attempts that are not open yet, the longest waiting first. */
  readonly #attempts = new Set<Attempt>()
  #creationsLeft = CREATIONS_MAX
  #isPlanned = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  get isFull(): boolean {
    return this.#attempts.size >= ATTEMPTS_MAX
  }

  /** It starts as soon as it may. */
  add(attempt: Attempt): void {
    this.#attempts.add(attempt)
    this.#startSoon()
  }

  /** It is open, or over: another may start. */
  delete(attempt: Attempt): void {
    this.#attempts.delete(attempt)
    this.#startSoon()
  }

  /** In a microtask: an attempt that fails at once must not tell its owner inside the owner's call. */
  #startSoon(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    queueMicrotask(() => {
      this.#isPlanned = false
      this.#startWaiting()
    })
  }

  #startWaiting(): void {
    const attempts = [...this.#attempts]
    const free = CONNECTING_MAX - attempts.filter(({ status }) => status === 'connecting').length
    const waiting = attempts.filter(({ status }) => status === 'waiting')
    for (const attempt of waiting.slice(0, Math.min(free, this.#creationsLeft))) {
      this.#countCreation()
      attempt.start()
    }
  }

  #countCreation(): void {
    this.#creationsLeft--
    this.#timers.after(CREATION_WINDOW_MS, () => {
      this.#creationsLeft++
      this.#startSoon()
    })
  }
}
