// Owns mutations of replays and end states: too little in them, too much, or what had been folded.

import type { HistoryEvent, Retained } from '../history.ts'
import { invokedByMid, only, type EventOf } from '../checker.ts'
import { lineageOf } from '../lineage.ts'
import {
  eachOf,
  finishers,
  gifts,
  put,
  toldBefore,
  withAllStreams,
  type Gift,
  type History,
  type Mutation,
} from './mutation.ts'

export const WHAT_STREAMS_SHOW: readonly Mutation[] = [
  {
    name: 'a message missing in a replay',
    must: ['replayIsFold'],
    places: (history) => {
      const lineage = lineageOf(history)
      return eachOf(history, 'replayed', (event, at) => {
        const left = event.entries[1]
        if (left === undefined) return null
        const stand = toldBefore(history, at)
        // Of a page that was given nothing yet only its last message tells where it stands.
        if (stand === undefined && event.entries.length < 3) return null
        const furthest = Math.max(seqOf(stand), event.entries.at(-1)![0])
        if (lineage.log(event.branch).knownFrom(furthest) > left[0]) return null
        return () => put(history, at, { ...event, entries: event.entries.toSpliced(1, 1) })
      })
    },
  },
  {
    name: 'a relayed message in a replay',
    must: ['replayIsFold'],
    may: ['noGhosts'],
    places: (history) => {
      const invoked = invokedByMid(history)
      return gifts(history)
        .flat()
        .filter(({ event }) => invoked.get(event.mid)?.action === 'relay')
        .flatMap((relay) => {
          const found = history.findIndex((event, i) => i > relay.at && mayShow(event, relay))
          const replayed = history[found]
          if (replayed?.type !== 'replayed' || isResetBetween(history, relay, found)) return []
          const { seq, mid } = relay.event
          const entries = [...replayed.entries, [seq, mid] as const].sort(([a], [b]) => a - b)
          return [() => put(history, found, { ...replayed, entries })]
        })
    },
  },
  {
    name: 'compacted messages back in the end',
    must: ['noGhosts'],
    places: (history) => {
      const invoked = invokedByMid(history)
      const acknowledged = new Set(only(history, 'acknowledged').map(({ mid }) => mid))
      const finished = finishers(history)
      const lineage = lineageOf(history)
      const [final] = only(history, 'final')
      if (final === undefined) return []
      const log = lineage.log(final.branch)
      if (log.knownFrom(final.lastSeq) > 1) return []
      return final.streams.flatMap(([key, [first]]) => {
        const op = first && invoked.get(first[1])
        if (op?.action !== 'compact' || !acknowledged.has(op.mid)) return []
        if (!finished.has(op.peer)) return []
        const actionOf = (mid: string) => invoked.get(mid)?.action
        const messages = log
          .ofKey(key, 0, final.lastSeq)
          .filter(({ mid }) => actionOf(mid) !== 'relay')
        const replaced = messages.findLastIndex(({ mid }) => actionOf(mid) === 'replace')
        const whole = messages
          .slice(Math.max(0, replaced))
          .map(({ seq, mid }): Retained => [seq, mid])
        return [() => withAllStreams(history, (name, stream) => (name === key ? whole : stream))]
      })
    },
  },
]

/** Where a page stands after what it was told last. */
function seqOf(told: EventOf<'delivered'> | EventOf<'reset'> | undefined): number {
  if (told === undefined) return 0
  return told.type === 'delivered' ? told.seq : (told.headSeq ?? 0)
}

/** A replay of the same page that would show the message, had it been retained. */
function mayShow(event: HistoryEvent, { event: relay }: Gift): boolean {
  if (event.type !== 'replayed' || event.peer !== relay.peer) return false
  return event.key === relay.key && event.branch === relay.branch && event.after < relay.seq
}

function isResetBetween(history: History, { at, event: { peer } }: Gift, until: number): boolean {
  return history.slice(at, until).some((event) => event.type === 'reset' && event.peer === peer)
}
