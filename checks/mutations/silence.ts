// Owns mutations of what pages do while they hear nobody: signaling, or anybody at all.

import type { HistoryEvent } from '../history.ts'
import { eachOf, put, type Mutation } from './mutation.ts'

/** The room is quiet for longer in the end, and a page finds out sooner. */
const DEAF_FOR_MS = 20_000
/** No answer counts for so long. */
const ALONE_MS = 2_500

export const SILENCE: readonly Mutation[] = [
  {
    name: 'a page that takes a deaf socket for a good one',
    must: ['silenceTold'],
    places: (history) =>
      eachOf(history, 'quiet', ({ atMs: quietMs, peer }) => () => {
        const atMs = quietMs - DEAF_FOR_MS
        const at = history.findIndex((event) => event.atMs > atMs)
        const said: HistoryEvent = { atMs, peer, type: 'signaling', status: 'connected' }
        const deaf = { kind: 'socket-deaf', what: 'deaf', peers: [peer] } as const
        return history.toSpliced(at, 0, said, { atMs, peer: '', type: 'fault', ...deaf })
      }),
  },
  {
    name: 'a receipt of a host that hears nobody',
    must: ['noLoneReceipts'],
    places: (history) =>
      eachOf(
        history,
        'acknowledged',
        (event, at) => () => put(history, at, { ...event, aloneMs: ALONE_MS }),
      ),
  },
]
