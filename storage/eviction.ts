// Owns which copies a device lets go: those unused for long, and the longest unused where there are too many. [PE18]

import type { RoomCard } from './room-cards.ts'

/** A copy that nobody has opened for so long goes. */
export const UNUSED_MS = 90 * 24 * 60 * 60_000
export const ROOMS_MAX = 128
export const STORED_BYTES_MAX = 512 * 1024 * 1024
/** Where the quota of the device is known, all copies take at most this part of it. */
export const QUOTA_PART = 1 / 4

/** `isOpen`: whether a tab has the room open now. `quota`: in bytes, where it is known. */
export function toEvict(
  cards: readonly RoomCard[],
  isOpen: (card: RoomCard) => boolean,
  quota: number,
  nowMs: number,
): readonly RoomCard[] {
  const bytesMax = Math.min(STORED_BYTES_MAX, quota * QUOTA_PART)
  const longestUnusedFirst = [...cards].sort((a, b) => a.usedAtMs - b.usedAtMs)
  let rooms = cards.length
  let bytes = cards.reduce((sum, card) => sum + card.bytes, 0)
  return longestUnusedFirst.filter((card) => {
    const isTooMuch = rooms > ROOMS_MAX || bytes > bytesMax
    const isOld = nowMs - card.usedAtMs > UNUSED_MS
    const isKept = card.unshared || isOpen(card)
    if (isKept || (!isOld && !isTooMuch)) return false
    rooms--
    bytes -= card.bytes
    return true
  })
}
