// Owns mutations of who hosts.

import { branchOf, only, termOf } from '../checker.ts'
import { eachOf, hasPartition, put, type History, type Mutation } from './mutation.ts'

export const ONE_HOST_A_TERM: readonly Mutation[] = [
  {
    name: 'a second host in a term',
    must: ['oneHost'],
    places: (history) => {
      if (only(history, 'fault').some(({ signaling }) => signaling !== undefined)) return []
      return eachOf(history, 'live', (event, at) => () => {
        const branch = `${termOf(event.branch)}:another`
        return put(history, at, { ...event, branch })
      })
    },
  },
  {
    name: 'a page that hosts for another',
    must: ['oneHost'],
    places: (history) => {
      if (hasPartition(history)) return []
      const joined = new Set<string>()
      return history.flatMap((event, at) => {
        if (event.type === 'joined') joined.add(event.peer)
        if (event.type !== 'hosting') return []
        const before = history.slice(0, at)
        const other = [...joined].find(
          (peer) => peer !== event.peer && termSeenBy(peer, before) <= termOf(event.branch),
        )
        return other === undefined ? [] : [() => put(history, at, { ...event, peer: other })]
      })
    },
  },
  {
    name: 'a page that hosts and was not to',
    must: ['oneHost'],
    places: (history) => {
      const hosts = new Set(only(history, 'hosting').map(({ peer }) => peer))
      return eachOf(history, 'joined', (event, at) =>
        hosts.has(event.peer) ? () => put(history, at, { ...event, canHost: false }) : null,
      )
    },
  },
]

/** The highest term that a page has named. */
function termSeenBy(peer: string, history: History): number {
  return history.reduce((highest, event) => {
    const branch = event.peer === peer ? branchOf(event) : null
    return branch === null ? highest : Math.max(highest, termOf(branch))
  }, 0)
}
