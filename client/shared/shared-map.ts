// Owns what an app gets as a shared map.

import { BatonError } from '../../protocol/errors.ts'
import type { Room } from '../api.ts'
import type { SharedMap } from './api.ts'
import { Binding } from './binding.ts'
import { mapKind, type MapAction } from './kinds.ts'
import { OptimisticFold } from './optimistic-fold.ts'
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

export class MapBinding<V>
  extends Binding<ReadonlyMap<string, V>, MapAction<V>>
  implements SharedMap<V>
{
  set(name: string, value: V): Promise<void> {
    return this.act(() => {
      if (value === undefined)
        throw new BatonError(
          'bad-value',
          `A map holds JSON, and "${name}" was set to undefined. Set null, or delete("${name}").`,
        )
      return ['set', name, value]
    })
  }

  delete(name: string): Promise<void> {
    return this.act(() => ['delete', name])
  }

  clear(): Promise<void> {
    return this.act(() => ['clear'])
  }
}
