// Owns the list of the rooms that a device has copies of: a card for each, beside the copies. What lies in a copy is not
// known here. [PE18]

import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { bool, count, struct, text, type Codec } from '../protocol/codec.ts'
import { assert } from '../protocol/errors.ts'
import { fromBase64Url } from '../protocol/base64url.ts'
import type { Topic } from '../protocol/ids.ts'
import { CopyPlaces } from '../replica/copy-places.ts'
import type { Place, Row, Write } from './store.ts'

export type RoomCard = {
  readonly token: string
  readonly topic: string
  readonly seq: number
  /** What the room retains. */
  readonly bytes: number
  readonly usedAtMs: number
  /** It has ops that no other peer is known to hold. */
  readonly unshared: boolean
}

const CARDS = 0
const COPIES = 1

const cardCodec: Codec<RoomCard> = struct<RoomCard>({
  token: text,
  topic: text,
  seq: count,
  bytes: count,
  usedAtMs: count,
  unshared: bool,
})

/** Where the copy of a room lies. */
export function placesOf(topic: Topic | string): CopyPlaces {
  return new CopyPlaces(Uint8Array.of(COPIES, ...topicBytes(topic)))
}

export function putCard(card: RoomCard): Write {
  const writer = new ByteWriter()
  cardCodec.write(writer, card)
  return { put: cardPlace(card.topic), bytes: writer.end() }
}

/** From where to where all cards lie. */
export const CARD_RANGE = { from: Uint8Array.of(CARDS), to: Uint8Array.of(COPIES) } as const

/** What cannot be read is left out. */
export function cardsIn(rows: readonly Row[]): readonly RoomCard[] {
  return rows.flatMap(([, bytes]) => {
    try {
      return [cardCodec.read(new ByteReader(bytes))]
    } catch {
      return []
    }
  })
}

/** Deletes card and copy. The fence stays: a tab that has the room open is to notice. */
export function forgetting(topic: string): readonly Write[] {
  const places = placesOf(topic)
  const { start, fence, outbox, end } = places
  const card = cardPlace(topic)
  return [
    { deleteFrom: card, to: Uint8Array.of(...card, 0) },
    { deleteFrom: start, to: fence },
    { deleteFrom: outbox, to: end },
  ]
}

function cardPlace(topic: string): Place {
  return Uint8Array.of(CARDS, ...topicBytes(topic))
}

function topicBytes(topic: string): Uint8Array {
  const bytes = fromBase64Url(topic)
  assert(bytes !== null, 'a topic is base64url')
  return bytes
}
