// What a member of the room can send as bytes and packets, through signaling, and to its own side. Rows 51 to 76 of
// docs/bad-input.md.

import { describe, expect } from 'vitest'
import type { PeerId, Term } from '../protocol/ids.ts'
import { encodeFrame } from '../protocol/frame-codec.ts'
import { FRAME_BYTES_MAX, PACKET_BYTES_MAX } from '../protocol/limits.ts'
import { NONCE_BYTES, open, seal } from '../protocol/seal.ts'
import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import { deriveRoom } from '../protocol/token.ts'
import { decodeValue, encodeValue } from '../protocol/value.ts'
import { peer, topicOf } from '../protocol/testing-ids.ts'
import { Peer } from '../peer/peer.ts'
import { Shell } from '../runtime/shell.ts'
import { Connector } from '../transport/connector.ts'
import { Credit } from '../transport/credit.ts'
import { encodeEnvelope, parseEnvelope } from '../transport/envelope.ts'
import { FakeNetwork } from '../transport/fake-peer.ts'
import { CANDIDATES_MAX, CONNECTING_MAX } from '../transport/link-limits.ts'
import { ManualTimers } from '../transport/manual-timers.ts'
import { memoryLinkPair } from '../transport/memory-link.ts'
import { PacketReader } from '../transport/packets.ts'
import { row } from './row.ts'

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
const MAX = Number.MAX_SAFE_INTEGER

/** A page's shell with a link to `s`, and what its app was told. */
async function shellWithLink() {
  const told: string[] = []
  const honest = new Peer(
    { self: peer('m'), canHost: true, visible: true, durability: 'standby' },
    0,
  )
  const shell = new Shell({
    peer: honest,
    clock: { now: () => 0, wakeAt: () => {}, cancel: () => {} },
    signal: () => {},
    connect: () => {},
    disconnect: () => {},
    onLinks: () => {},
    onOutput: () => {},
    onInputDone: () => {},
    onBroken: (error) => {
      told.push(`broken: ${(error as Error).message}`)
    },
    onMalformed: (from, what) => {
      told.push(`${from[0]}: ${what}`)
    },
  })
  const [mine, theirs] = memoryLinkPair()
  let isClosed = false
  const close = () => {
    isClosed = true
  }
  theirs.listen({ frame: () => {}, close })
  shell.linked(peer('s'), mine, 'direct')
  await nextTurn()
  return { told, theirs, isClosed: () => isClosed }
}

row(
  '51',
  'bytes that are no frame',
  'the link closes at the first one, the app gets peer-misbehaved, nothing is thrown',
  async () => {
    for (const bytes of [
      Uint8Array.of(255),
      Uint8Array.of(0, 99),
      Uint8Array.of(0, 17, 0),
      new Uint8Array(40).fill(0x80),
    ]) {
      const page = await shellWithLink()
      page.theirs.send(bytes, 'data')
      page.theirs.send(encodeFrame({ type: 'ping', at: 1, term: 0 as Term }), 'data')
      await nextTurn()
      expect(page.isClosed()).toBe(true)
      expect(page.told).toEqual([expect.stringMatching(/^s: malformed frame/)])
    }
  },
)

row(
  '52',
  'a frame of more than 16 MiB, in parts, or in crumbs',
  'a bug of the sender, cut off by the receiver with the link',
  () => {
    const [mine] = memoryLinkPair()
    expect(() => mine.send(new Uint8Array(FRAME_BYTES_MAX + 1), 'data')).toThrow()
    const reader = new PacketReader(Object.assign(new Credit(), { received: () => true }))
    const part = new Uint8Array(PACKET_BYTES_MAX).fill(9)
    part.set([1, 0xfc, 0xff, 0x03])
    let packets = 0
    while (reader.read(part).ok) packets++
    expect(packets * PACKET_BYTES_MAX).toBeLessThanOrEqual(FRAME_BYTES_MAX + PACKET_BYTES_MAX)
  },
)

row(
  '53',
  'a flood by a sender that waits for no credit',
  'the link closes within 1.25 MiB of what it was granted',
  () => {
    const reader = new PacketReader(new Credit())
    const packet = new Uint8Array(PACKET_BYTES_MAX)
    packet.set([3, 0xfc, 0xff, 0x03])
    let packets = 0
    while (reader.read(packet).ok) packets++
    expect(packets * PACKET_BYTES_MAX).toBeLessThanOrEqual(1.25 * 2 ** 20)
  },
)

describe('at the app’s own side', () => {
  row(
    '68',
    'values NaN, Infinity, BigInt, cycles, functions, undefined, a getter or toJSON that throws, ' +
      'Map, Date as toJSON has it',
    'bad-value at the caller, before a number is spent; a Date travels as its text',
    () => {
      const cycle: { self?: unknown } = {}
      cycle.self = cycle
      const thrower = {
        get x() {
          throw new Error('no')
        },
      }
      for (const value of [
        NaN,
        Infinity,
        { a: -Infinity },
        1n,
        { a: [1n] },
        cycle,
        () => {},
        undefined,
        Symbol('x'),
        thrower,
        {
          toJSON() {
            throw new Error('no')
          },
        },
        { toJSON: () => undefined },
        new Map(),
        [new Set()],
        new Float32Array(2),
        new ArrayBuffer(2),
      ]) {
        expect(() => encodeValue(value)).toThrow(expect.objectContaining({ name: 'BatonError' }))
      }
      expect(decodeValue(encodeValue(new Date(0)))).toBe('1970-01-01T00:00:00.000Z')
      expect(decodeValue(encodeValue({ a: undefined, b: 1 }))).toEqual({ b: 1 })
    },
  )

  row(
    '69',
    'JSON nested deeper than 64, from this app and from a member',
    'bad-value at the caller; peer-misbehaved at the receiver, which leaves the message out',
    () => {
      const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
      expect(() => encodeValue(nested(65))).toThrow(expect.objectContaining({ code: 'bad-value' }))
      expect(decodeValue(encodeValue(nested(64)))).toEqual(nested(64))
      const bytesOf = (json: string) => Uint8Array.from([0, ...Buffer.from(json)])
      for (const json of [
        '['.repeat(1_000) + ']'.repeat(1_000),
        `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`,
        '['.repeat(2_000_000),
      ])
        expect(() => decodeValue(bytesOf(json))).toThrow(
          expect.objectContaining({ code: 'peer-misbehaved' }),
        )
      const text = `${'[{'.repeat(200)}"\\"[[`
      expect(decodeValue(encodeValue({ text }))).toEqual({ text })
    },
  )

  row('76', 'waits of 2^31 ms and more in messages of the service', 'cut to one minute', () => {
    expect(
      parseFromSignaling(
        `{"type":"denied","term":1,"why":"wait","claim":null,"retryMs":${2 ** 31}}`,
      ),
    ).toMatchObject({ retryMs: 60_000 })
    expect(parseFromSignaling(`{"type":"pause","ms":${MAX}}`)).toMatchObject({ ms: 60_000 })
  })
})

describe('through signaling', () => {
  const key = new Uint8Array(32).fill(1)
  const topic = topicOf('t')
  const random = (length: number) => new Uint8Array(length).fill(7)

  function connector(network: FakeNetwork): Connector {
    return new Connector({
      self: peer('m'),
      topic,
      key,
      random,
      timers: new ManualTimers(),
      createPeer: network.createPeer,
      sendSignal: () => {},
      sendBox: () => {},
      onLink: () => {},
      onFailed: () => {},
      onTampered: () => {},
    } as ConstructorParameters<typeof Connector>[0])
  }

  function offer(from: PeerId, attempt: string, sealedUnder: Uint8Array, sdp = 'peer 0'): string {
    return seal(
      sealedUnder,
      { topic, from, to: peer('m'), attempt },
      encodeEnvelope({ count: 1, signal: { type: 'offer', sdp } }),
      new Uint8Array(NONCE_BYTES),
    )
  }

  const stranger = (n: number) => `${n}`.padEnd(22, 'x') as PeerId

  row(
    '71',
    'offers of 500 peers that do not exist, sealed under another key',
    'dropped before a connection is made; counted',
    async () => {
      const network = new FakeNetwork()
      const mine = connector(network)
      for (let n = 0; n < 500; n++)
        mine.receive(stranger(n), 'a', offer(stranger(n), 'a', new Uint8Array(32).fill(2)))
      await nextTurn()
      expect([network.peers.length, mine.unreadableEnvelopes]).toEqual([0, 500])
    },
  )

  row(
    '71a',
    'offers of 500 peers by one that holds the token',
    'eight connections at a time',
    async () => {
      const network = new FakeNetwork()
      network.connects = false
      const mine = connector(network)
      network.createPeer({ initiator: false })
      for (let n = 0; n < 500; n++) mine.receive(stranger(n), 'a', offer(stranger(n), 'a', key))
      await nextTurn()
      expect(network.peers.length - 1).toBe(CONNECTING_MAX)
    },
  )

  row(
    '72',
    'descriptions of 1 MB, 1,000 candidates, lines that no browser knows',
    'no envelope; 64 are taken; the attempt ends',
    async () => {
      expect(
        parseEnvelope(
          encodeEnvelope({ count: 1, signal: { type: 'offer', sdp: 'x'.repeat(2 ** 20) } }),
        ),
      ).toBe(null)
      const network = new FakeNetwork()
      network.connects = false
      const mine = connector(network)
      network.createPeer({ initiator: false })
      mine.receive(stranger(1), 'a', offer(stranger(1), 'a', key))
      await nextTurn()
      for (let count = 2; count < 1_002; count++) {
        const text = encodeEnvelope({
          count,
          signal: {
            type: 'candidate',
            candidate: { candidate: 'c', sdpMid: '0', sdpMLineIndex: 0 },
          },
        })
        mine.receive(
          stranger(1),
          'a',
          seal(
            key,
            { topic, from: stranger(1), to: peer('m'), attempt: 'a' },
            text,
            new Uint8Array(NONCE_BYTES).fill(count),
          ),
        )
      }
      expect(network.peers[1]?.signals.length).toBe(1 + CANDIDATES_MAX)
      mine.receive(stranger(2), 'b', offer(stranger(2), 'b', key, 'nonsense'))
      await nextTurn()
      expect(network.peers[2]?.isDestroyed).toBe(true)
    },
  )
})

row(
  '70',
  'a peer with another token',
  'in another room: its topic is another, and no envelope of its key opens',
  () => {
    const [ours, theirs] = [deriveRoom('a token of ours'), deriveRoom('a token of ourz')]
    expect(theirs.topic).not.toBe(ours.topic)
    const context = { topic: ours.topic, from: peer('s'), to: peer('m'), attempt: 'a' }
    const box = seal(theirs.key, context, 'hello', new Uint8Array(NONCE_BYTES))
    expect([open(ours.key, context, box), open(theirs.key, context, box)]).toEqual([null, 'hello'])
  },
)
