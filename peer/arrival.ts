// Owns whether a peer is still arriving: from its first hello until its app has what it asked for first. What can wait
// so long does not take the page's time, nor the host's.

/** A page with less than this much to read has arrived long before. */
const ARRIVAL_MS = 1_000

export class Arrival {
  /** Null before the first hello. */
  #endsAtMs: number | null = null
  isOver = false

  /** The host is greeted. Later hellos change nothing. */
  begin(nowMs: number): void {
    this.#endsAtMs ??= nowMs + ARRIVAL_MS
  }

  isLate(nowMs: number): boolean {
    return this.#endsAtMs !== null && nowMs >= this.#endsAtMs
  }
}
