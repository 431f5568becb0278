// Owns the promise that every operation has one outcome at most, told to who sent it. That the
// outcome is unknown is an outcome of its own. A conflict is no second one: it takes back a
// receipt, aloud and once.

import type { HistoryEvent } from './history.ts'
import { invokedByMid, type Checker, type EventOf } from './checker.ts'

export const oneOutcome: Checker = (history) => {
  const invoked = invokedByMid(history)
  const outcomes = new Map<string, Outcome>()
  const conflicts = new Set<string>()
  for (const event of history) {
    if (!isOutcome(event)) continue
    const { mid, peer } = event
    const sender = invoked.get(mid)?.peer
    if (sender !== peer)
      return `${mid} is ${show(event)}, says ${peer}; ${sender ?? 'nobody'} sent it`
    const before = outcomes.get(mid)
    if (event.type === 'conflict') {
      if (before?.type !== 'acknowledged')
        return `${mid} is ${show(event)}, and never had a receipt`
      if (conflicts.has(mid)) return `${mid} is ${show(event)}, for the second time`
      conflicts.add(mid)
      continue
    }
    if (before !== undefined) return `${mid} is ${show(event)}, and was ${show(before)}`
    outcomes.set(mid, event)
  }
  return null
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
