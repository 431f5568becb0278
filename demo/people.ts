// Owns who is who: names heard in `hello` relays, kept after their owners left so that the timeline can name them.

import type { PeerInfo } from '../client/api.ts'
import { PEOPLE_MAX } from './board-limits.ts'
import type { PersonColor } from './palette.ts'
import { readHello, readPointing, type Spot } from './shapes.ts'

export type Person = { readonly name: string; readonly color: PersonColor }
/** By peer id, the longest known first. */
export type People = ReadonlyMap<string, Person>

/** Anyone on this page's list, itself included. */
export type Runner = Person & {
  readonly id: string
  readonly role: PeerInfo['role']
  readonly isMe: boolean
}

/** By peer id. `at`: when it was last heard, in ms. */
export type Cursors = ReadonlyMap<string, Spot & { readonly at: number }>

/** A `hello` came. */
export function personHeard(people: People, value: unknown): People {
  const hello = readHello(value)
  return hello === null ? people : personKnown(people, hello.id, hello)
}

export function personKnown(people: People, id: string, { name, color }: Person): People {
  const known = people.get(id)
  if (known?.name === name && known.color === color) return people
  const next = new Map(people).set(id, { name, color })
  for (const oldest of next.keys()) {
    if (next.size <= PEOPLE_MAX) break
    next.delete(oldest)
  }
  return next
}

/** Somebody whose name has not come yet is called by the start of the id. */
export function personOf(people: People, id: string): Person {
  return people.get(id) ?? { name: `Runner ${shortId(id)}`, color: 'slate' }
}

export function shortId(id: string): string {
  return id.slice(0, 6)
}

export function initialsOf(name: string): string {
  return (
    name
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '')
      .slice(0, 2)
      .map((word) => [...word][0])
      .join('') || '?'
  )
}

/** Everyone here: this page first, then by id, the same in every tab. */
export function runnersOf(
  people: People,
  peers: readonly PeerInfo[],
  myId: string,
  myRole: PeerInfo['role'],
): readonly Runner[] {
  const others = peers.filter(({ id }) => id !== myId).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return [{ id: myId, role: myRole }, ...others].map(({ id, role }) => ({
    ...personOf(people, id),
    id,
    role,
    isMe: id === myId,
  }))
}

/** Who came and who went between two lists. */
export function peersChanged(
  before: readonly PeerInfo[],
  after: readonly PeerInfo[],
): { readonly joined: readonly string[]; readonly left: readonly string[] } {
  const idsBefore = new Set<string>(before.map(({ id }) => id))
  const idsAfter = new Set<string>(after.map(({ id }) => id))
  return {
    joined: [...idsAfter].filter((id) => !idsBefore.has(id)),
    left: [...idsBefore].filter((id) => !idsAfter.has(id)),
  }
}

/** A `cursor` came; only of those who are here. */
export function cursorHeard(
  cursors: Cursors,
  value: unknown,
  peers: readonly PeerInfo[],
  at: number,
): Cursors {
  const cursor = readPointing(value)
  if (cursor === null || !peers.some(({ id }) => id === cursor.id)) return cursors
  return new Map(cursors).set(cursor.id, { x: cursor.x, y: cursor.y, at })
}

/** Drops the pointers of those who left or have been silent since `before`. */
export function cursorsExpired(
  cursors: Cursors,
  peers: readonly PeerInfo[],
  before: number,
): Cursors {
  const here = new Set<string>(peers.map(({ id }) => id))
  const kept = new Map([...cursors].filter(([id, cursor]) => here.has(id) && cursor.at >= before))
  return kept.size === cursors.size ? cursors : kept
}
