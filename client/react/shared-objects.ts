// Owns the shared objects that hooks of one room stand on: one for each kind and key, however many components show it.
// It knows no React.

import type { Room, Shared } from '../index.ts'

/** What a component shows of an object. Keeps its identity until one of the two changes. */
export type Snapshot<S> = { readonly value: S; readonly isReady: boolean }

/** One shared object and the components that show it. */
export type InUse<S, O extends Shared<S>> = {
  readonly object: O
  snapshot: Snapshot<S>
  readonly onChange: Set<() => void>
  closing: ReturnType<typeof setTimeout> | undefined
}

// Objects of all types, each found again by the kind that made it.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = InUse<any, any>

const objectsByRoom = new WeakMap<Room, Map<string, Any>>()

function objectsOf(room: Room): Map<string, Any> {
  const objects = objectsByRoom.get(room) ?? new Map<string, Any>()
  objectsByRoom.set(room, objects)
  return objects
}

/** What is shown under this name now; undefined while nobody uses it. */
export function snapshotOf<S>(room: Room, name: string): Snapshot<S> | undefined {
  return objectsOf(room).get(name)?.snapshot as Snapshot<S> | undefined
}

/**
 * The object of this name, made for its first user, and closed one task after its last one has gone: React may take a
 * component down and put it up again at once, and what its object had read would be read anew.
 */
export function acquire<S, O extends Shared<S>>(
  room: Room,
  name: string,
  make: () => O,
  changed: () => void,
): { readonly object: O; readonly release: () => void } {
  const inUse =
    (objectsOf(room).get(name) as InUse<S, O> | undefined) ?? open<S, O>(room, name, make())
  clearTimeout(inUse.closing)
  inUse.onChange.add(changed)
  return {
    object: inUse.object,
    release() {
      inUse.onChange.delete(changed)
      const isUnused = inUse.onChange.size === 0
      const isClosed = objectsOf(room).get(name) !== inUse
      if (isUnused && !isClosed) inUse.closing = setTimeout(() => close(room, name, inUse))
    },
  }
}

/** Ends all objects of a room that is about to be left, used or not. */
export function closeAll(room: Room): void {
  for (const [name, inUse] of objectsOf(room)) close(room, name, inUse)
}

function open<S, O extends Shared<S>>(room: Room, name: string, object: O): InUse<S, O> {
  const inUse: InUse<S, O> = {
    object,
    snapshot: { value: object.value, isReady: object.isReady },
    onChange: new Set(),
    closing: undefined,
  }
  const look = () => {
    const { value, isReady } = object
    const before = inUse.snapshot
    if (before.isReady === isReady && Object.is(before.value, value)) return
    inUse.snapshot = { value, isReady }
    for (const changed of inUse.onChange) changed()
  }
  object.subscribe(look)
  object.ready.then(look, () => {}) // closed before it was ready: it then stays as it is
  objectsOf(room).set(name, inUse)
  return inUse
}

function close(room: Room, name: string, inUse: Any): void {
  clearTimeout(inUse.closing)
  inUse.object.close()
  objectsOf(room).delete(name)
}
