// Owns what a mutation is: a way to spoil a good history in one place; and the ways to find such
// places. What a mutation breaks is told by the history alone: where it would break nothing, it
// does not offer itself.

import type { HistoryEvent, Retained } from '../history.ts'
import { entryOf, only, type EventOf } from '../checker.ts'
import type { CheckerName } from '../index.ts'

export type History = readonly HistoryEvent[]
/** One place, as what becomes of the history. */
export type Place = () => History

export type Mutation = {
  readonly name: string
  /**
   * These find it, each of them; of the others only those that `may`. Where it is null, some
   * checker does.
   */
  readonly must: readonly CheckerName[] | null
  readonly may?: readonly CheckerName[]
  /** All the places where it can be done. */
  readonly places: (history: History) => Place[]
}

/**
 * A message as one peer was given it, `at` its place in the history; `stretch` counts the peer's
 * resets before it.
 */
export type Gift = {
  readonly at: number
  readonly event: EventOf<'delivered'>
  readonly stretch: number
}

/** What each peer was given, in order. */
export function gifts(history: History): Gift[][] {
  const byPeer = new Map<string, Gift[]>()
  const stretches = new Map<string, number>()
  for (const [at, event] of history.entries()) {
    const stretch = stretches.get(event.peer) ?? 0
    if (event.type === 'reset') stretches.set(event.peer, stretch + 1)
    if (event.type === 'delivered')
      entryOf(byPeer, event.peer, (): Gift[] => []).push({ at, event, stretch })
  }
  return [...byPeer.values()]
}

/** Pairs that one peer was given one right after the other, without a reset in between. */
export function successions(history: History): [Gift, Gift][] {
  return gifts(history).flatMap((given) =>
    given.slice(1).flatMap((second, i): [Gift, Gift][] => {
      const first = given[i]!
      return first.stretch === second.stretch ? [[first, second]] : []
    }),
  )
}

/** Of these pairs those on one branch. */
export function neighbours(history: History): [Gift, Gift][] {
  return successions(history).filter(
    ([first, second]) => first.event.branch === second.event.branch,
  )
}

/** Each of the two comes when the other came. */
export function swapped(history: History, [first, second]: readonly [Gift, Gift]): History {
  const early = put(history, first.at, { ...second.event, atMs: first.event.atMs })
  return put(early, second.at, { ...first.event, atMs: second.event.atMs })
}

/** These events in the place of the one that is `at` this place. */
export function put(history: History, at: number, ...events: readonly HistoryEvent[]): History {
  return history.with(at, events[0]!).toSpliced(at + 1, 0, ...events.slice(1))
}

/** Renames messages wherever they are shown or told of, but not where they are sent. */
export function rename(history: History, names: ReadonlyMap<string, string>): History {
  const named = (mid: string) => names.get(mid) ?? mid
  const all = (messages: readonly Retained[]) =>
    messages.map(([seq, mid]): Retained => [seq, named(mid)])
  return history.map((event) => {
    switch (event.type) {
      case 'delivered':
      case 'acknowledged':
      case 'refused':
      case 'conflict':
        return { ...event, mid: named(event.mid) }
      case 'replayed':
        return { ...event, entries: all(event.entries) }
      case 'final':
        return withStreams(event, (_, messages) => all(messages))
      default:
        return event
    }
  })
}

export function withStreams(
  event: EventOf<'final'>,
  change: (key: string, messages: readonly Retained[]) => readonly Retained[],
): EventOf<'final'> {
  const streams = event.streams.map(([key, messages]) => [key, change(key, messages)] as const)
  return { ...event, streams }
}

/** The same in what every page shows at the end. */
export function withAllStreams(
  history: History,
  change: (key: string, messages: readonly Retained[]) => readonly Retained[],
): History {
  return history.map((event) => (event.type === 'final' ? withStreams(event, change) : event))
}

export function eachOf<Type extends HistoryEvent['type']>(
  history: History,
  type: Type,
  place: (event: EventOf<Type>, at: number) => Place | null,
): Place[] {
  return history.flatMap((event, at) => {
    const found = event.type === type ? place(event as EventOf<Type>, at) : null
    return found === null ? [] : [found]
  })
}

type Told = EventOf<'delivered'> | EventOf<'reset'>

/** What the same peer was given, or had to forget, last before this place. */
export function toldBefore(history: History, at: number): Told | undefined {
  const { peer } = history[at]!
  return history.findLast((event, i): event is Told => i < at && isTold(event, peer))
}

export function toldAfter(history: History, at: number): Told | undefined {
  const { peer } = history[at]!
  return history.find((event, i): event is Told => i > at && isTold(event, peer))
}

function isTold(event: HistoryEvent, peer: string): boolean {
  return event.peer === peer && (event.type === 'delivered' || event.type === 'reset')
}

/** Who shows an end state. */
export function finishers(history: History): Set<string> {
  return new Set(only(history, 'final').map(({ peer }) => peer))
}

export function conflicts(history: History): Set<string> {
  return new Set(only(history, 'conflict').map(({ mid }) => mid))
}

export function hasPartition(history: History): boolean {
  return only(history, 'fault').some(({ kind }) => kind === 'partition')
}
