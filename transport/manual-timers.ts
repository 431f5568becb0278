// Owns Timers that a test moves by hand.

import type { Timers } from './clock.ts'

type Timer = { readonly at: number; readonly call: () => void }

export class ManualTimers implements Timers {
  #now = 0
  readonly #timers = new Set<Timer>()

  get now(): number {
    return this.#now
  }

  get waiting(): number {
    return this.#timers.size
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Lets time pass, firing what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let timer = this.#nextUntil(end); timer !== undefined; timer = this.#nextUntil(end)) {
      this.#timers.delete(timer)
      this.#now = timer.at
      timer.call()
    }
    this.#now = end
  }

  #nextUntil(end: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.at <= end)
    return due.sort((a, b) => a.at - b.at)[0]
  }
}
