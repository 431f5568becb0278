// Owns that what several checkers look for in one history is found once. Events are only ever added
// to a history: one that has grown is searched anew.

import type { HistoryEvent } from './history.ts'

type History = readonly HistoryEvent[]

/** The same search; for a history that it knows it answers with what it has found there. */
export function foundOnce<Found>(find: (history: History) => Found): (history: History) => Found {
  const knownByHistory = new WeakMap<History, { readonly length: number; readonly found: Found }>()
  return (history) => {
    const { length } = history
    const known = knownByHistory.get(history)
    if (known?.length === length) return known.found
    const found = find(history)
    knownByHistory.set(history, { length, found })
    return found
  }
}
