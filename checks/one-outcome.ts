// Owns the promise that every operation has one outcome at most, told to who sent it. That the
// outcome is unknown is an outcome of its own. A conflict is no second one: it takes back a
// receipt, aloud and once; or it tells a later life of the page what became of an operation. [PE5]

import type { HistoryEvent } from './history.ts'
import { invokedByMid, type Checker, type EventOf } from './checker.ts'

export const oneOutcome: Checker = (history) => {
  const invoked = invokedByMid(history)
  const outcomes = new Map<string, Outcome>()
  const conflicts = new Map<string, Outcome>()
  const livesByPeer = new Map<string, number>()
  const lifeByMid = new Map<string, number>()
  for (const event of history) {
    const life = livesByPeer.get(event.peer) ?? 0
    if (event.type === 'joined') {
      livesByPeer.set(event.peer, life + 1)
      forgetSince(event, conflicts)
      forgetSince(event, outcomes, 'refused')
    }
    if (event.type === 'invoked') lifeByMid.set(event.mid, life)
    if (!isOutcome(event)) continue
    const { mid, peer } = event
    const sender = invoked.get(mid)?.peer
    if (sender !== peer)
      return `${mid} is ${show(event)}, says ${peer}; ${sender ?? 'nobody'} sent it`
    const before = outcomes.get(mid)
    if (event.type === 'conflict') {
      const mayLackReceipt = before === undefined && life > lifeByMid.get(mid)!
      if (before?.type !== 'acknowledged' && !mayLackReceipt)
        return `${mid} is ${show(event)}, and never had a receipt`
      if (conflicts.has(mid)) return `${mid} is ${show(event)}, for the second time`
      conflicts.set(mid, event)
      continue
    }
    if (before !== undefined) return `${mid} is ${show(event)}, and was ${show(before)}`
    outcomes.set(mid, event)
  }
  return null
}

/** The copy that a page comes back with does not know what its app was told after that copy was made. */
function forgetSince(
  { peer, opened }: EventOf<'joined'>,
  tellings: Map<string, Outcome>,
  type: Outcome['type'] = 'conflict',
): void {
  for (const [mid, told] of tellings) {
    const isSince = told.peer === peer && opened !== undefined && told.atMs > opened.atMs
    if (isSince && told.type === type) tellings.delete(mid)
  }
}

type Outcome = EventOf<'acknowledged'> | EventOf<'refused'> | EventOf<'conflict'>

function isOutcome(event: HistoryEvent): event is Outcome {
  return ['acknowledged', 'refused', 'conflict'].includes(event.type)
}

function show(outcome: Outcome): string {
  if (outcome.type === 'acknowledged') return `acknowledged as ${outcome.seq} at ${outcome.atMs} ms`
  const what = outcome.type === 'refused' ? 'refused' : 'in conflict'
  return `${what} (${outcome.code}) at ${outcome.atMs} ms`
}
