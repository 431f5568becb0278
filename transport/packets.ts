// Owns how frames become the packets that a link hands to its carrier, and frames again. Small frames share packets,
// large ones are split over several. Control frames go ahead of data, between the parts of a data frame too. It knows
// neither time nor what carries the packets.
//
//   packet = unit*            at most PACKET_BYTES_MAX
//   unit   = header, length, bytes: a part of a frame; or header, number: about credit
//   header = one byte. Of a part: bit 0 is the lane (0 control, 1 data), bit 1 is set on the last unit of a frame.
//            4 grants so many bytes, 5 shows that a grant of so many was seen
//   length = of the bytes; like number 1 and up, seven bits to a byte, lowest first, the top bit set where more follow

import { concat } from '../protocol/concat.ts'
import { assert } from '../protocol/errors.ts'
import { FRAME_BYTES_MAX, PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Credit } from './credit.ts'
import { FRAME_PARTS_MAX } from './link-limits.ts'
import type { FrameBytes, Lane } from './link.ts'

const DATA_BIT = 1
const LAST_BIT = 2
const GRANT = 4
const SHOWN = 5
/** A length is below 2^21: far above what fits a packet. */
const NUMBER_BYTES_MAX = 3
/** Header and length. */
const UNIT_OVERHEAD_MAX = 1 + NUMBER_BYTES_MAX

/** Frames on their way out. */
export class PacketQueue {
  readonly #control = new LaneQueue(0)
  readonly #data = new LaneQueue(DATA_BIT)
  readonly #credit: Credit

  constructor(credit: Credit) {
    this.#credit = credit
  }

  /** Bytes of frames that `next` has not given out yet. */
  get queuedBytes(): number {
    return this.#control.bytes + this.#data.bytes
  }

  /** A frame of 1 B to FRAME_BYTES_MAX. It is copied only when its packet is made. */
  push(frame: FrameBytes, lane: Lane): void {
    const outgoing = new OutgoingFrame(frame instanceof Uint8Array ? [frame] : frame)
    const { left } = outgoing
    assert(left > 0 && left <= FRAME_BYTES_MAX, `a frame of ${left} bytes was sent`)
    const queue = lane === 'control' ? this.#control : this.#data
    queue.push(outgoing)
  }

  /** The next packet, of at most so many bytes, or null when nothing waits that there is credit for. */
  next(bytesMax = PACKET_BYTES_MAX): Uint8Array | null {
    const credit = this.#credit
    const lanes = this.#lanesWithCredit
    const needed = lanes.reduce((bytes, lane) => bytes + lane.unitBytesMax, 0)
    if (needed === 0 && !credit.grantIsDue) return null
    const packet = new Uint8Array(Math.min(needed + 2 * UNIT_OVERHEAD_MAX, bytesMax))
    let end = writeNumber(packet, 0, GRANT, credit.grant())
    end = writeNumber(packet, end, SHOWN, credit.show())
    for (const lane of lanes) end = lane.fill(packet, end)
    credit.sent(end)
    return packet.subarray(0, end)
  }

  get #lanesWithCredit(): readonly LaneQueue[] {
    if (this.#credit.dataMayPass) return [this.#control, this.#data]
    return this.#credit.controlMayPass ? [this.#control] : []
  }
}

/** The frames of one lane, first in, first out. */
class LaneQueue {
  readonly #laneBit: number
  /** Two stacks make a queue: taking out is a pop, and each frame is turned over once. */
  #pushed: OutgoingFrame[] = []
  #next: OutgoingFrame[] = []
  #bytes = 0

  constructor(laneBit: number) {
    this.#laneBit = laneBit
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What all units would take at most. */
  get unitBytesMax(): number {
    return this.#bytes + UNIT_OVERHEAD_MAX * (this.#pushed.length + this.#next.length)
  }

  push(frame: OutgoingFrame): void {
    this.#pushed.push(frame)
    this.#bytes += frame.left
  }

  /** Writes as many units as fit from `at` on; returns where it stopped. A split frame leaves no room for another. */
  fill(packet: Uint8Array, at: number): number {
    let end = at
    while (packet.length - end > UNIT_OVERHEAD_MAX) {
      const frame = this.#front()
      if (frame === undefined) break
      end = this.#writeUnit(packet, end, frame)
    }
    return end
  }

  /** Writes as much of the front frame as fits; returns where it stopped. */
  #writeUnit(packet: Uint8Array, at: number, frame: OutgoingFrame): number {
    const room = packet.length - at - UNIT_OVERHEAD_MAX
    const size = Math.min(frame.left, room)
    const isLast = size === frame.left
    packet[at] = this.#laneBit | (isLast ? LAST_BIT : 0)
    const start = writeLength(packet, at + 1, size)
    frame.moveTo(packet.subarray(start, start + size))
    this.#bytes -= size
    if (isLast) this.#next.pop()
    return start + size
  }

  #front(): OutgoingFrame | undefined {
    if (this.#next.length === 0 && this.#pushed.length > 0) {
      this.#next = this.#pushed.reverse()
      this.#pushed = []
    }
    return this.#next.at(-1)
  }
}

/** A frame of which the last bytes did not go out yet. */
class OutgoingFrame {
  readonly #pieces: readonly Uint8Array[]
  /** The piece that goes out next, and how much of it went out in earlier packets. */
  #next = 0
  #sent = 0
  #left: number

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces
    this.#left = pieces.reduce((sum, { length }) => sum + length, 0)
  }

  get left(): number {
    return this.#left
  }

  /** Fills the target with the bytes that go out next. There are as many. */
  moveTo(target: Uint8Array): void {
    this.#left -= target.length
    for (let at = 0; at < target.length;) {
      const piece = this.#pieces[this.#next]!
      const part = piece.subarray(this.#sent, this.#sent + target.length - at)
      target.set(part, at)
      at += part.length
      this.#sent += part.length
      if (this.#sent === piece.length) this.#goOn()
    }
  }

  #goOn(): void {
    this.#next++
    this.#sent = 0
  }
}

/** Makes frames of the packets of one other side. */
export class PacketReader {
  readonly #control = new FrameAssembly()
  readonly #data = new FrameAssembly()
  readonly #credit: Credit

  constructor(credit: Credit) {
    this.#credit = credit
  }

  /**
   * The frames that this packet completes, in order. They may be views into it. Never throws; after a failure
   * the rest of the link cannot be read either.
   */
  read(packet: Uint8Array): Result<readonly Uint8Array[]> {
    if (packet.length > PACKET_BYTES_MAX) return fail(`a packet of ${packet.length} bytes`)
    const frames: Uint8Array[] = []
    let at = 0
    while (at < packet.length) {
      const header = packet[at] as number
      if (header > SHOWN) return fail(`a unit with header ${header}`)
      const number = readNumber(packet, at + 1)
      if (number === null) return fail('a unit whose length has no end')
      at = number.end
      if (header >= GRANT) {
        if (!this.#creditIs(header, number.value))
          return fail(`a credit of ${number.value} bytes that is none`)
        continue
      }
      const size = number.value
      if (size === 0 || at + size > packet.length)
        return fail(`a unit of ${size} bytes where ${packet.length - at} are left`)
      const assembly = header & DATA_BIT ? this.#data : this.#control
      if (!assembly.add(packet.subarray(at, at + size))) return fail('a frame that is too large')
      if (header & LAST_BIT) frames.push(assembly.drain())
      at += size
    }
    return this.#credit.received(packet.length) ? ok(frames) : fail('a flood')
  }

  /** Counts what is said about credit; false where it cannot be so. */
  #creditIs(header: number, bytes: number): boolean {
    return header === GRANT ? this.#credit.granted(bytes) : this.#credit.shown(bytes)
  }
}

/** The parts of a frame that is not whole yet; they are joined once, at the end. */
class FrameAssembly {
  #parts: Uint8Array[] = []
  #bytes = 0

  /** False when the frame would be over its limit. */
  add(part: Uint8Array): boolean {
    this.#parts.push(part)
    this.#bytes += part.length
    return this.#bytes <= FRAME_BYTES_MAX && this.#parts.length <= FRAME_PARTS_MAX
  }

  /** The whole frame; the next part begins another. */
  drain(): Uint8Array {
    const frame = concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    return frame
  }
}

/** A unit about credit, where there is any. */
function writeNumber(packet: Uint8Array, at: number, header: number, bytes: number): number {
  if (bytes === 0) return at
  packet[at] = header
  return writeLength(packet, at + 1, bytes)
}

/** Returns where it stopped. */
function writeLength(packet: Uint8Array, at: number, length: number): number {
  let end = at
  let rest = length
  while (rest > 0x7f) {
    packet[end] = (rest & 0x7f) | 0x80
    end++
    rest >>>= 7
  }
  packet[end] = rest
  return end + 1
}

/** Null where it is longer than any of ours, or the packet ends before it does. */
function readNumber(packet: Uint8Array, at: number): { value: number; end: number } | null {
  let value = 0
  for (let i = 0; i < NUMBER_BYTES_MAX; i++) {
    const byte = packet[at + i]
    if (byte === undefined) return null
    value |= (byte & 0x7f) << (7 * i)
    if (byte <= 0x7f) return { value, end: at + i + 1 }
  }
  return null
}
