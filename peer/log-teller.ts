// Owns what is told to a mirror of this peer's log: which entries came, and when to read the log
// anew. It does not know why the log changed.

import { originOf, type Entry } from '../protocol/entry.ts'
import type { Index, OpId, PeerId } from '../protocol/ids.ts'
import type { Replica } from '../replica/replica.ts'
import type { LogOutput, PeerOutput } from './peer-io.ts'
import type { Ticket } from './submission.ts'

export class LogTeller {
  readonly #self: PeerId
  readonly #replica: Replica
  /** Up to here the log was told, after this many replacements of it. */
  #told: Index
  #replacements: number
  /** The tickets of own ops that have no outcome yet. */
  readonly #ticketByOp = new Map<OpId, Ticket>()

  constructor(self: PeerId, replica: Replica) {
    this.#self = self
    this.#replica = replica
    this.#told = replica.lastIndex
    this.#replacements = replica.replacements
  }

  submitted(opId: OpId, ticket: Ticket): void {
    this.#ticketByOp.set(opId, ticket)
  }

  /** The outputs of an input, after what that input did to the log. */
  tell(outputs: readonly PeerOutput[]): PeerOutput[] {
    const told = this.#changes()
    for (const output of outputs) {
      if (output.type !== 'outcome' || output.outcome.type === 'conflict') continue
      this.#ticketByOp.delete(output.outcome.opId)
    }
    return [...told, ...outputs]
  }

  #changes(): LogOutput[] {
    const { log, lastIndex, replacements } = this.#replica
    const told = this.#told
    const isWhole = replacements === this.#replacements && log.reachesBackTo(told)
    this.#told = lastIndex
    this.#replacements = replacements
    if (!isWhole) return [{ type: 'replaced' }]
    if (lastIndex === told) return []
    const entries = log.after(told)
    return [{ type: 'grew', entries, own: this.#ownAmong(entries) }]
  }

  #ownAmong(entries: readonly Entry[]): Map<Index, Ticket> {
    const own = new Map<Index, Ticket>()
    for (const entry of entries) {
      const origin = originOf(entry)
      if (origin?.author !== this.#self) continue
      const ticket = this.#ticketByOp.get(origin.opId)
      if (ticket !== undefined) own.set(entry.index, ticket)
    }
    return own
  }
}
