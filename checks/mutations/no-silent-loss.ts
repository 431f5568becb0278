// Owns mutations by which something is missing, or taken back, that nobody announced.

import type { HistoryEvent } from '../history.ts'
import { invokedByMid, only } from '../checker.ts'
import { survivorsOf } from '../survivors.ts'
import {
  conflicts,
  eachOf,
  finishers,
  gifts,
  put,
  toldAfter,
  toldBefore,
  withAllStreams,
  type History,
  type Mutation,
} from './mutation.ts'

export const NO_SILENT_LOSS: readonly Mutation[] = [
  {
    name: 'a message left out',
    must: ['noGaps'],
    places: (history) =>
      gifts(history).flatMap((given) =>
        given
          .filter(({ stretch }, i) =>
            [given[i - 1], given[i + 1]].every((other) => other?.stretch === stretch),
          )
          .map(({ at, event }) => () => {
            const isReplay = ({ type, peer }: HistoryEvent) =>
              type === 'replayed' && peer === event.peer
            return history.toSpliced(at, 1).filter((other) => !isReplay(other))
          }),
      ),
  },
  {
    name: 'a miss that is not announced',
    must: ['noGaps'],
    may: ['replayIsFold', 'noGhosts'],
    places: (history) => {
      const finished = finishers(history)
      return eachOf(history, 'reset', (event, at) => {
        const missedSome = event.reason === 'missed' && event.headSeq !== event.seq
        if (!missedSome || !finished.has(event.peer)) return null
        if (toldBefore(history, at)?.type !== 'delivered') return null
        // A rewind takes the gap back, too.
        const after = toldAfter(history, at)
        if (after?.type === 'reset' && after.reason === 'rewound') return null
        return () => history.toSpliced(at, 1)
      })
    },
  },
  {
    name: 'a rewind that is not announced',
    must: null,
    places: (history) => {
      const invoked = invokedByMid(history)
      const [final] = only(history, 'final')
      return eachOf(history, 'reset', (event, at) => {
        if (final === undefined || event.reason !== 'rewound') return null
        if (toldAfter(history, at)?.type !== 'delivered') return null
        // Where all of it came back to the same places nothing is amiss.
        const forgotten = forgottenBy(history, event.peer, at, event.seq)
        const isOther = ([seq, mid]: readonly [number, string]) =>
          (forgotten.get(seq) ?? mid) !== mid && invoked.get(mid)?.action !== 'compact'
        const differs = final.streams.some(([, messages]) => messages.some(isOther))
        return differs ? () => history.toSpliced(at, 1) : null
      })
    },
  },
  {
    name: 'a rewind that the new host could have spared',
    must: ['nothingTakenBack'],
    places: (history) =>
      eachOf(history, 'reset', (event, at) =>
        event.reason === 'rewound' ? () => put(history, at, { ...event, avoidable: true }) : null,
      ),
  },
  {
    name: 'an acknowledged message gone',
    must: ['kept'],
    may: ['replayIsFold'],
    places: (history) => {
      const invoked = invokedByMid(history)
      const survivors = survivorsOf(history)
      const broken = conflicts(history)
      return eachOf(history, 'acknowledged', (event) => {
        const op = invoked.get(event.mid)
        const isKept = op?.key === 'log' && op.action === 'append' && !broken.has(event.mid)
        if (!isKept || !survivors.holds(event)) return null
        return () =>
          withAllStreams(history, (_, messages) => messages.filter(([, mid]) => mid !== event.mid))
      })
    },
  },
  {
    name: 'holders gone that nothing made go',
    must: ['kept'],
    may: ['availability'],
    places: (history) => {
      const invoked = invokedByMid(history)
      const survivors = survivorsOf(history)
      const broken = conflicts(history)
      return eachOf(history, 'acknowledged', (event) => {
        const action = invoked.get(event.mid)?.action
        const isRetained = action === 'append' || action === 'replace'
        const isLost = isRetained && !survivors.holds(event) && !broken.has(event.mid)
        return isLost
          ? () => history.filter((other) => other.type !== 'fault' || other.kind === 'partition')
          : null
      })
    },
  },
]

/** What a page has to forget by a reset at this place, by seq. */
function forgottenBy(history: History, peer: string, at: number, seq: number): Map<number, string> {
  const forgotten = new Map<number, string>()
  for (const event of history.slice(0, at)) {
    if (event.peer !== peer) continue
    if (event.type === 'reset') forgotten.clear()
    if (event.type === 'delivered' && event.seq > seq) forgotten.set(event.seq, event.mid)
  }
  return forgotten
}
