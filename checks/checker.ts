// Owns what a checker is: it reads the histories of all peers as one list in order of time, and
// answers with the first thing that breaks its promise, or null. No checker knows how a room works
// inside.

import { foundOnce } from './found-once.ts'
import type { HistoryEvent, Retained } from './history.ts'

export type Checker = (history: readonly HistoryEvent[]) => string | null

export type EventOf<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { type: Type }>

const eventsByType = foundOnce((history) => {
  const byType = new Map<HistoryEvent['type'], HistoryEvent[]>()
  for (const event of history) entryOf(byType, event.type, () => []).push(event)
  return byType
})

export function only<Type extends HistoryEvent['type']>(
  history: readonly HistoryEvent[],
  type: Type,
): readonly EventOf<Type>[] {
  return (eventsByType(history).get(type) ?? []) as EventOf<Type>[]
}

/** The value of a key in a map, made when it is first asked for. */
export function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** What a replay or an end state shows, by key; nothing where an event shows no streams. */
export function streamsIn(
  event: HistoryEvent,
): readonly (readonly [key: string, messages: readonly Retained[]])[] {
  if (event.type === 'replayed') return [[event.key, event.entries]]
  return event.type === 'final' ? event.streams : NO_STREAMS
}

const NO_STREAMS: readonly (readonly [key: string, messages: readonly Retained[]])[] = []

/** What was sent under each mid. */
export const invokedByMid = foundOnce(
  (history): ReadonlyMap<string, EventOf<'invoked'>> =>
    new Map(only(history, 'invoked').map((event) => [event.mid, event])),
)

export function authorOf(mid: string): string {
  return mid.slice(0, mid.lastIndexOf('/'))
}

export function numberOf(mid: string): number {
  return Number(mid.slice(mid.lastIndexOf('/') + 1))
}

export function termOf(branch: string): number {
  return Number(branch.slice(0, branch.indexOf(':')))
}

export function hostOf(branch: string): string {
  return branch.slice(branch.indexOf(':') + 1)
}

/** The pages that may not host. */
export function guestsIn(history: readonly HistoryEvent[]): Set<string> {
  return new Set(
    only(history, 'joined').flatMap(({ peer, canHost }) => (canHost === false ? [peer] : [])),
  )
}

/** The branch that an event tells its peer's room to be on; null where it tells none. */
export function branchOf(event: HistoryEvent): string | null {
  const branch = 'branch' in event ? event.branch : undefined
  return branch === undefined || branch.startsWith('0:') ? null : branch
}

/** An outcome that says: it may have come into the room, or not. */
const UNKNOWN_OUTCOMES: readonly string[] = [
  'receipt-unknown',
  'closed',
  'signaling',
  'unreachable',
  'version-mismatch',
  'peer-misbehaved',
]

export function isUnknown(code: string): boolean {
  return UNKNOWN_OUTCOMES.includes(code)
}
