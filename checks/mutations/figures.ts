// Owns mutations of what is measured: how long recovery takes, and how much memory.

import type { HistoryEvent } from '../history.ts'
import { eachOf, finishers, hasPartition, put, type Mutation } from './mutation.ts'

export const FIGURES: readonly Mutation[] = [
  {
    name: 'a room that stands still after a fault',
    must: ['availability'],
    places: (history) => {
      const last = history.findLastIndex(({ type }) => type === 'fault')
      const fault = history[last]
      if (fault === undefined || hasPartition(history)) return []
      const finished = finishers(history)
      const before = history.slice(0, last)
      const isLive = (peer: string) =>
        before.some((event) => event.type === 'live' && event.peer === peer)
      const counts = ({ type, peer }: HistoryEvent) =>
        type === 'invoked' && finished.has(peer) && isLive(peer)
      const op = history.findIndex((event) => event.atMs >= fault.atMs && counts(event))
      if (op < last) return []
      return [
        () =>
          history.map((event, at) => (at > op ? { ...event, atMs: event.atMs + 20_000 } : event)),
      ]
    },
  },
  {
    name: 'too much memory',
    must: ['bounded'],
    places: (history) =>
      eachOf(
        history,
        'sample',
        (event, at) => () => put(history, at, { ...event, bytes: 2 ** 40 }),
      ),
  },
]
