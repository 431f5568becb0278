// Owns which messages a page without streams leaves to its room. A reset says which part of the
// room's log the page missed. What stands there the room holds, and the page no longer: it may have
// held the same messages in a log that it left.

import type { HistoryEvent } from './history.ts'
import { branchOf, entryOf, guestsIn } from './checker.ts'
import { foundOnce } from './found-once.ts'
import { lineageOf } from './lineage.ts'

/** The messages behind `after` and up to `upTo`. `at`: the reset's place in the history. */
type Span = { readonly after: number; readonly upTo: number; readonly at: number }
type Miss = Span & { readonly branch: string }

/** What is handed on in a history, for all who ask. */
export const handedOn = foundOnce((history) => new HandedOn(history))

export class HandedOn {
  readonly #history: readonly HistoryEvent[]
  readonly #missesByGuest = new Map<string, Miss[]>()
  /** Where in the history a guest was last given a message. */
  readonly #givenAt = new Map<string, number>()

  constructor(history: readonly HistoryEvent[]) {
    this.#history = history
    const guests = guestsIn(history)
    const spanByGuest = new Map<string, Span>()
    for (const [at, event] of history.entries()) {
      const { peer } = event
      if (!guests.has(peer)) continue
      const span = spanByGuest.get(peer)
      if (event.type === 'reset') spanByGuest.set(peer, spanOf(event, span, at))
      if (event.type === 'delivered') this.#givenAt.set(nameOf(peer, event.mid), at)
      const branch = branchOf(event)
      if (span === undefined || branch === null) continue
      entryOf(this.#missesByGuest, peer, (): Miss[] => []).push({ ...span, branch })
      spanByGuest.delete(peer)
    }
  }

  /** Whether the page missed the message, and was not given it since. */
  has(peer: string, mid: string): boolean {
    const misses = this.#missesByGuest.get(peer) ?? []
    const givenAt = this.#givenAt.get(nameOf(peer, mid)) ?? -1
    return misses.some((miss) => miss.at > givenAt && this.#isIn(miss, mid))
  }

  #isIn({ branch, after, upTo }: Miss, mid: string): boolean {
    const seq = lineageOf(this.#history).log(branch).seqOf(mid)
    return seq !== undefined && seq > after && seq <= upTo
  }
}

/** `before`: of a reset to a log that the page was never live on. */
function spanOf(
  { seq, headSeq }: { readonly seq: number; readonly headSeq?: number },
  before: Span | undefined,
  at: number,
): Span {
  return { after: Math.min(seq, before?.after ?? seq), upTo: headSeq ?? seq, at }
}

function nameOf(peer: string, mid: string): string {
  return `${peer} ${mid}`
}
