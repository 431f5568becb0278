// Owns mutations of the end: pages that differ, and pages that wait.

import { termOf } from '../checker.ts'
import { conflicts, eachOf, finishers, put, type Mutation } from './mutation.ts'

export const HOW_IT_ENDS: readonly Mutation[] = [
  {
    name: 'an end on another branch',
    must: ['converged'],
    places: (history) => {
      if (finishers(history).size < 2) return []
      return eachOf(history, 'final', (event, at) => () => {
        const branch = `${termOf(event.branch) + 1}:another`
        return put(history, at, { ...event, branch })
      })
    },
  },
  {
    name: 'an end that waits',
    must: ['converged'],
    places: (history) =>
      eachOf(history, 'final', (event, at) => () => put(history, at, { ...event, pending: 1 })),
  },
  {
    name: 'an end that is not shown',
    must: ['converged'],
    may: ['availability'],
    places: (history) => eachOf(history, 'final', (_, at) => () => history.toSpliced(at, 1)),
  },
  {
    name: 'an end with less',
    must: ['converged'],
    may: ['kept', 'replayIsFold'],
    places: (history) => {
      if (finishers(history).size < 2) return []
      return eachOf(history, 'final', (event, at) => {
        const [first, ...rest] = event.streams
        if (first === undefined) return null
        const [key, messages] = first
        return () => put(history, at, { ...event, streams: [[key, messages.slice(1)], ...rest] })
      })
    },
  },
  {
    name: 'an operation without an outcome',
    must: ['noneForgotten'],
    may: ['availability'],
    places: (history) => {
      const finished = finishers(history)
      const broken = conflicts(history)
      return eachOf(history, 'acknowledged', ({ peer, mid }, at) =>
        finished.has(peer) && !broken.has(mid) ? () => history.toSpliced(at, 1) : null,
      )
    },
  },
  {
    name: 'a page that waits in a quiet room',
    must: ['noneForgotten'],
    places: (history) =>
      eachOf(history, 'quiet', (event, at) => () => put(history, at, { ...event, pending: 2 })),
  },
]
