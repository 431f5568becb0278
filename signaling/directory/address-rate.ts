// Owns how often in a minute one address may do something: connect, join, begin a room. [SG6]

import { ADDRESS_WINDOW_MS, ADDRESSES_MAX } from './service-limits.ts'

type Window = { readonly sinceMs: number; times: number }

export class AddressRate {
  readonly #timesMax: number
  /** Oldest window first, as a Map keeps them. */
  readonly #windowByAddress = new Map<string, Window>()

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
    for (const [address, { sinceMs }] of this.#windowByAddress) {
      const isOver = nowMs - sinceMs >= ADDRESS_WINDOW_MS
      if (!isOver && this.#windowByAddress.size < ADDRESSES_MAX) return
      this.#windowByAddress.delete(address)
    }
  }
}
