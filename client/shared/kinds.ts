// Owns what the actions of each kind of folded object mean, and when and how its stream is folded.

import { FOLD_AFTER_MESSAGES } from '../../protocol/limits.ts'
import type { Value } from '../../protocol/value.ts'
import type { Kind } from './optimistic-fold.ts'
import { readRecord, writeAction, writeState, type Stored } from './records.ts'

/** Actions are applied by an app's own function. */
export function reducerKind<S, A>(
  reducer: (state: S, action: A) => S,
  initial: S,
  compactAfter: number,
): Kind<S, A> {
  return {
    initial,
    triesFirst: true,
    fold: (state, actions, failed) =>
      actions.reduce((state, action) => {
        try {
          return reducer(state, action)
        } catch (error) {
          failed(error)
          return state
        }
      }, state),
    write: writeAction,
    read: (value) => readRecord(value) as Stored<S, A> | null,
    isLong: (messages) => messages >= compactAfter,
    leaves: 1,
    folding: writeState,
  }
}

/** The oldest value that is kept takes the place of itself and of all before it. */
export function logKind<T>(keep: number): Kind<readonly T[], T> {
  return {
    initial: [],
    triesFirst: false,
    fold: (state, values) => (values.length === 0 ? state : [...state, ...values].slice(-keep)),
    write: (value) => value as Value,
    read: (value) => ({ type: 'action', action: value as T, by: null, number: 0 }),
    isLong: (messages) => messages >= 2 * keep,
    leaves: keep,
    folding: (state) => state[0] as Value,
  }
}

export type MapAction<V> =
  | readonly ['set', name: string, value: V]
  | readonly ['delete', name: string]
  | readonly ['clear']

export function mapKind<V>(
  foldAfter: number = FOLD_AFTER_MESSAGES,
): Kind<ReadonlyMap<string, V>, MapAction<V>> {
  return {
    initial: new Map(),
    triesFirst: false,
    fold: (state, actions) => (actions.length === 0 ? state : changed(state, actions)),
    write: writeAction,
    read: readMapRecord,
    // A large map is written out when as many changes have come as it has names, or twice that: each name is rewritten seldom.
    isLong: (messages, state) => messages >= Math.max(foldAfter, 2 * state.size),
    leaves: 1,
    folding: (state, folded) => writeState([...state], folded),
  }
}

function changed<V>(
  state: ReadonlyMap<string, V>,
  actions: readonly MapAction<V>[],
): ReadonlyMap<string, V> {
  const map = new Map(state)
  for (const [what, name, value] of actions) {
    if (what === 'set') map.set(name, value)
    else if (what === 'delete') map.delete(name)
    else map.clear()
  }
  return map
}

function readMapRecord<V>(value: Value): Stored<ReadonlyMap<string, V>, MapAction<V>> | null {
  const stored = readRecord(value)
  if (stored?.type === 'state')
    return isListOf(stored.state, isPair)
      ? { ...stored, state: new Map(stored.state as readonly [string, V][]) }
      : null
  return stored !== null && isAction(stored.action)
    ? (stored as Stored<ReadonlyMap<string, V>, MapAction<V>>)
    : null
}

function isAction(action: unknown): boolean {
  if (!Array.isArray(action)) return false
  const [what, name] = action as readonly unknown[]
  if (what === 'clear') return action.length === 1
  return (
    typeof name === 'string' &&
    (what === 'set' ? action.length === 3 : what === 'delete' && action.length === 2)
  )
}

function isListOf(list: unknown, check: (item: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(check)
}

function isPair(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === 'string'
}
