// Owns the count of what the gateway has said and its clients have not read yet: of each, and of all together.

import { BACKLOG_BYTES_MAX, CLIENT_BACKLOG_BYTES_MAX } from './gateway-limits.ts'

export class Backlog {
  #bytes = 0

  /** Whether a client that is behind by so much may be told so much more. One message always fits. */
  admits(behindBytes: number, bytes: number): boolean {
    if (behindBytes > CLIENT_BACKLOG_BYTES_MAX) return false
    return this.#bytes === 0 || this.#bytes + bytes <= BACKLOG_BYTES_MAX
  }

  /** So much is on its way. Answers what to call, once or more, when it has been read or its reader is gone. */
  began(bytes: number): () => void {
    let isPending = true
    this.#bytes += bytes
    return () => {
      if (isPending) this.#bytes -= bytes
      isPending = false
    }
  }
}
