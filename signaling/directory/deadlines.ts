// Owns deadlines that all lie the same time ahead. With one timeout for all, the order of their starts is the order in
// which they fall due, and a Map keeps that order: no heap, no scan.

export class Deadlines<Key> {
  readonly #timeoutMs: number
  readonly #atMsByKey = new Map<Key, number>()

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  get size(): number {
    return this.#atMsByKey.size
  }

  restart(key: Key, nowMs: number): void {
    this.#atMsByKey.delete(key)
    this.#atMsByKey.set(key, nowMs + this.#timeoutMs)
  }

  cancel(key: Key): void {
    this.#atMsByKey.delete(key)
  }

  /** Infinity when none runs. */
  nextAtMs(): number {
    for (const atMs of this.#atMsByKey.values()) return atMs
    return Infinity
  }

  /** Those that have fallen due; they run on until cancelled. */
  due(nowMs: number): Key[] {
    const due: Key[] = []
    for (const [key, atMs] of this.#atMsByKey) {
      if (atMs > nowMs) break
      due.push(key)
    }
    return due
  }
}
