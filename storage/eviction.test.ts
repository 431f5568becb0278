import { describe, expect, test } from 'vitest'
import { topicOf } from '../protocol/testing-ids.ts'
import { ByteMap } from './byte-map.ts'
import { ROOMS_MAX, STORED_BYTES_MAX, toEvict, UNUSED_MS } from './eviction.ts'
import { CARD_RANGE, cardsIn, forgetting, placesOf, putCard, type RoomCard } from './room-cards.ts'

const NOW = UNUSED_MS * 10
const card = (name: string, usedAgoMs: number, more: Partial<RoomCard> = {}): RoomCard => ({
  token: `token of ${name}`,
  topic: topicOf(name[0]!),
  seq: 7,
  bytes: 1_000,
  usedAtMs: NOW - usedAgoMs,
  unshared: false,
  ...more,
})
const evicted = (cards: readonly RoomCard[], quota = Infinity, open = '') =>
  toEvict(cards, ({ token }) => token === open, quota, NOW).map(({ token }) => token.slice(9))

describe('[PE18] of the copies on a device', () => {
  test('those go that nobody used for 90 days', () =>
    expect(evicted([card('a', UNUSED_MS + 1), card('b', UNUSED_MS)])).toEqual(['a']))

  test('the longest unused go where there are too many', () => {
    const cards = Array.from({ length: ROOMS_MAX + 2 }, (_, n) => card(`${n}`, 1_000 + n))
    expect(evicted(cards)).toEqual([`${ROOMS_MAX + 1}`, `${ROOMS_MAX}`])
  })

  test('the longest unused go where they are too large, or too large for the device', () => {
    const half = { bytes: STORED_BYTES_MAX / 2 }
    const cards = [card('a', 3, half), card('b', 2, half), card('c', 1, half)]
    expect(evicted(cards)).toEqual(['a'])
    expect(evicted(cards, STORED_BYTES_MAX * 2)).toEqual(['a', 'b'])
    expect(evicted(cards.slice(1))).toEqual([])
  })

  test('none goes that is open, or has what nobody else holds', () => {
    const old = UNUSED_MS * 2
    const cards = [card('a', old, { unshared: true }), card('b', old), card('c', old)]
    expect(evicted(cards, Infinity, 'token of b')).toEqual(['c'])
    expect(evicted(cards, 0, 'token of b')).toEqual(['c'])
  })
})

describe('[PE18] the list of rooms', () => {
  const disk = new ByteMap()
  disk.write([putCard(card('a', 1)), putCard(card('b', 2)), putCard(card('a', 0))])
  const listed = () => cardsIn(disk.read(CARD_RANGE.from, CARD_RANGE.to))

  test('has a card for each', () => expect(listed()).toEqual([card('a', 0), card('b', 2)]))

  test('has none of a room that is forgotten, of which the fence alone stays', () => {
    const { head, fence, generations, start, end } = placesOf(topicOf('a'))
    disk.write([head, fence, generations].map((put) => ({ put, bytes: new Uint8Array(3) })))
    disk.write(forgetting(topicOf('a')))
    expect(listed()).toEqual([card('b', 2)])
    expect(disk.read(start, end)).toEqual([[fence, new Uint8Array(3)]])
  })
})
