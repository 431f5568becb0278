// Owns how often one address may join. [SG6]

import { ADDRESSES_MAX, JOIN_WINDOW_MS } from './limits.ts'

type Window = { readonly sinceMs: number; joins: number }

export class JoinRate {
  readonly #joinsMax: number
  /** Oldest window first, as a Map keeps them. */
  readonly #windowByAddress = new Map<string, Window>()

  constructor(joinsPerWindowMax: number) {
    this.#joinsMax = joinsPerWindowMax
  }

  /** Counts one join; false when it is one too many. */
  admits(address: string, nowMs: number): boolean {
    this.#forget(nowMs)
    const window = this.#windowByAddress.get(address) ?? { sinceMs: nowMs, joins: 0 }
    this.#windowByAddress.set(address, window)
    window.joins += 1
    return window.joins <= this.#joinsMax
  }

  #forget(nowMs: number): void {
    for (const [address, { sinceMs }] of this.#windowByAddress) {
      const over = nowMs - sinceMs >= JOIN_WINDOW_MS
      if (!over && this.#windowByAddress.size < ADDRESSES_MAX) return
      this.#windowByAddress.delete(address)
    }
  }
}
