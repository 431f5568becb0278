// Owns how much of a peer may be on its way to the host at once.

import { WINDOW_BYTES_MAX, WINDOW_OPS_MAX } from '../protocol/limits.ts'
import { payloadBytes, type Op } from '../protocol/entry.ts'

export class SendWindow {
  #ops = 0
  #bytes = 0

  /** An op of any size goes where there is any room. */
  get isFull(): boolean {
    return this.#ops >= WINDOW_OPS_MAX || this.#bytes >= WINDOW_BYTES_MAX
  }

  leaves(op: Op): void {
    this.#ops++
    this.#bytes += payloadBytes(op)
  }

  arrives(op: Op): void {
    this.#ops--
    this.#bytes -= payloadBytes(op)
  }

  /** A new connection: nothing is on its way. */
  clear(): void {
    this.#ops = 0
    this.#bytes = 0
  }
}
