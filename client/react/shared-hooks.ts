// Owns the hooks over shared objects. Each gives what stands now, how to change it, and whether the room has been read:
// until then the first is the initial one and this page's own changes.

import { useCallback, useMemo } from 'react'
import {
  presence,
  sharedLog,
  sharedMap,
  sharedReducer,
  sharedValue,
  type PeerId,
  type Presence,
  type PresenceOptions,
  type SharedLog,
  type SharedLogOptions,
  type SharedMap,
  type SharedReducer,
  type SharedReducerOptions,
  type SharedValue,
} from '../index.ts'
import { useShared } from './use-shared.ts'

/**
 * `useState` for everyone in the room: one value, of which the last write stands. Setting resolves once it is safe.
 *
 * @example
 * const [count, setCount] = useSharedValue('count', 0)
 * return <button onClick={() => setCount((n) => n + 1)}>{count}</button>
 */
export function useSharedValue<T>(
  key: string,
  initial: T,
): readonly [value: T, set: (next: T | ((current: T) => T)) => Promise<void>, isReady: boolean] {
  const [{ value, isReady }, call] = useShared<T, SharedValue<T>>('value', key, initial, (room) =>
    sharedValue(room, key, initial),
  )
  const set = useCallback(
    (next: T | ((current: T) => T)) => call((shared) => shared.set(next)),
    [call],
  )
  return [value, set, isReady]
}

export type MapChanges<V> = {
  readonly set: (name: string, value: V) => Promise<void>
  readonly delete: (name: string) => Promise<void>
  readonly clear: () => Promise<void>
}

/**
 * Values by name, for each of which the last write stands.
 *
 * @example
 * const [tasks, { set, delete: remove }, isReady] = useSharedMap<Task>('tasks')
 */
export function useSharedMap<V>(
  key: string,
): readonly [values: ReadonlyMap<string, V>, changes: MapChanges<V>, isReady: boolean] {
  const [{ value, isReady }, call] = useShared<ReadonlyMap<string, V>, SharedMap<V>>(
    'map',
    key,
    EMPTY_MAP as ReadonlyMap<string, V>,
    (room) => sharedMap<V>(room, key),
  )
  const changes = useMemo<MapChanges<V>>(
    () => ({
      set: (name, next) => call((shared) => shared.set(name, next)),
      delete: (name) => call((shared) => shared.delete(name)),
      clear: () => call((shared) => shared.clear()),
    }),
    [call],
  )
  return [value, changes, isReady]
}

/**
 * A list that only grows, in the room's order. The options are those of the first component that uses the key.
 *
 * @example
 * const [messages, append] = useSharedLog<string>('chat')
 */
export function useSharedLog<T>(
  key: string,
  options?: SharedLogOptions,
): readonly [entries: readonly T[], append: (value: T) => Promise<void>, isReady: boolean] {
  const [{ value, isReady }, call] = useShared<readonly T[], SharedLog<T>>(
    'log',
    key,
    EMPTY_LIST as readonly T[],
    (room) => sharedLog<T>(room, key, options),
  )
  const append = useCallback((next: T) => call((shared) => shared.append(next)), [call])
  return [value, append, isReady]
}

/**
 * `useReducer` for everyone in the room: actions are applied in the room's order, this page's own at once. Every page
 * must reduce alike, so keep the reducer pure and outside of the component; the first one given for a key is used.
 *
 * @example
 * const [game, dispatch] = useSharedReducer('game', play, NEW_GAME)
 */
export function useSharedReducer<S, A>(
  key: string,
  reducer: (state: S, action: A) => S,
  initial: S,
  options?: SharedReducerOptions,
): readonly [state: S, dispatch: (action: A) => Promise<void>, isReady: boolean] {
  const [{ value, isReady }, call] = useShared<S, SharedReducer<S, A>>(
    'reducer',
    key,
    initial,
    (room) => sharedReducer(room, key, reducer, initial, options),
  )
  const dispatch = useCallback((action: A) => call((shared) => shared.dispatch(action)), [call])
  return [value, dispatch, isReady]
}

/**
 * What each of the others tells of itself while it is here, and how to tell something of this page. `mine` is what this
 * page tells at first. All components of a page tell one thing, the first one's to begin with, unless they have keys of
 * their own.
 *
 * @example
 * const [others, setMine] = usePresence({ name: 'Ada', cursor: null })
 * return <div onPointerMove={({ clientX: x, clientY: y }) => setMine((mine) => ({ ...mine, cursor: { x, y } }))} />
 */
export function usePresence<P>(
  mine: P,
  options?: PresenceOptions,
): readonly [
  others: ReadonlyMap<PeerId, P>,
  setMine: (next: P | ((current: P) => P)) => void,
  isReady: boolean,
] {
  const [{ value, isReady }, call] = useShared<ReadonlyMap<PeerId, P>, Presence<P>>(
    'presence',
    options?.key ?? 'presence',
    EMPTY_MAP as ReadonlyMap<PeerId, P>,
    (room) => presence(room, mine, options),
  )
  const setMine = useCallback(
    (next: P | ((current: P) => P)) => void call(async (shared) => shared.set(next)),
    [call],
  )
  return [value, setMine, isReady]
}

const EMPTY_MAP: ReadonlyMap<string, unknown> = new Map()
const EMPTY_LIST: readonly unknown[] = []
