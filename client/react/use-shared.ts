// Owns the tie between a component and a shared object of its room.

import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import type { Room, Shared } from '../index.ts'
import { DeferredCalls } from './deferred-calls.ts'
import { useRoom } from './room-provider.tsx'
import { acquire, snapshotOf, type Snapshot } from './shared-objects.ts'

/** Calls the object; before there is one, the call waits for it. The same function until kind or key change. */
export type Call<O> = (run: (object: O) => Promise<void>) => Promise<void>

/**
 * What an object shows, and how to call it. It is made once the component is mounted and there is a room, by the first
 * component that uses it: `make` and `initial` are those of that rendering.
 */
export function useShared<S, O extends Shared<S>>(
  kind: string,
  key: string,
  initial: S,
  make: (room: Room) => O,
): readonly [Snapshot<S>, Call<O>] {
  const room = useRoom()
  const name = `${kind} ${key}`
  const first = useMemo<Snapshot<S>>(() => ({ value: initial, isReady: false }), [name])
  const calls = useMemo(() => new DeferredCalls<O>(), [name])
  useEffect(() => {
    calls.begin()
    return () => calls.end()
  }, [calls])
  const subscribe = useCallback(
    (changed: () => void) => {
      if (room === null) return () => {}
      const { object, release } = acquire<S, O>(room, name, () => make(room), changed)
      calls.attach(object)
      return () => {
        calls.detach()
        release()
      }
    },
    [room, name, calls],
  )
  const snapshot = useSyncExternalStore(
    subscribe,
    () => (room === null ? first : (snapshotOf<S>(room, name) ?? first)),
    () => first,
  )
  return [snapshot, calls.call]
}
