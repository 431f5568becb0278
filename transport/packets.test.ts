import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat } from '../protocol/concat.ts'
import { FRAME_BYTES_MAX, PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { Credit } from './credit.ts'
import { FRAME_PARTS_MAX } from './link-limits.ts'
import type { Lane } from './link.ts'
import { PacketQueue, PacketReader } from './packets.ts'

/** For tests of the packing alone. */
class Unlimited extends Credit {
  override get dataMayPass() {
    return true
  }

  override received() {
    return true
  }
}

/** A frame that names its lane and its number there, so that a test can tell where it belongs. */
function frameOf(lane: Lane, n: number, size: number): Uint8Array {
  const frame = new Uint8Array(Math.max(size, 5)).fill(n)
  new DataView(frame.buffer).setUint32(1, n)
  frame[0] = lane === 'control' ? 0 : 1
  return frame
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const laneOf = (frame: Uint8Array): Lane => (frame[0] === 0 ? 'control' : 'data')

function drain(queue: PacketQueue): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (let packet = queue.next(); packet !== null; packet = queue.next()) packets.push(packet)
  return packets
}

function readAll(packets: readonly Uint8Array[]): Uint8Array[] {
  const reader = new PacketReader(new Unlimited())
  return packets.flatMap((packet) => {
    const frames = reader.read(packet)
    if (!frames.ok) throw new Error(frames.error)
    return frames.value
  })
}

const lane = fc.constantFrom<Lane>('control', 'data')
const size = fc.oneof(
  fc.nat(300),
  fc.integer({ min: PACKET_BYTES_MAX - 8, max: PACKET_BYTES_MAX + 8 }),
  fc.nat(3 * PACKET_BYTES_MAX),
)
/** Frames to push, and how many packets to take after each. */
const steps = fc.array(fc.record({ lane, size, packets: fc.nat(2) }), { maxLength: 60 })

test('any frames come out whole, in the order of their lane, whenever packets are taken', () => {
  fc.assert(
    fc.property(steps, (pushes) => {
      const queue = new PacketQueue(new Unlimited())
      const packets: Uint8Array[] = []
      const sent = pushes.map((push, n) => {
        const frame = frameOf(push.lane, n, push.size)
        queue.push(frame, push.lane)
        for (let i = 0; i < push.packets; i++) {
          const packet = queue.next()
          if (packet !== null) packets.push(packet)
        }
        return frame
      })
      const read = readAll([...packets, ...drain(queue)])
      for (const lane of ['control', 'data'] as const) {
        const [want, got] = [sent, read].map((frames) =>
          frames.filter((frame) => laneOf(frame) === lane).map((frame) => Buffer.from(frame)),
        )
        expect(got?.length).toBe(want?.length)
        got?.forEach((frame, i) => expect(frame.equals(want?.[i] as Buffer)).toBe(true))
      }
      expect(queue.queuedBytes).toBe(0)
    }),
  )
})

test('no packet is above its limit, and only the last has much room left', () => {
  fc.assert(
    fc.property(steps, (pushes) => {
      const queue = new PacketQueue(new Unlimited())
      pushes.forEach((push, n) => queue.push(frameOf(push.lane, n, push.size), push.lane))
      const packets = drain(queue)
      for (const packet of packets) expect(packet.length).toBeLessThanOrEqual(PACKET_BYTES_MAX)
      for (const packet of packets.slice(0, -1))
        expect(packet.length).toBeGreaterThan(PACKET_BYTES_MAX - 8)
    }),
  )
})

describe('packing', () => {
  test('small frames of both lanes share one packet, control first', () => {
    const queue = new PacketQueue(new Unlimited())
    for (let n = 0; n < 100; n++)
      queue.push(frameOf(n % 2 === 0 ? 'data' : 'control', n, 20), n % 2 === 0 ? 'data' : 'control')
    const [packet, ...more] = drain(queue)
    expect(more).toEqual([])
    const lanes = readAll([packet as Uint8Array]).map(laneOf)
    expect(lanes).toEqual([...Array<Lane>(50).fill('control'), ...Array<Lane>(50).fill('data')])
  })

  test('a control frame comes through between the parts of a large data frame', () => {
    const queue = new PacketQueue(new Unlimited())
    queue.push(frameOf('data', 1, 5 * PACKET_BYTES_MAX), 'data')
    const first = queue.next() as Uint8Array
    queue.push(frameOf('control', 2, 10), 'control')
    const frames = readAll([first, ...drain(queue)])
    expect(frames.map(laneOf)).toEqual(['control', 'data'])
    expect(frames[1]?.length).toBe(5 * PACKET_BYTES_MAX)
  })

  test('a frame in pieces makes the packets that it makes in one', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: PACKET_BYTES_MAX + 9 }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 4 }), (frames) => {
        const [whole, inPieces] = [new Unlimited(), new Unlimited()].map(
          (credit) => new PacketQueue(credit),
        ) as [PacketQueue, PacketQueue]
        for (const pieceSizes of frames) {
          const pieces = pieceSizes.map((size, n) => new Uint8Array(size).fill(n))
          whole.push(concat(pieces), 'data')
          inPieces.push(pieces, 'data')
          expect(inPieces.queuedBytes).toBe(whole.queuedBytes)
        }
        expect(drain(inPieces).map(hashOf)).toEqual(drain(whole).map(hashOf))
      }),
      { numRuns: 30 },
    )
  })

  test('the bytes of a packet are pinned', () => {
    const queue = new PacketQueue(new Unlimited())
    queue.push(Uint8Array.of(1, 2, 3), 'data')
    queue.push(new Uint8Array(200).fill(7), 'control')
    expect(Buffer.from(queue.next() as Uint8Array).toString('hex')).toBe(
      '02c801' + '07'.repeat(200) + '0303010203',
    )
  })

  test('queuedBytes counts what no packet has taken', () => {
    const queue = new PacketQueue(new Unlimited())
    queue.push(new Uint8Array(PACKET_BYTES_MAX), 'data')
    queue.push(new Uint8Array(100), 'control')
    expect(queue.queuedBytes).toBe(PACKET_BYTES_MAX + 100)
    queue.next()
    expect(queue.queuedBytes).toBeGreaterThan(0)
    queue.next()
    expect(queue.queuedBytes).toBe(0)
    expect(queue.next()).toBe(null)
  })

  test('an empty frame is a bug of the sender', () => {
    expect(() => new PacketQueue(new Unlimited()).push(new Uint8Array(0), 'data')).toThrow(
      '0 bytes',
    )
  })

  test('a hundred thousand waiting frames are packed in one go without slowing down', () => {
    const queue = new PacketQueue(new Unlimited())
    for (let n = 0; n < 100_000; n++) queue.push(frameOf('data', n, 20), 'data')
    expect(
      readAll(drain(queue)).map((frame) =>
        new DataView(frame.buffer, frame.byteOffset).getUint32(1),
      ),
    ).toEqual(Array.from({ length: 100_000 }, (_, n) => n))
  })
})

describe('reading what no Baton sends', () => {
  const errorOf = (...bytes: number[]) => {
    const result = new PacketReader(new Unlimited()).read(Uint8Array.from(bytes))
    return result.ok ? null : result.error
  }

  test('any bytes get an answer, never an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (packets) => {
        const reader = new PacketReader(new Unlimited())
        for (const packet of packets) reader.read(packet)
      }),
      { numRuns: 2_000 },
    )
  })

  test('so do packets of ours with bytes changed, lost or added', () => {
    const mutation = fc.record({
      at: fc.nat(400),
      drop: fc.nat(3),
      insert: fc.uint8Array({ maxLength: 3 }),
    })
    fc.assert(
      fc.property(
        fc.array(fc.nat(80), { maxLength: 6 }),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (sizes, mutations) => {
          const queue = new PacketQueue(new Unlimited())
          sizes.forEach((size, n) => queue.push(frameOf('data', n, size), 'data'))
          const bytes = drain(queue).flatMap((packet) => [...packet])
          for (const { at, drop, insert } of mutations)
            bytes.splice(at % (bytes.length + 1), drop, ...insert)
          new PacketReader(new Unlimited()).read(Uint8Array.from(bytes))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('each fault is named', () => {
    expect(errorOf(6, 1, 0)).toContain('header 6')
    expect(errorOf(4, 7)).toContain('a credit of 7 bytes')
    expect(errorOf(5, 7)).toContain('a credit of 7 bytes')
    expect(errorOf(3)).toContain('no end')
    expect(errorOf(3, 0x80)).toContain('no end')
    expect(errorOf(3, 0x80, 0x80, 0x80, 1)).toContain('no end')
    expect(errorOf(3, 0)).toContain('0 bytes')
    expect(errorOf(3, 2, 9)).toContain('2 bytes where 1 are left')
    expect(errorOf(...new Uint8Array(PACKET_BYTES_MAX + 1))).toContain('packet of')
  })

  test('a frame without end is cut off at its limit', () => {
    const part = new Uint8Array(PACKET_BYTES_MAX).fill(9)
    part.set([1, 0xfc, 0xff, 0x03]) // data, not the last, 65,532 bytes
    const reader = new PacketReader(new Unlimited())
    let bytes = 0
    while (reader.read(part).ok) bytes += part.length - 4
    expect(bytes).toBeLessThanOrEqual(FRAME_BYTES_MAX)
    expect(bytes).toBeGreaterThan(FRAME_BYTES_MAX - PACKET_BYTES_MAX)
  })

  test('a frame in crumbs is cut off long before', () => {
    const reader = new PacketReader(new Unlimited())
    let parts = 0
    while (reader.read(Uint8Array.of(1, 1, 9)).ok) parts++
    expect(parts).toBe(FRAME_PARTS_MAX)
  })
})
