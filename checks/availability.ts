// Owns the promise that a room works again soon after a fault: when the first operation is
// acknowledged that was sent after it, by a page that runs and is in touch; and how soon a page
// that comes after a restart of signaling is in.

import type { TroubleKind, HistoryEvent } from './history.ts'
import { isUnknown, only, type Checker, type EventOf } from './checker.ts'
import { isOfService, stretchesOf, troublesOf, type Stretch, type Trouble } from './troubles.ts'

/** Longest that a receipt may take where nothing is wrong. */
const RECEIPT_MS = 1_000
/** Longest that a newcomer may take once signaling is back. */
const JOIN_MS = 4_000

/** Whoever they hit still runs, and works with those it reaches. */
const HITS_CONNECTIONS: readonly TroubleKind[] = [
  'link-cut',
  'partition',
  'socket-cut',
  'socket-deaf',
]

export type Recovered = {
  readonly kind: TroubleKind | 'several' | 'join'
  readonly atMs: number
  /**
   * From the first operation sent after the fault to the first receipt of such a one; Infinity
   * where there was none.
   */
  readonly tookMs: number
  /** What is allowed, counted the same way. */
  readonly withinMs: number
}

export const availability: Checker = (history) => {
  const late = recoveriesOf(history).find(({ tookMs, withinMs }) => tookMs > withinMs)
  if (late === undefined) return null
  const { kind, atMs, tookMs, withinMs } = late
  const took = tookMs === Infinity ? 'did not come about' : `took ${Math.round(tookMs)} ms`
  if (kind === 'join')
    return `joining at ${atMs} ms, with signaling just back, ${took}; ${withinMs} ms are allowed`
  const what = kind === 'several' ? 'several faults' : `the ${kind}`
  const allowed = `${Math.round(withinMs)} ms are allowed`
  return `the first receipt after ${what} until ${atMs} ms ${took}; ${allowed}`
}

/** Worst and 99th percentile of each kind, a line each. */
export function describeRecoveries(history: readonly HistoryEvent[]): string[] {
  const all = recoveriesOf(history)
  return [...new Set(all.map(({ kind }) => kind))].map((kind) => {
    const times = all
      .flatMap((recovered) => (recovered.kind === kind ? [recovered.tookMs] : []))
      .sort((a, b) => a - b)
    const p99 = times[Math.ceil(times.length * 0.99) - 1]!
    return `${kind}: ${times.length} times, worst ${Math.round(times.at(-1)!)} ms, p99 ${Math.round(p99)} ms`
  })
}

export function recoveriesOf(history: readonly HistoryEvent[]): Recovered[] {
  const stretches = stretchesOf(troublesOf(history))
  if (stretches.length === 0) return []
  const seen = new Seen(history)
  const receipts = stretches.flatMap((stretch, at) =>
    receiptAfter(seen, stretch, stretches[at + 1]?.fromMs ?? Infinity),
  )
  return [...receipts, ...joinsAfter(seen, stretches)].sort((a, b) => a.atMs - b.atMs)
}

/** Nothing is measured where nobody that could have sent anything. */
function receiptAfter(seen: Seen, stretch: Stretch, nextMs: number): Recovered[] {
  const { troubles, dueMs } = stretch
  const isSilent = troubles.every((trouble) => trouble.isSilent)
  const atMs = isSilent ? stretch.fromMs : stretch.countsFromMs
  const hit = new Set(troubles.flatMap(({ kind, peers }) => (silences(kind) ? peers : [])))
  let firstMs: number | null = null
  let receiptMs = Infinity
  for (let i = seen.firstOpFrom(atMs); i < seen.ops.length; i++) {
    const op = seen.ops[i]!
    if (op.atMs >= nextMs || op.atMs >= receiptMs) break
    if (
      hit.has(op.peer) ||
      !seen.isLive(op.peer, op.atMs) ||
      seen.endOf(op.peer) < Math.max(dueMs, op.atMs + RECEIPT_MS)
    )
      continue
    firstMs ??= op.atMs
    receiptMs = Math.min(receiptMs, seen.answeredAtMs(op.mid))
  }
  if (firstMs === null) return []
  const untilMs = isSilent ? firstMs + RECEIPT_MS : Math.max(dueMs, firstMs + RECEIPT_MS)
  // The run, or its peace, ended before it could be told.
  if (receiptMs > untilMs && Math.min(seen.endMs, nextMs) < untilMs) return []
  return [
    {
      kind: troubles.length === 1 ? troubles[0]!.kind : 'several',
      atMs,
      tookMs: receiptMs - firstMs,
      withinMs: untilMs - firstMs,
    },
  ]
}

/** A page that was hit by it can say nothing of how the others fare, not even right after. */
function silences(kind: TroubleKind): boolean {
  return !HITS_CONNECTIONS.includes(kind)
}

function joinsAfter(seen: Seen, stretches: readonly Stretch[]): Recovered[] {
  return seen.joins.flatMap(({ peer, atMs }): Recovered[] => {
    const stretch = stretches.find(({ fromMs, dueMs }) => fromMs <= atMs && atMs <= dueMs)
    const down = stretch?.troubles.find(
      (trouble) =>
        isOfService(trouble.kind) && trouble.healedAtMs !== null && isDuring(trouble, atMs),
    )
    if (stretch === undefined || down === undefined) return []
    const untilMs = Math.max(stretch.dueMs, atMs + JOIN_MS)
    const liveMs = seen.liveAtMs(peer)
    if (liveMs > untilMs && Math.min(seen.endMs, seen.endOf(peer)) < untilMs) return []
    return [{ kind: 'join', atMs, tookMs: liveMs - atMs, withinMs: untilMs - atMs }]
  })
}

function isDuring({ fromMs, dueMs }: Trouble, atMs: number): boolean {
  return fromMs <= atMs && atMs <= dueMs
}

/** What a history says of who was there and when. */
class Seen {
  readonly ops: readonly EventOf<'invoked'>[]
  readonly joins: readonly EventOf<'joined'>[]
  readonly endMs: number
  readonly #answers: ReadonlyMap<string, number>
  readonly #liveByPeer = new Map<string, number>()
  readonly #endByPeer: ReadonlyMap<string, number>

  constructor(history: readonly HistoryEvent[]) {
    this.ops = only(history, 'invoked')
    this.joins = only(history, 'joined')
    this.endMs = history.reduce((latest, { atMs }) => Math.max(latest, atMs), 0)
    // A refusal by the room is an answer as well: it works.
    this.#answers = new Map(
      history.flatMap((event) =>
        event.type === 'acknowledged' || (event.type === 'refused' && !isUnknown(event.code))
          ? [[event.mid, event.atMs]]
          : [],
      ),
    )
    for (const { peer, atMs } of only(history, 'live'))
      if (!this.#liveByPeer.has(peer)) this.#liveByPeer.set(peer, atMs)
    this.#endByPeer = new Map(only(history, 'ended').map(({ peer, atMs }) => [peer, atMs]))
  }

  firstOpFrom(atMs: number): number {
    let low = 0
    let high = this.ops.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.ops[middle]!.atMs < atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  answeredAtMs(mid: string): number {
    return this.#answers.get(mid) ?? Infinity
  }

  /** When its messages flowed for the first time. */
  liveAtMs(peer: string): number {
    return this.#liveByPeer.get(peer) ?? Infinity
  }

  isLive(peer: string, atMs: number): boolean {
    return this.liveAtMs(peer) <= atMs
  }

  endOf(peer: string): number {
    return this.#endByPeer.get(peer) ?? Infinity
  }
}
