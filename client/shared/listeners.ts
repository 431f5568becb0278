// Owns who hears of a shared object's changes.

import { checkListener } from '../argument-checks.ts'

export class Listeners<S> {
  readonly #value: () => S
  readonly #listeners = new Set<(value: S) => void>()
  #told: S

  constructor(value: () => S) {
    this.#value = value
    this.#told = value()
  }

  /** Returns its unsubscribe. @throws BatonError `bad-argument` for what nobody can call. */
  add(listener: (value: S) => void): () => void {
    checkListener(listener)
    if (this.#listeners.size === 0) this.#told = this.#value()
    // Two registrations of one function are two listeners.
    const own = (value: S) => listener(value)
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  /** Tells everyone what stands, unless it is what they were told last. */
  tell(): void {
    if (this.#listeners.size === 0) return // nobody hears it: no need to make it
    const value = this.#value()
    if (Object.is(value, this.#told)) return
    this.#told = value
    for (const listener of this.#listeners) {
      try {
        listener(value)
      } catch (error) {
        reportError(error) // one app's bug must not keep the others from hearing
      }
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
