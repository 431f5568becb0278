// Owns mutations of what pages are given: messages that nobody sent so, and messages that come
// twice.

import { branchOf, invokedByMid } from '../checker.ts'
import { conflicts, eachOf, neighbours, put, type History, type Mutation } from './mutation.ts'

export const GIVEN_ONCE_AS_SENT: readonly Mutation[] = [
  {
    name: 'a message that nobody sent',
    must: ['noCreation'],
    places: (history) => {
      const isRelay = relaysIn(history)
      const withoutSender = (mid: string): History =>
        history.map((event) =>
          event.type === 'delivered' && event.mid === mid ? { ...event, mid: 'nobody/1' } : event,
        )
      return eachOf(history, 'delivered', ({ mid }) =>
        isRelay(mid) ? () => withoutSender(mid) : null,
      )
    },
  },
  {
    name: 'a message under another key',
    must: ['noCreation'],
    places: (history) => {
      const isRelay = relaysIn(history)
      return eachOf(history, 'delivered', (event, at) =>
        isRelay(event.mid) ? () => put(history, at, { ...event, key: `${event.key}!` }) : null,
      )
    },
  },
  {
    name: 'a message that was refused',
    must: ['noCreation'],
    may: ['availability'],
    places: (history) => {
      const branches = new Map<string, string>()
      const given = new Map<string, string>()
      const broken = conflicts(history)
      return history.flatMap((event, at) => {
        const branch = branchOf(event)
        if (branch !== null) branches.set(event.peer, branch)
        if (event.type === 'delivered') given.set(`${event.peer} ${event.mid}`, event.branch)
        if (event.type !== 'acknowledged' || broken.has(event.mid)) return []
        const { atMs, peer, mid } = event
        if (given.get(`${peer} ${mid}`) !== branches.get(peer)) return []
        return [() => put(history, at, { atMs, peer, type: 'refused', mid, code: 'room-full' })]
      })
    },
  },
  {
    name: 'a message twice in a row',
    must: ['noDuplicates'],
    places: (history) =>
      eachOf(history, 'delivered', (event, at) => () => put(history, at, event, event)),
  },
  {
    name: 'a message again after another',
    must: ['noDuplicates', 'totalOrder'],
    may: ['authorOrder', 'replayIsFold'],
    places: (history) =>
      neighbours(history).map(([first, second]) => () => {
        const again = { ...first.event, atMs: second.event.atMs }
        return put(history, second.at, second.event, again)
      }),
  },
]

/** Of a message that is retained other checkers would notice as well. */
function relaysIn(history: History): (mid: string) => boolean {
  const invoked = invokedByMid(history)
  return (mid) => invoked.get(mid)?.action === 'relay'
}
