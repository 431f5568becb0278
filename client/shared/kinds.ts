// Owns what the actions of each kind of folded object mean, and when and how its stream is folded.

import { FOLD_AFTER_MESSAGES } from '../../protocol/limits.ts'
import type { Value } from '../../protocol/value.ts'
import type { Kind } from './optimistic-fold.ts'
import { readRecord, writeAction, writeState, type Stored, type StoredAction } from './records.ts'

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
  | readonly [what: 'set', name: string, value: V]
  | readonly [what: 'delete', name: string]
  | readonly [what: 'clear']

export function mapKind<V>(
  foldAfter: number = FOLD_AFTER_MESSAGES,
): Kind<ReadonlyMap<string, V>, MapAction<V>> {
  return {
    initial: new Map(),
    triesFirst: false,
    fold: (state, actions) => (actions.length === 0 ? state : changed(state, actions)),
    write: writeAction,
    read: readMapRecord,
    // A large map is written out after twice as many changes as it has names: each name is rewritten seldom.
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
  if (stored === null) return null
  if (stored.type === 'state') {
    if (!isListOfPairs(stored.state)) return null
    return { ...stored, state: new Map(stored.state as readonly [string, V][]) }
  }
  return isMapAction(stored.action) ? (stored as StoredAction<MapAction<V>>) : null
}

const LENGTH_BY_ACTION = new Map<unknown, number>([
  ['set', 3],
  ['delete', 2],
  ['clear', 1],
])

function isMapAction(action: unknown): boolean {
  if (!Array.isArray(action)) return false
  const [what, name] = action as readonly unknown[]
  const isNamed = what === 'clear' || typeof name === 'string'
  return isNamed && action.length === LENGTH_BY_ACTION.get(what)
}

function isListOfPairs(list: unknown): boolean {
  return Array.isArray(list) && list.every(isPair)
}

function isPair(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === 'string'
}
