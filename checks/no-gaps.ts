// Owns the promise that no message is missing between two that a peer was given, nor behind the
// last one, except where a reset said so.

import { entryOf, invokedByMid, type Checker, type EventOf } from './checker.ts'
import { lineageOf } from './lineage.ts'

/** Messages between two resets. `low` is the seq before the first; null while nobody knows it. */
type Stretch = {
  low: number | null
  high: number
  readonly seqs: Set<number>
  /** The relays that stood in the room when this page came back are not given. [PE6] */
  passed: { readonly branch: string; readonly upTo: number } | null
}

export const noGaps: Checker = (history) => {
  const stretchByPeer = new Map<string, Stretch>()
  const invoked = invokedByMid(history)
  /** Nobody knows of a message there that is retained. */
  const isPassed = (branch: string, seq: number) => {
    const placed = lineageOf(history).log(branch).at(seq)
    return placed === undefined || invoked.get(placed.mid)?.action === 'relay'
  }
  for (const event of history) {
    const stretch = entryOf(stretchByPeer, event.peer, () => ({
      low: null,
      high: 0,
      seqs: new Set<number>(),
      passed: null,
    }))
    if (event.type === 'live' && event.seq !== undefined) {
      stretch.passed = { branch: event.branch, upTo: event.seq }
      stretch.high = Math.max(stretch.high, event.seq)
    }
    if (event.type === 'delivered') {
      stretch.seqs.add(event.seq)
      stretch.high = Math.max(stretch.high, event.seq)
    }
    if (event.type === 'reset') {
      const gap = gapIn(stretch, isPassed, event.peer, event.atMs)
      if (gap !== null) return gap
      if (stretch.high > 0 && event.seq > stretch.high) {
        const claim = `all up to seq ${event.seq} stands, and was given nothing after ${stretch.high}`
        return `${event.peer} at ${event.atMs} ms hears that ${claim}`
      }
      stretchByPeer.set(event.peer, afterReset(event))
    }
    if (event.type === 'final' && stretch.high > 0 && event.lastSeq > stretch.high)
      return `${event.peer} ends at seq ${event.lastSeq} and was given nothing after ${stretch.high}`
  }
  for (const [peer, stretch] of stretchByPeer) {
    const gap = gapIn(stretch, isPassed, peer, null)
    if (gap !== null) return gap
  }
  return null
}

function afterReset({ headSeq }: EventOf<'reset'>): Stretch {
  return { low: headSeq ?? null, high: headSeq ?? 0, seqs: new Set(), passed: null }
}

function gapIn(
  { low, high, seqs, passed }: Stretch,
  isPassed: (branch: string, seq: number) => boolean,
  peer: string,
  resetAtMs: number | null,
): string | null {
  if (seqs.size === 0) return null
  let first = low === null ? Infinity : low + 1
  if (low === null) for (const seq of seqs) first = Math.min(first, seq)
  for (let seq = first; seq <= high; seq++) {
    if (seqs.has(seq)) continue
    if (passed !== null && seq <= passed.upTo && isPassed(passed.branch, seq)) continue
    const until = resetAtMs === null ? '' : `, before its reset at ${resetAtMs} ms`
    return `${peer} was never given seq ${seq} between ${first} and ${high}${until}`
  }
  return null
}
