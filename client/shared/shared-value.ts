// Owns what an app gets as a shared value.

import type { Room } from '../api.ts'
import type { SharedValue } from './api.ts'
import { Binding } from './binding.ts'
import { LastWrite } from './last-write.ts'

/**
 * Shares one value: the last write in the room's order stands, everywhere. It is the key's one retained message as it
 * is, so `room.replace(key, value)` and other programs may write it, too. Of many fast writes of a page, one at a time
 * is on its way, and those made meanwhile become one.
 *
 * @param initial What it is while nobody has written it: null, JSON or a Uint8Array.
 * @throws BatonError for a key that a room does not take. `set` rejects as `room.replace` does, and then the value is
 * what the room says.
 * @example
 * const title = sharedValue(room, 'title', 'Untitled')
 * title.subscribe((value) => (heading.textContent = value))
 * await title.set((current) => `${current}!`)
 */
export function sharedValue<T>(room: Room, key: string, initial: T): SharedValue<T> {
  return new ValueBinding(room, key, new LastWrite(initial))
}

class ValueBinding<T> extends Binding<T, T> implements SharedValue<T> {
  set(next: T | ((current: T) => T)): Promise<void> {
    return this.act(() =>
      typeof next === 'function' ? (next as (current: T) => T)(this.value) : next,
    )
  }
}
