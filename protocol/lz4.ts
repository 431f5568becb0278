// Owns how bytes are compressed and restored, in LZ4's block format: fast enough for a host that sends a whole room. It
// does not know what the bytes mean.
//
//   block    = sequence*
//   sequence = token, more*, literals, distance, more*      the last one ends with its literals
//   token    = one byte: how many literals (high half), how many bytes beyond four are repeated (low half)
//   more     = where a half is 15: bytes to be added, up to the first one that is not 255
//   distance = two bytes, the lower first: how far back the repeated bytes begin

const REPEAT_MIN = 4
const DISTANCE_MAX = 65_535
/** LZ4 has no repeat so near the end. */
const REPEATS_END = 5
const LAST_REPEAT = 12
const HALF_MAX = 15
const MORE_MAX = 255
const HASH_BITS = 12
const HASH_FACTOR = 2_654_435_761
/** Of longer pieces a call of the browser copies faster than a loop, above all in a page that has just loaded. */
const LONG = 24
/** After so many places without a repeat the search takes larger steps. */
const PATIENCE_BITS = 6

/** Where bytes of each hash were last seen. Kept: it is larger than many a block. */
const placeByHash = new Int32Array(2 ** HASH_BITS)

/** The memory of the last block: fresh memory costs more than what is written into it. */
let spare = new Uint8Array(0)

/** Null where it would not be shorter. Holds until the next call. */
export function compressed(bytes: Uint8Array): Uint8Array | null {
  if (spare.length < bytes.length) spare = new Uint8Array(bytes.length)
  const block = spare
  let end = 0
  let literalsFrom = 0

  const more = (length: number) => {
    let rest = length - HALF_MAX
    for (; rest >= 0; rest -= MORE_MAX) {
      block[end] = Math.min(rest, MORE_MAX)
      end++
    }
  }
  /** The literals up to there. False where a repeat behind them may not fit any more. */
  const literals = (upTo: number, beyond: number) => {
    const count = upTo - literalsFrom
    if (end + count + (count + beyond) / MORE_MAX + 8 > bytes.length) return false
    block[end] = (Math.min(count, HALF_MAX) << 4) | Math.min(beyond, HALF_MAX)
    end++
    more(count)
    copy(bytes, literalsFrom, block, end, count)
    end += count
    return true
  }

  placeByHash.fill(-1)
  let misses = 0
  for (let at = 0; at < bytes.length - LAST_REPEAT;) {
    const four = fourAt(bytes, at)
    const hash = Math.imul(four, HASH_FACTOR) >>> (32 - HASH_BITS)
    const place = placeByHash[hash]!
    const distance = at - place
    placeByHash[hash] = at
    if (place < 0 || distance > DISTANCE_MAX || fourAt(bytes, place) !== four) {
      at += 1 + (misses >> PATIENCE_BITS)
      misses++
      continue
    }
    misses = 0
    let next = at + REPEAT_MIN
    while (next < bytes.length - REPEATS_END && bytes[next] === bytes[next - distance]) next++
    const beyond = next - at - REPEAT_MIN
    if (!literals(at, beyond)) return null
    block[end] = distance
    block[end + 1] = distance >> 8
    end += 2
    more(beyond)
    at = next
    literalsFrom = next
  }
  return literals(bytes.length, 0) ? block.subarray(0, end) : null
}

/** The bytes, so many of them, that this block was made of. Null where it is no such block. */
export function restored(block: Uint8Array, length: number): Uint8Array | null {
  const bytes = new Uint8Array(length)
  let at = 0
  let end = 0

  const lengthFrom = (half: number) => {
    let sum = half
    for (let more = half === HALF_MAX ? MORE_MAX : 0; more === MORE_MAX; at++) {
      more = block[at]!
      sum += more
    }
    return sum
  }

  while (at < block.length) {
    const token = block[at]!
    at++
    const literals = lengthFrom(token >> 4)
    if (!(at + literals <= block.length && end + literals <= length)) return null
    copy(block, at, bytes, end, literals)
    at += literals
    end += literals
    if (at === block.length) break
    const distance = block[at]! + block[at + 1]! * 256
    at += 2
    const repeated = lengthFrom(token & HALF_MAX) + REPEAT_MIN
    if (!(distance > 0 && distance <= end && end + repeated <= length)) return null
    copy(bytes, end - distance, bytes, end, repeated)
    end += repeated
  }
  return end === length ? bytes : null
}

function fourAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** What is copied may be what is being written. */
function copy(from: Uint8Array, at: number, to: Uint8Array, start: number, count: number): void {
  const overlaps = from === to && start - at < count
  if (count > LONG && !overlaps) return to.set(from.subarray(at, at + count), start)
  for (let i = 0; i < count; i++) to[start + i] = from[at + i]!
}
