// Owns how often in a minute one address may do something: connect, join, begin a room. [SG6]

import { ADDRESS_WINDOW_MS, ADDRESSES_MAX } from './service-limits.ts'

type Window = { readonly sinceMs: number; times: number }

export class AddressRate {
  readonly #timesMax: number
  /** Oldest window first, as a Map keeps them. */
  readonly #windowByAddress = new Map<string, Window>()
  /** Stays where it is between calls: from its start a Map would pass over all that was deleted. */
  #inOrder = this.#windowByAddress.entries()
  #oldest: readonly [string, Window] | null = null

  constructor(timesPerWindowMax: number) {
    this.#timesMax = timesPerWindowMax
  }

  /** Counts one time; false when it is one too many. */
  admits(address: string, nowMs: number): boolean {
    this.#forget(nowMs)
    const window = this.#windowByAddress.get(address) ?? { sinceMs: nowMs, times: 0 }
    this.#windowByAddress.set(address, window)
    window.times += 1
    return window.times <= this.#timesMax
  }

  #forget(nowMs: number): void {
    for (;;) {
      this.#oldest ??= this.#next()
      if (this.#oldest === null) return
      const [address, { sinceMs }] = this.#oldest
      const isOver = nowMs - sinceMs >= ADDRESS_WINDOW_MS
      if (!isOver && this.#windowByAddress.size < ADDRESSES_MAX) return
      this.#windowByAddress.delete(address)
      this.#oldest = null
    }
  }

  #next(): readonly [string, Window] | null {
    const { value } = this.#inOrder.next()
    if (value !== undefined) return value
    this.#inOrder = this.#windowByAddress.entries() // one that has come to its end stays there
    return this.#inOrder.next().value ?? null
  }
}
