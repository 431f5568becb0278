// Owns when a follower is due to report to its host how far its log reaches. The word of a standby
// decides what is stable, so it reports each entry. The others report now and then.

import { ACK_BYTES, ACK_ENTRIES } from '../protocol/limits.ts'
import { NO_INDEX, type Index } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'

export class Reports {
  /** The host knows that the log reaches to here. */
  #known = NO_INDEX
  /** Bytes of the messages that came since. */
  #bytes = 0

  /** An entry came from the host. */
  received(entry: Entry): void {
    if (entry.type === 'message') this.#bytes += entry.op.value.length
  }

  /** The host knows how far the log reaches: it was told, or said so itself. */
  known(index: Index): void {
    this.#known = index
    this.#bytes = 0
  }

  isKnown(index: Index): boolean {
    return index === this.#known
  }

  isDue(index: Index, isStandby: boolean): boolean {
    const entriesMax = isStandby ? 1 : ACK_ENTRIES
    return index - this.#known >= entriesMax || this.#bytes >= ACK_BYTES
  }
}
