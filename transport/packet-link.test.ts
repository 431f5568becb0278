import { describe, expect, test } from 'vitest'
import { PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { CREDIT_BYTES } from './link-limits.ts'
import type { Lane } from './link.ts'
import { PacketLink } from './packet-link.ts'

const KIB = 1024

/** A link whose other side is the test itself: it sees each packet, and answers as it likes. */
class Bench {
  readonly sent: Uint8Array[] = []
  readonly frames: Uint8Array[] = []
  reason: string | null = null
  isClosed = false
  readonly link = new PacketLink({
    hasRoom: () => true,
    heldBytes: () => 0,
    send: (packet) => {
      this.sent.push(packet)
    },
    close: () => {
      this.isClosed = true
    },
  })

  listen(): this {
    this.link.listen({
      frame: (bytes) => this.frames.push(bytes),
      close: (reason) => {
        this.reason = reason
      },
    })
    return this
  }

  get sentBytes(): number {
    return this.sent.reduce((sum, packet) => sum + packet.length, 0)
  }

  /** The grants among what was sent. */
  get grants(): number[] {
    return this.sent
      .filter((packet) => packet[0] === 4)
      .map((packet) => (packet[1]! & 127) + ((packet[2]! & 127) << 7) + ((packet[3] ?? 0) << 14))
  }
}

/** Header 4 grants, header 5 shows. */
const credit = (header: 4 | 5, bytes: number) =>
  Uint8Array.of(header, (bytes & 127) | 128, ((bytes >> 7) & 127) | 128, bytes >> 14)

/** A packet of one whole frame of data. */
function packetOf(bytes: number, lane: Lane = 'data'): Uint8Array {
  const packet = new Uint8Array(bytes)
  packet.set([
    lane === 'data' ? 3 : 2,
    ((bytes - 4) & 127) | 128,
    (((bytes - 4) >> 7) & 127) | 128,
    (bytes - 4) >> 14,
  ])
  return packet
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('[LK4] the frames of one turn share packets, however many they fill', async () => {
  const bench = new Bench().listen()
  for (let n = 0; n < 3; n++) bench.link.send(new Uint8Array(KIB), 'data')
  expect(bench.sent).toEqual([])
  await nextTurn()
  expect(bench.sent.length).toBe(1)
  for (let n = 0; n < 5; n++) bench.link.send(new Uint8Array(60 * KIB), 'data')
  expect(bench.sent.length).toBe(1)
  await nextTurn()
  expect(bench.sent.length).toBe(1 + 5)
  expect(bench.sentBytes).toBeLessThan(304 * KIB)
})

describe('[LK11] a sender without credit', () => {
  test('hands over a bounded part, and the rest as it is granted', async () => {
    const bench = new Bench().listen()
    for (let n = 0; n < 64; n++) bench.link.send(new Uint8Array(64 * KIB), 'data')
    await nextTurn()
    expect(bench.sentBytes).toBeGreaterThanOrEqual(CREDIT_BYTES)
    expect(bench.sentBytes).toBeLessThan(CREDIT_BYTES + PACKET_BYTES_MAX)
    bench.link.received(credit(4, CREDIT_BYTES / 2))
    await nextTurn()
    expect(bench.sentBytes).toBeGreaterThanOrEqual(1.5 * CREDIT_BYTES)
    expect(bench.sentBytes).toBeLessThan(1.5 * CREDIT_BYTES + PACKET_BYTES_MAX)
  })

  test('still sends thousands of heartbeats', async () => {
    const bench = new Bench().listen()
    for (let n = 0; n < 64; n++) bench.link.send(new Uint8Array(64 * KIB), 'data')
    await nextTurn()
    const before = bench.sentBytes
    for (let n = 0; n < 4_000; n++) {
      bench.link.send(new Uint8Array(12), 'control')
      await Promise.resolve()
    }
    await nextTurn()
    expect(bench.sentBytes - before).toBe(4_000 * 14)
  })

  test('and with too many of these even they wait', async () => {
    const bench = new Bench().listen()
    for (let n = 0; n < 40; n++) bench.link.send(new Uint8Array(64 * KIB), 'control')
    await nextTurn()
    expect(bench.sentBytes).toBeLessThan(CREDIT_BYTES + 3 * PACKET_BYTES_MAX)
    expect(bench.link.queuedBytes).toBeGreaterThan(20 * 64 * KIB)
  })
})

describe('[LK11] a receiver', () => {
  test('grants what its page has consumed, about half of the credit at a time', async () => {
    const bench = new Bench().listen()
    await nextTurn()
    for (let n = 0; n < 8; n++) bench.link.received(packetOf(PACKET_BYTES_MAX))
    await nextTurn()
    expect(bench.grants.length).toBe(1)
    expect(bench.grants[0]).toBeGreaterThan(CREDIT_BYTES / 2 - 64 * KIB)
    expect(bench.grants[0]).toBeLessThanOrEqual(CREDIT_BYTES / 2)
  })

  test('grants nothing while nobody listens, and all of it then', async () => {
    const bench = new Bench()
    for (let n = 0; n < 16; n++) bench.link.received(packetOf(PACKET_BYTES_MAX))
    await nextTurn()
    expect(bench.grants).toEqual([])
    bench.listen()
    await nextTurn()
    expect(bench.grants[0]).toBeGreaterThan(CREDIT_BYTES - 64 * KIB)
    expect(bench.frames.length).toBe(16)
  })

  test('closes the link of a sender that goes on without seeing its grants', async () => {
    const bench = new Bench().listen()
    await nextTurn()
    let packets = 0
    for (; !bench.isClosed && packets < 100; packets++) {
      bench.link.received(packetOf(PACKET_BYTES_MAX))
      await nextTurn()
    }
    expect(packets * PACKET_BYTES_MAX).toBeLessThan(2 * CREDIT_BYTES)
    expect(bench.reason).toBe('malformed: a flood')
  })

  test('closes the link of one that guesses at grants', async () => {
    const bench = new Bench().listen()
    await nextTurn()
    for (let n = 0; n < 8; n++) bench.link.received(packetOf(PACKET_BYTES_MAX))
    await nextTurn()
    bench.link.received(credit(5, (bench.grants[0] as number) - 1))
    await nextTurn()
    expect(bench.reason).toMatch(/^malformed: a credit/)
  })

  test('goes on without end with one that shows what it was granted', async () => {
    const bench = new Bench().listen()
    await nextTurn()
    let shown = 0
    for (let n = 0; n < 200; n++) {
      bench.link.received(packetOf(PACKET_BYTES_MAX))
      await nextTurn()
      for (; shown < bench.grants.length; shown++)
        bench.link.received(credit(5, bench.grants[shown] as number))
    }
    expect([bench.isClosed, bench.frames.length]).toEqual([false, 200])
  })

  test('closes the link of one that grants what it was never sent', async () => {
    const bench = new Bench().listen()
    bench.link.received(credit(4, 20_000))
    await nextTurn()
    expect(bench.reason).toMatch(/^malformed: a credit/)
  })
})

test('[LK7] frames that nobody takes in are bounded by their credit', async () => {
  const bench = new Bench()
  for (let n = 0; n < 100; n++) bench.link.received(packetOf(PACKET_BYTES_MAX))
  bench.listen()
  await nextTurn()
  expect([bench.reason, bench.frames.length]).toEqual(['malformed: a flood', 0])
})
