// Owns what a page may ask of the copies on its device, whether or not it has their rooms open. [PE18 PE19]

import type { Token, Topic } from '../protocol/ids.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { channelOf, DATABASE } from './browser-surroundings.ts'
import { copyFile, readCopyFile } from './copy-file.ts'
import type { Told } from './copy-keeper.ts'
import { openIndexedDbStore } from './indexeddb-store.ts'
import { roomLock } from './lives.ts'
import type { RoomCard } from './room-cards.ts'
import { evict, exportRoom, forgetRoom, importRoom, listRooms } from './stored-rooms.ts'
import type { Store } from './store.ts'

/** Without locks nobody knows which rooms are open: those used within a day may be. */
const MAY_BE_OPEN_MS = 24 * 60 * 60_000

/** Last used first. */
export function listStored(): Promise<readonly RoomCard[]> {
  return withStore(listRooms)
}

/** A tab that has it open goes on in memory. */
export async function forgetStored(topic: Topic): Promise<void> {
  const channel = channelOf(topic)
  channel.say({ type: 'forgotten' } satisfies Told)
  channel.close()
  await withStore((store) => forgetRoom(store, topic))
}

/** Null where there is no copy. */
export async function exportStored(topic: Topic): Promise<Blob | null> {
  const copy = await withStore((store) => exportRoom(store, topic))
  return copy === null ? null : new Blob([...copyFile(copy)] as BlobPart[])
}

/** The error is a sentence; `isThere`: this device has a copy of that room already. */
export async function importStored(
  file: Blob | Uint8Array,
  room: { readonly token: Token; readonly topic: Topic },
): Promise<Result<{ readonly seq: number }, { readonly isThere: boolean; readonly why: string }>> {
  const bytes = file instanceof Blob ? new Uint8Array(await file.arrayBuffer()) : file
  const read = readCopyFile(bytes)
  if (!read.ok) return fail({ isThere: false, why: read.error })
  const { lastSeq } = read.value.state
  const card = { ...room, usedAtMs: Date.now() }
  const isImported = await withStore((store) => importRoom(store, card, read.value))
  if (isImported) return ok({ seq: lastSeq })
  return fail({ isThere: true, why: 'This device has a copy of the room with that token already.' })
}

/** Lets go what is unused for long or too much. Answers the tokens of what went. */
export async function evictStored(): Promise<readonly string[]> {
  const quota = await quotaOfDevice()
  const open = await openRooms()
  const now = Date.now()
  const isOpen = ({ topic, usedAtMs }: RoomCard) =>
    open === null ? now - usedAtMs < MAY_BE_OPEN_MS : open.has(topic)
  const gone = await withStore((store) => evict(store, isOpen, quota, now))
  return gone.map(({ token }) => token)
}

/** Asks the browser to evict nothing of this site; where it knows no such thing, it may. */
export async function keepStored(): Promise<boolean> {
  const storage: StorageManager | undefined = navigator.storage
  return storage?.persist === undefined ? false : storage.persist()
}

async function quotaOfDevice(): Promise<number> {
  const storage: StorageManager | undefined = navigator.storage
  if (storage?.estimate === undefined) return Infinity
  return (await storage.estimate()).quota ?? Infinity
}

/** The topics of rooms that tabs have open; null where there are no locks. */
async function openRooms(): Promise<ReadonlySet<string> | null> {
  const locks: LockManager | undefined = navigator.locks
  if (locks === undefined) return null
  const { held = [], pending = [] } = await locks.query()
  const prefix = roomLock('')
  const names = [...held, ...pending].map(({ name = '' }) => name)
  const ofRooms = names.filter((name) => name.startsWith(prefix))
  return new Set(ofRooms.map((name) => name.slice(prefix.length)))
}

async function withStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openIndexedDbStore(DATABASE)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
