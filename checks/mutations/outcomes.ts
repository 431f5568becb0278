// Owns mutations of outcomes: told twice, to another page, or against one another.

import { eachOf, put, type Mutation } from './mutation.ts'

export const OUTCOMES: readonly Mutation[] = [
  {
    name: 'a receipt twice',
    must: ['oneOutcome'],
    places: (history) =>
      eachOf(history, 'acknowledged', (event, at) => () => put(history, at, event, event)),
  },
  {
    name: 'an unknown outcome besides a receipt',
    must: ['oneOutcome'],
    places: (history) =>
      eachOf(history, 'acknowledged', (event, at) => () => {
        const { atMs, peer, mid } = event
        return put(history, at, event, {
          atMs,
          peer,
          type: 'refused',
          mid,
          code: 'receipt-unknown',
        })
      }),
  },
  {
    name: 'a conflict without a receipt',
    must: ['oneOutcome'],
    places: (history) =>
      eachOf(history, 'refused', (event, at) => () => {
        return put(history, at, event, { ...event, type: 'conflict' })
      }),
  },
  {
    name: 'a receipt told to another page',
    must: ['oneOutcome'],
    may: ['agreement', 'noGhosts', 'availability'],
    places: (history) =>
      eachOf(history, 'acknowledged', (event, at) => () => {
        return put(history, at, { ...event, peer: `${event.peer}!` })
      }),
  },
]
