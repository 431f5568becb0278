// Owns what is done with copies of rooms that no tab need have open: list, import, export, forget, let go. [PE18 PE19]

import { emptyNotes } from '../replica/copy-notes.ts'
import { after, type CopyPlaces } from '../replica/copy-places.ts'
import { copyIn } from '../replica/copy-reader.ts'
import { readHead } from '../replica/copy-records.ts'
import { CopyWriter } from '../replica/copy-writer.ts'
import { ReplicaWriter } from '../replica/replica-writer.ts'
import type { ExportedCopy } from './copy-file.ts'
import { toEvict } from './eviction.ts'
import { takeFence } from './fence.ts'
import { CARD_RANGE, cardsIn, forgetting, placesOf, putCard, type RoomCard } from './room-cards.ts'
import type { Store } from './store.ts'

/** Last used first. */
export async function listRooms(store: Store): Promise<readonly RoomCard[]> {
  const cards = cardsIn(await store.read(CARD_RANGE.from, CARD_RANGE.to))
  return cards.toSorted((a, b) => b.usedAtMs - a.usedAtMs)
}

/** Null where there is no copy, or none that can be read. */
export async function exportRoom(store: Store, topic: string): Promise<ExportedCopy | null> {
  const places = placesOf(topic)
  const found = copyIn(await store.read(places.start, places.end), places)
  return found.type === 'copy' ? found.copy : null
}

/** False where there is a copy of that room already: nothing of it is touched. */
export async function importRoom(
  store: Store,
  card: Pick<RoomCard, 'token' | 'topic' | 'usedAtMs'>,
  { state, stable }: ExportedCopy,
): Promise<boolean> {
  const places = placesOf(card.topic)
  if (await hasCopy(store, places)) return false
  const { replica } = new ReplicaWriter(state)
  const writer = new CopyWriter(replica, places, emptyNotes(1))
  // Whoever opens the room meanwhile takes the fence.
  const unless = await takeFence(store, places.fence)
  const beside = { stable, lives: [] }
  for (let batch = writer.order(beside); batch !== null; batch = writer.order(beside)) {
    await store.write(batch, unless)
    writer.written()
  }
  const { lastSeq, engine } = replica
  const more = { seq: lastSeq, bytes: engine?.retainedBytes ?? 0, unshared: true }
  await store.write([putCard({ ...card, ...more })])
  return true
}

/** An import that came to no end is no copy. */
async function hasCopy(store: Store, { head }: CopyPlaces): Promise<boolean> {
  const [row] = await store.read(head, after(head), { limit: 1 })
  if (row === undefined) return false
  const read = readHead(...row)
  return !read.ok || read.value !== null
}

/** Its tabs are told by the fence, and over the channel of the room. */
export async function forgetRoom(store: Store, topic: string): Promise<void> {
  await takeFence(store, placesOf(topic).fence)
  await store.write(forgetting(topic))
}

/** Lets go what is unused for long or too much. Answers what went. */
export async function evict(
  store: Store,
  isOpen: (card: RoomCard) => boolean,
  quota: number,
  nowMs: number,
): Promise<readonly RoomCard[]> {
  const gone = toEvict(await listRooms(store), isOpen, quota, nowMs)
  for (const { topic } of gone) await forgetRoom(store, topic)
  return gone
}
