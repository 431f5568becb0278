// Owns the memory of values that stay: one buffer for many that come one after another, and go in that order. A view of
// a frame would keep all of that alive; a buffer for each costs more than most of them hold.

/** Values that are larger get a buffer of their own. */
const SHARED_BYTES_MAX = 2 * 1024
const BUFFER_BYTES = 32 * 1024

export class KeptValues {
  #buffer = new Uint8Array(0)
  #used = 0

  /** A copy that is the caller's to keep. */
  keep(value: Uint8Array): Uint8Array {
    const kept = this.reserve(value.length)
    kept.set(value)
    return kept
  }

  /** Bytes that are the caller's to fill and to keep. */
  reserve(length: number): Uint8Array {
    if (length > SHARED_BYTES_MAX) return new Uint8Array(length)
    if (this.#used + length > this.#buffer.length) this.#begin()
    const from = this.#used
    this.#used += length
    return this.#buffer.subarray(from, this.#used)
  }

  #begin(): void {
    this.#buffer = new Uint8Array(BUFFER_BYTES)
    this.#used = 0
  }
}
