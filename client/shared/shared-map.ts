// Owns what an app gets as a shared map, and what its actions mean.

import { FOLD_AFTER_MESSAGES } from '../../protocol/limits.ts'
import type { Room } from '../api.ts'
import type { SharedMap } from './api.ts'
import { Binding } from './binding.ts'
import { OptimisticFold, type Kind } from './optimistic-fold.ts'
import { readRecord, writeAction, writeState, type Stored } from './records.ts'
import { freshAuthor } from './shared-reducer.ts'

/**
 * Shares values by name: for each name the last write in the room's order stands, everywhere. Each write is one small
 * message; pages fold the key's stream when it is long.
 *
 * Names are any strings, values JSON.
 * @throws BatonError for a key that a room does not take. Writes reject as `room.append` does, and are then taken back.
 * @example
 * const votes = sharedMap<number>(room, 'votes')
 * votes.subscribe((byName) => draw([...byName]))
 * await votes.set('Ada', 5)
 */
export function sharedMap<V>(room: Room, key: string): SharedMap<V> {
  return new MapBinding<V>(room, key, new OptimisticFold(mapKind<V>(), freshAuthor()))
}

export class MapBinding<V> extends Binding<ReadonlyMap<string, V>, MapAction<V>> implements SharedMap<V> {
  set(name: string, value: V): Promise<void> {
    return this.act(() => ['set', name, value])
  }

  delete(name: string): Promise<void> {
    return this.act(() => ['delete', name])
  }

  clear(): Promise<void> {
    return this.act(() => ['clear'])
  }
}

export type MapAction<V> = readonly ['set', name: string, value: V] | readonly ['delete', name: string] | readonly ['clear']

export function mapKind<V>(foldAfter: number = FOLD_AFTER_MESSAGES): Kind<ReadonlyMap<string, V>, MapAction<V>> {
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

function changed<V>(state: ReadonlyMap<string, V>, actions: readonly MapAction<V>[]): ReadonlyMap<string, V> {
  const map = new Map(state)
  for (const [what, name, value] of actions) {
    if (what === 'set') map.set(name, value)
    else if (what === 'delete') map.delete(name)
    else map.clear()
  }
  return map
}

function readMapRecord<V>(value: Parameters<typeof readRecord>[0]): Stored<ReadonlyMap<string, V>, MapAction<V>> | null {
  const stored = readRecord(value)
  if (stored?.type === 'state') return isListOf(stored.state, isPair) ? { ...stored, state: new Map(stored.state as readonly [string, V][]) } : null
  return stored !== null && isAction(stored.action) ? (stored as Stored<ReadonlyMap<string, V>, MapAction<V>>) : null
}

function isAction(action: unknown): boolean {
  if (!Array.isArray(action)) return false
  const [what, name] = action as readonly unknown[]
  if (what === 'clear') return action.length === 1
  return typeof name === 'string' && (what === 'set' ? action.length === 3 : what === 'delete' && action.length === 2)
}

function isListOf(list: unknown, check: (item: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(check)
}

function isPair(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === 'string'
}
