// Owns what the log of each branch was, as far as anyone was given it: the messages of its own
// reign, and of the branches that it continues up to where it left them. Pieced together from what
// apps saw alone.

import type { HistoryEvent } from './history.ts'
import { branchOf, entryOf, termOf } from './checker.ts'
import { foundOnce } from './found-once.ts'
import type { Given } from './given.ts'

/**
 * A peer that stood at `upTo` on the branch `from` went on to another branch without a reset before
 * it.
 */
type Origin = { readonly from: string; readonly upTo: number; readonly peer: string }

const GOES_ON: readonly HistoryEvent['type'][] = ['live', 'delivered', 'replayed', 'final']

/** The lineage of a history, for all who ask. */
export const lineageOf = foundOnce((history) => new Lineage(history))

export type Placed = { readonly seq: number; readonly key: string; readonly mid: string }

export class Lineage {
  readonly #own = new Map<string, Map<number, Placed>>()
  readonly #origins = new Map<string, Map<string, Origin>>()
  readonly #logs = new Map<string, BranchLog>()
  /** Where a branch that continues another has another message in the part that they share. */
  contradiction: string | null = null

  constructor(history: readonly HistoryEvent[]) {
    const givenByPeer = new Map<string, Given[]>()
    for (const event of history) {
      const given = entryOf(givenByPeer, event.peer, (): Given[] => [])
      // Numbers after a reset's seq mean other messages from then on, whatever the key.
      if (event.type === 'reset')
        while (given.length > 0 && given.at(-1)!.seq > event.seq) given.pop()
      if (!GOES_ON.includes(event.type)) continue
      const branch = branchOf(event)
      if (branch === null) continue
      const last = given.at(-1)
      if (last !== undefined && last.branch !== branch)
        this.#continues(branch, { from: last.branch, upTo: last.seq, peer: event.peer })
      if (event.type !== 'delivered') continue
      given.push(event)
      const own = entryOf(this.#own, branch, () => new Map<number, Placed>())
      if (!own.has(event.seq)) own.set(event.seq, event)
    }
  }

  get branches(): Iterable<string> {
    return new Set([...this.#own.keys(), ...this.#origins.keys()])
  }

  log(branch: string): BranchLog {
    const known = this.#logs.get(branch)
    if (known !== undefined) return known
    const placed = new Map(this.#own.get(branch))
    for (const { from, upTo, peer } of this.#origins.get(branch)?.values() ?? []) {
      for (const message of this.log(from).upTo(upTo)) {
        const other = placed.get(message.seq)
        if (other === undefined) placed.set(message.seq, message)
        else if (other.mid !== message.mid)
          this.contradiction ??=
            `${branch} has ${other.mid} as ${message.seq}, and continues ${from}, which has ` +
            `${message.mid} there: ${peer} went from one to the other and heard of no reset`
      }
    }
    const log = new BranchLog(placed)
    this.#logs.set(branch, log)
    return log
  }

  /** Only from a lower term to a higher one, so that nothing continues itself. */
  #continues(branch: string, origin: Origin): void {
    if (termOf(origin.from) >= termOf(branch)) return
    const origins = entryOf(this.#origins, branch, () => new Map<string, Origin>())
    if ((origins.get(origin.from)?.upTo ?? -1) < origin.upTo) origins.set(origin.from, origin)
  }
}

export class BranchLog {
  readonly #messages: readonly Placed[]
  readonly #seqByMid: ReadonlyMap<string, number>
  readonly #byKey = new Map<string, Placed[]>()
  /** For each message, the seq from which on all up to it are known. */
  readonly #knownFrom: readonly number[]

  constructor(placed: ReadonlyMap<number, Placed>) {
    this.#messages = [...placed.values()].sort((a, b) => a.seq - b.seq)
    this.#seqByMid = new Map(this.#messages.map(({ mid, seq }) => [mid, seq]))
    const knownFrom: number[] = []
    for (const [i, message] of this.#messages.entries()) {
      entryOf(this.#byKey, message.key, (): Placed[] => []).push(message)
      knownFrom.push(
        i > 0 && this.#messages[i - 1]!.seq === message.seq - 1 ? knownFrom[i - 1]! : message.seq,
      )
    }
    this.#knownFrom = knownFrom
  }

  /** Where a message stands; undefined where nobody was given it here. */
  seqOf(mid: string): number | undefined {
    return this.#seqByMid.get(mid)
  }

  at(seq: number): Placed | undefined {
    const found = this.#messages[countUpTo(this.#messages, seq) - 1]
    return found?.seq === seq ? found : undefined
  }

  upTo(seq: number): readonly Placed[] {
    return this.#messages.slice(0, countUpTo(this.#messages, seq))
  }

  /**
   * All messages from this seq up to the given one are known; one more than the given one where it
   * is itself unknown.
   */
  knownFrom(seq: number): number {
    const at = countUpTo(this.#messages, seq) - 1
    return this.#messages[at]?.seq === seq ? this.#knownFrom[at]! : seq + 1
  }

  /** The messages of a key with a seq above `after` and up to `upTo`. */
  ofKey(key: string, after: number, upTo: number): readonly Placed[] {
    const messages = this.#byKey.get(key) ?? []
    return messages.slice(countUpTo(messages, after), countUpTo(messages, upTo))
  }
}

function countUpTo(messages: readonly Placed[], seq: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (messages[middle]!.seq <= seq) low = middle + 1
    else high = middle
  }
  return low
}
