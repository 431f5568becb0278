// Owns how the newest messages of a key are read from a store, before the rest of the copy is. [PE15]

import type { Seq } from '../protocol/ids.ts'
import { deleteAllIn, after, type CopyPlaces } from '../replica/copy-places.ts'
import { readHead, type Head } from '../replica/copy-records.ts'
import type { Retained } from '../replica/engine.ts'
import { NewestMessages } from '../replica/newest-messages.ts'
import type { Store } from './store.ts'

/** Records that are read at a time: the last ten messages are in one or two. */
const RECORDS = 4
/** Another tab may write meanwhile. */
const ATTEMPTS = 3

/** Messages behind a seq, and of these the newest ones. */
export type Asked = { readonly after?: number; readonly last?: number }

export type Newest = {
  /** In seq order. */
  readonly messages: readonly Retained[]
  /** Last seq of the room: they are what is retained up to there. */
  readonly seq: Seq
}

/** Null where there is no copy, or none that can be read. */
export async function readNewest(
  store: Store,
  places: CopyPlaces,
  key: string,
  asked: Asked,
): Promise<Newest | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const head = await headIn(store, places)
    if (head === null) return null
    const newest = await newestIn(store, places, head, key, asked)
    if (newest === null) return null
    const now = await headIn(store, places)
    const isSame = now?.index === head.index && now.generation === head.generation
    if (isSame) return { messages: newest.messages, seq: head.lastSeq }
  }
  return null
}

async function newestIn(
  store: Store,
  places: CopyPlaces,
  { generation }: Head,
  key: string,
  asked: Asked,
): Promise<NewestMessages | null> {
  const newest = new NewestMessages(asked)
  const stream = deleteAllIn(places.generation(generation).stream(key))
  let to = stream.to
  while (!newest.hasAll) {
    const rows = await store.read(stream.deleteFrom, to, { backwards: true, limit: RECORDS })
    for (const row of rows) {
      if (newest.hasAll) break
      if (!newest.add(row).ok) return null
    }
    const oldest = rows.at(-1)
    if (oldest === undefined || rows.length < RECORDS) break
    to = oldest[0]
  }
  return newest
}

async function headIn(store: Store, { head }: CopyPlaces): Promise<Head | null> {
  const [row] = await store.read(head, after(head), { limit: 1 })
  if (row === undefined) return null
  const read = readHead(...row)
  return read.ok && read.value !== 'newer' ? read.value : null
}
