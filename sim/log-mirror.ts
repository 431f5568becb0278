// Owns a copy of a page's log that is kept by what its peer tells, as whoever stores or shows it
// would keep one. It throws where the copy is not the log.

import { assert } from '../protocol/errors.ts'
import type { Entry } from '../protocol/entry.ts'
import { NO_INDEX, type Index } from '../protocol/ids.ts'
import type { LogOutput } from '../peer/peer-io.ts'
import type { Ticket } from '../peer/submission.ts'
import type { Replica } from '../replica/replica.ts'
import { midIn } from './said.ts'

export class LogMirror {
  readonly #replica: Replica
  readonly #midOf: (ticket: Ticket) => string
  #last: Index
  #entries: Entry[]

  constructor(replica: Replica, midOf: (ticket: Ticket) => string) {
    this.#replica = replica
    this.#midOf = midOf
    this.#entries = replica.log.after(NO_INDEX)
    this.#last = replica.lastIndex
  }

  told(output: LogOutput): void {
    if (output.type === 'replaced') {
      this.#entries = this.#replica.log.after(NO_INDEX)
      this.#last = this.#replica.lastIndex
      return
    }
    for (const entry of output.entries) {
      assert(entry.index === this.#last + 1, `told of entry ${entry.index} after ${this.#last}`)
      this.#entries.push(entry)
      this.#last = entry.index
      const ticket = output.own.get(entry.index)
      if (ticket !== undefined) this.#checkTicket(ticket, entry)
    }
  }

  #checkTicket(ticket: Ticket, entry: Entry): void {
    const isSo = !('op' in entry) || midIn(entry.op.value) === this.#midOf(ticket)
    assert(isSo, `ticket ${ticket} is not that of entry ${entry.index}`)
  }

  /** All that the log keeps is here, and nothing behind it. */
  check(): void {
    const { log, lastIndex } = this.#replica
    assert(lastIndex === this.#last, `the log ends at ${lastIndex}, its mirror at ${this.#last}`)
    const kept = log.after(NO_INDEX)
    const mirrored = this.#entries.slice(this.#entries.length - kept.length)
    const differs = kept.find((entry, i) => entry !== mirrored[i])
    assert(differs === undefined, `a mirror lacks entry ${differs?.index}`)
  }
}
