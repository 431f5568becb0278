// Owns what a shared reducer and a shared map put into their streams: `{ apply, by, n }` for an action, the n-th of the
// object named `by`; `{ reset, folded }` for a state, and the last action of each object that is part of it. Anything
// else is not theirs.

import type { Json, Value } from '../../protocol/value.ts'
import { FOLDED_AUTHORS_MAX } from '../../protocol/limits.ts'

/** The last action of each author, the longest silent one first. */
export type Folded = readonly (readonly [author: string, number: number])[]

/** `by` is null where the message does not say who wrote it. */
export type StoredAction<A> = {
  readonly type: 'action'
  readonly action: A
  readonly by: string | null
  readonly number: number
}

export type StoredState<S> = {
  readonly type: 'state'
  readonly state: S
  readonly folded: Folded
}

export type Stored<S, A> = StoredAction<A> | StoredState<S>

export function writeAction(action: unknown, by: string, n: number): Value {
  return { apply: action as Json, by, n }
}

export function writeState(state: unknown, folded: Folded): Value {
  return { reset: state as Json, folded }
}

/** Null for what is no such record. */
export function readRecord(value: Value): Stored<unknown, unknown> | null {
  if (typeof value !== 'object' || value === null) return null
  const { apply, by, n, reset, folded = [] } = value as { readonly [field: string]: unknown }
  if (reset !== undefined) {
    if (!isFolded(folded)) return null
    return { type: 'state', state: reset, folded: folded.slice(-FOLDED_AUTHORS_MAX) }
  }
  if (apply === undefined) return null
  if (typeof by !== 'string' || !Number.isSafeInteger(n))
    return { type: 'action', action: apply, by: null, number: 0 }
  return { type: 'action', action: apply, by, number: n as number }
}

/** Only who wrote lately is remembered: what was done long ago is still on its way to nobody. */
export function rememberFolded(folded: Map<string, number>, author: string, number: number): void {
  folded.delete(author)
  folded.set(author, number)
  const [longestSilent] = folded.keys()
  if (folded.size > FOLDED_AUTHORS_MAX && longestSilent !== undefined) folded.delete(longestSilent)
}

function isFolded(folded: unknown): folded is Folded {
  return Array.isArray(folded) && folded.every(isFoldedRow)
}

function isFoldedRow(row: unknown): boolean {
  if (!Array.isArray(row) || row.length !== 2) return false
  const [author, number] = row as readonly unknown[]
  return typeof author === 'string' && Number.isSafeInteger(number)
}
