// Owns the promise that what was acknowledged is in the end state, or was folded or replaced by
// what came later, while one peer that held it lives. Nothing is promised of relays once they are
// delivered, and a replace yields to what another branch did to its key: its author hears of a
// conflict, if it is still here. [MG4 MG5]

import type { HistoryEvent, Retained, TroubleKind } from './history.ts'
import { invokedByMid, only, type Checker, type EventOf } from './checker.ts'
import { lineageOf } from './lineage.ts'
import { survivorsOf } from './survivors.ts'
import { takenBack } from './taken-back.ts'

export const kept: Checker = (history) => {
  const invoked = invokedByMid(history)
  const finals = only(history, 'final').map((event) => ({ event, ends: new End(event) }))
  const survivors = survivorsOf(history)
  const lineage = lineageOf(history)
  const isRenumbered = only(history, 'reset').some(({ reason }) => reason === 'rewound')
  const exempt = new Exemptions(history)
  const gone = takenBack(history)
  // What a branch longer than a tail had folded comes as one message, behind what the other branch
  // put under the key.
  const foldsUpTo = (mid: string) =>
    invoked.get(mid)?.action === 'compact' ? (invoked.get(mid)?.seq ?? 0) : 0
  /** A later replace, or a compaction that reaches as far, stands in front. */
  const covers = ([firstSeq, firstMid]: Retained, place: number) => {
    const action = invoked.get(firstMid)?.action
    if (action === 'replace') return place < firstSeq
    return action === 'compact' && place <= firstSeq
  }
  for (const receipt of receiptsOwed(history)) {
    const { mid, atMs, seq } = receipt
    const { key, action } = invoked.get(mid)!
    const mayYield = action === 'replace' && gone.has(mid) && !survivors.knowOf(receipt)
    if (!survivors.holds(receipt)) {
      const wrong = exempt.excuse(receipt, survivors.lost(receipt))
      if (wrong !== null) return wrong
      continue
    }
    for (const { event, ends } of finals) {
      if (ends.has(key, mid)) continue
      // A receipt of a branch that was left tells a place that means nothing on the one that
      // stands.
      const place = lineage.log(event.branch).seqOf(mid) ?? (isRenumbered ? 0 : seq)
      const [first] = ends.of(key)
      if (first !== undefined && (mayYield || covers(first, place))) continue
      if (ends.of(key).some(([, other]) => seq <= foldsUpTo(other))) continue
      const where = `is not in ${event.peer}'s end state, though ${whyNotLost(receipt)}`
      return `${mid} ("${key}") was acknowledged at ${atMs} ms as ${seq} and ${where}`
    }
  }
  return null
}

function whyNotLost({ held }: EventOf<'acknowledged'>): string {
  if (held === undefined) return 'nobody may lose it'
  return `not all who held it are gone, as [${held.join(' ')}] did at first`
}

/**
 * How many receipts a run owes, and how many of them it is excused from, since all went that held
 * what they promise.
 */
export function countReceipts(history: readonly HistoryEvent[]): {
  readonly owed: number
  readonly excused: number
} {
  const survivors = survivorsOf(history)
  const receipts = receiptsOwed(history)
  return {
    owed: receipts.length,
    excused: receipts.filter((receipt) => !survivors.holds(receipt)).length,
  }
}

/** Receipts of what is retained, but for those that were taken back aloud. */
function receiptsOwed(history: readonly HistoryEvent[]): EventOf<'acknowledged'>[] {
  const invoked = invokedByMid(history)
  const conflicts = new Set(only(history, 'conflict').map(({ peer, mid }) => `${peer} ${mid}`))
  return only(history, 'acknowledged').filter(({ peer, mid }) => {
    const action = invoked.get(mid)?.action
    return (action === 'append' || action === 'replace') && !conflicts.has(`${peer} ${mid}`)
  })
}

/** What one peer ends with. */
class End {
  readonly #streams: ReadonlyMap<string, readonly Retained[]>
  readonly #mids: ReadonlyMap<string, ReadonlySet<string>>

  constructor({ streams }: EventOf<'final'>) {
    this.#streams = new Map(streams)
    this.#mids = new Map(
      streams.map(([key, messages]) => [key, new Set(messages.map(([, mid]) => mid))]),
    )
  }

  of(key: string): readonly Retained[] {
    return this.#streams.get(key) ?? []
  }

  has(key: string, mid: string): boolean {
    return this.#mids.get(key)?.has(mid) ?? false
  }
}

const ENDS_PAGES: readonly TroubleKind[] = ['crash', 'leave', 'freeze']

/** Losing what all holders took with them is excused only where somebody made them go. */
class Exemptions {
  readonly #named = new Set<string>()
  /** Faults that do not say whom they hit, each good for one page. */
  #anyone = 0
  readonly #excused = new Set<string>()

  constructor(history: readonly HistoryEvent[]) {
    for (const { kind, peers } of only(history, 'fault')) {
      if (!ENDS_PAGES.includes(kind)) continue
      if (peers === undefined) this.#anyone++
      else for (const peer of peers) this.#named.add(peer)
    }
  }

  excuse({ mid, atMs }: EventOf<'acknowledged'>, lost: readonly string[]): string | null {
    for (const peer of lost) {
      if (this.#named.has(peer) || this.#excused.has(peer)) continue
      if (this.#anyone === 0)
        return `all who held ${mid}, acknowledged at ${atMs} ms, are gone, and no fault made ${peer} go`
      this.#anyone--
      this.#excused.add(peer)
    }
    return null
  }
}
