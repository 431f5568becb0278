// Owns mutations of the order: messages in other places, and pages that go back in time.

import { authorOf, branchOf, invokedByMid, only, termOf } from '../checker.ts'
import {
  neighbours,
  put,
  rename,
  successions,
  swapped,
  type Gift,
  type Mutation,
} from './mutation.ts'

export const ONE_ORDER: readonly Mutation[] = [
  {
    name: 'two messages in the wrong order',
    must: ['totalOrder'],
    // A replay or a reset right behind them meets a page that stands elsewhere.
    may: ['replayIsFold', 'noDuplicates'],
    places: (history) => {
      const hasReplayBetween = (first: Gift, second: Gift) =>
        history
          .slice(first.at, second.at)
          .some(({ type, peer }) => type === 'replayed' && peer === first.event.peer)
      return neighbours(history)
        .filter(([first, second]) => authorOf(first.event.mid) !== authorOf(second.event.mid))
        .filter(([first, second]) => !hasReplayBetween(first, second))
        .map((pair) => () => swapped(history, pair))
    },
  },
  {
    name: 'two messages in each other’s places',
    must: ['agreement'],
    may: ['authorOrder', 'replayIsFold', 'kept'],
    places: (history) => {
      const count = new Map<string, number>()
      for (const { branch, seq } of only(history, 'delivered'))
        count.set(`${branch} ${seq}`, (count.get(`${branch} ${seq}`) ?? 0) + 1)
      return neighbours(history)
        .filter(([{ event }]) => count.get(`${event.branch} ${event.seq}`)! > 1)
        .map(([{ at, event: first }, { at: nextAt, event: second }]) => () => {
          const other = put(history, at, { ...first, key: second.key, mid: second.mid })
          return put(other, nextAt, { ...second, key: first.key, mid: first.mid })
        })
    },
  },
  {
    name: 'a receipt for another place',
    must: ['agreement'],
    may: ['kept'],
    places: (history) => {
      const given = new Map<string, string>()
      return history.flatMap((event, at) => {
        if (event.type === 'delivered')
          given.set(event.mid, `${given.get(event.mid) ?? ''} ${event.peer} `)
        if (event.type === 'reset') given.clear()
        return event.type === 'acknowledged' && given.get(event.mid)?.includes(` ${event.peer} `)
          ? [() => put(history, at, { ...event, seq: event.seq + 1 })]
          : []
      })
    },
  },
  {
    name: 'an author’s messages crossed',
    must: ['authorOrder'],
    places: (history) => {
      const invoked = invokedByMid(history)
      const areAlike = ({ event: first }: Gift, { event: second }: Gift) =>
        authorOf(first.mid) === authorOf(second.mid) &&
        first.key === second.key &&
        invoked.get(first.mid)?.action === invoked.get(second.mid)?.action
      return neighbours(history)
        .filter(([first, second]) => areAlike(first, second))
        .map(([{ event: first }, { event: second }]) => () => {
          const names = [
            [first.mid, second.mid],
            [second.mid, first.mid],
          ] as const
          return rename(history, new Map(names))
        })
    },
  },
  {
    name: 'a message moved before the fork',
    must: ['totalOrder'],
    may: ['replayIsFold', 'noGhosts', 'agreement', 'authorOrder', 'noDuplicates'],
    places: (history) =>
      successions(history)
        .filter(([first, second]) => first.event.branch !== second.event.branch)
        .map((pair) => () => swapped(history, pair)),
  },
  {
    name: 'a page back in an earlier term',
    must: ['totalOrder'],
    places: (history) => {
      const first = new Map<string, string>()
      return history.flatMap((event, at) => {
        const { atMs, peer } = event
        const branch = branchOf(event)
        if (branch === null) return []
        const earlier = first.get(peer) ?? branch
        first.set(peer, earlier)
        return termOf(earlier) < termOf(branch)
          ? [() => put(history, at, event, { atMs, peer, type: 'live', branch: earlier })]
          : []
      })
    },
  },
]
