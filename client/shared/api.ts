// Owns the public face of the shared objects: what an app holds of a value, a map, a log, a reducer or of who is
// present. What they do is in the files beside this one.

import type { PeerId } from '../../protocol/ids.ts'

/**
 * What every shared object has. It shows what the room says, with this page's own changes on top from the moment in
 * which they are made; a change that the room does not take is taken back, and its promise rejects. As with a room,
 * frameworks put no Proxy around it, and each method may be taken out.
 */
export interface Shared<S> {
  /** What stands now. Keeps its identity until it changes; never change it in place. */
  readonly value: S
  /** Whether what the room retains has been read. Before, `value` is the initial one and this page's own changes. */
  readonly isReady: boolean
  /**
   * Resolves when the retained state has been read for the first time; rejects when the room or the object is closed
   * before.
   */
  readonly ready: Promise<void>
  /**
   * Hears every change: this page's own at once, those of others once a turn of the event loop, however many came.
   * Returns its unsubscribe.
   */
  subscribe(listener: (value: S) => void): () => void
  /**
   * Ends every listener and timer, and leaves `value` as it is. What was sent stays sent. The room goes on. Closing
   * again does nothing.
   */
  close(): void
}

/** One value; the last write in the room's order stands. */
export interface SharedValue<T> extends Shared<T> {
  /**
   * Writes a value, or what a function makes of the current one. Resolves once the write, or a later one of this page
   * that overtook it, is safe in the room: of many fast writes, only some travel.
   */
  set(next: T | ((current: T) => T)): Promise<void>
}

/** Values by name; for each name the last write in the room's order stands. */
export interface SharedMap<V> extends Shared<ReadonlyMap<string, V>> {
  set(name: string, value: V): Promise<void>
  delete(name: string): Promise<void>
  clear(): Promise<void>
}

/** A list that only grows, in the room's order; this page's own values stand at its end until the room places them. */
export interface SharedLog<T> extends Shared<readonly T[]> {
  append(value: T): Promise<void>
}

/** A state, and actions that make a new one of it, in the room's order. */
export interface SharedReducer<S, A> extends Shared<S> {
  /** Resolves once the action is safe in the room. */
  dispatch(action: A): Promise<void>
}

/** What each of the others tells of itself while it is here. Nothing of it is retained. */
export interface Presence<P> extends Shared<ReadonlyMap<PeerId, P>> {
  /** What this page tells of itself; not part of `value`. */
  readonly mine: P
  /** Tells something else; of many fast changes, only some travel, the last one always. */
  set(next: P | ((current: P) => P)): void
}
