import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { PeerId } from '../protocol/ids.ts'
import { NONCE_BYTES, seal } from '../protocol/seal.ts'
import { peer, topicOf } from '../protocol/testing-ids.ts'
import { Connector } from './connector.ts'
import { encodeEnvelope } from './envelope.ts'
import { FakeNetwork } from './fake-peer.ts'
import {
  CANDIDATES_MAX,
  CONNECT_TIMEOUT_MS,
  CONNECTING_MAX,
  CREATION_WINDOW_MS,
  CREATIONS_MAX,
} from './link-limits.ts'
import type { Link } from './link.ts'
import { ManualTimers } from './manual-timers.ts'
import type { PeerSignal } from './webrtc-peer.ts'

const topic = topicOf('T')
const key = Uint8Array.from(randomBytes(32))
const [A, B] = [peer('A'), peer('B')]

type Signal = {
  readonly from: PeerId
  readonly to: PeerId
  readonly attempt: string
  readonly box: string
}

let timers: ManualTimers
let network: FakeNetwork
/** What signaling holds; `deliver` lets it through. */
let mail: Signal[]
let brought: Signal[]
let connectors: Map<PeerId, Connector>
/** One line per event, as the owners of the connectors hear them. */
let events: string[]
let links: Map<PeerId, Link>

beforeEach(() => {
  timers = new ManualTimers()
  network = new FakeNetwork()
  mail = []
  brought = []
  connectors = new Map()
  events = []
  links = new Map()
})

function join(self: PeerId, roomKey = key): Connector {
  const name = self[0]
  const connector = new Connector({
    self,
    topic,
    key: roomKey,
    random: randomBytes,
    timers,
    createPeer: network.createPeer,
    sendSignal: (to, attempt, box) => mail.push({ from: self, to, attempt, box }),
    onLink(peer, link) {
      events.push(`${name} linked ${peer[0]}`)
      links.set(self, link)
      link.listen({
        frame: (bytes) => events.push(`${name} got ${bytes}`),
        close: (reason) => events.push(`${name} lost ${peer[0]}: ${reason}`),
      })
    },
    sendBox: () => {},
    onTampered: () => {},
    onFailed: (peer, reason) => events.push(`${name} failed ${peer[0]}: ${reason}`),
  })
  connectors.set(self, connector)
  return connector
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Lets signaling bring everything, and what follows from it, until all is quiet. */
async function deliver(): Promise<void> {
  await nextTurn()
  while (mail.length > 0) {
    const signal = mail.shift() as Signal
    brought.push(signal)
    bring(signal)
    await nextTurn()
  }
}

function bring({ from, to, attempt, box }: Signal): void {
  connectors.get(to)?.receive(from, attempt, box)
}

function sealed(
  from: PeerId,
  to: PeerId,
  attempt: string,
  count: number,
  signal: PeerSignal,
  roomKey = key,
): string {
  return seal(
    roomKey,
    { topic, from, to, attempt },
    encodeEnvelope({ count, signal }),
    randomBytes(NONCE_BYTES),
  )
}

const candidate: PeerSignal = {
  type: 'candidate',
  candidate: { candidate: 'there', sdpMid: '0', sdpMLineIndex: 0 },
}

describe('connecting', () => {
  test('one side asks, both get a link, and frames pass', async () => {
    join(A).connect(B)
    join(B)
    await deliver()
    expect(events).toEqual(['A linked B', 'B linked A'])
    links.get(A)?.send(Uint8Array.of(7), 'data')
    await nextTurn()
    expect(events).toContain('B got 7')
  })

  test('asking again while connecting or linked starts nothing', async () => {
    const a = join(A)
    a.connect(B)
    a.connect(B)
    join(B)
    await deliver()
    a.connect(B)
    await deliver()
    expect(network.peers.length).toBe(2)
  })

  test('candidates are passed on after the link is open, too', async () => {
    const a = join(A)
    join(B).connect(A)
    await deliver()
    const attempt = brought[0]?.attempt ?? ''
    a.receive(B, attempt, sealed(B, A, attempt, 99, candidate))
    expect(network.peers.find((peer) => !peer.initiator)?.signals).toContainEqual(candidate)
  })

  test('both asking at once end in one link, by the lower id', async () => {
    join(A).connect(B)
    join(B).connect(A)
    await deliver()
    expect(events).toEqual(['A linked B', 'B linked A'])
    const alive = network.peers.filter((peer) => !peer.isDestroyed)
    expect(alive.map((peer) => peer.initiator)).toEqual([true, false])
    expect(alive[0]).toBe(network.peers[0])
  })

  test('an attempt that waits for its turn gives way to an offer, whatever the ids', async () => {
    const a = join(A)
    for (let n = 0; n < CONNECTING_MAX; n++) a.connect(peer(String.fromCharCode(67 + n)))
    a.connect(B)
    join(B).connect(A)
    await deliver()
    a.disconnect(peer('C'), 'gone')
    await deliver()
    expect(events).toEqual(['B linked A', 'A linked B'])
  })

  test('an offer after the answer means that the other side starts over', async () => {
    network.connects = false
    join(A).connect(B)
    const b = join(B)
    await deliver()
    b.disconnect(A, 'starting over')
    network.connects = true
    b.connect(A)
    await deliver()
    expect(events).toEqual(['B linked A', 'A linked B'])
  })

  test('what signaling lost is said again', async () => {
    const a = join(A)
    a.connect(B)
    join(B).connect(A)
    await nextTurn()
    mail = []
    a.repeatSignals()
    a.repeatSignals()
    await deliver()
    expect(events).toEqual(['A linked B', 'B linked A'])
  })
})

describe('an end', () => {
  test('is told when nothing came of an attempt in time', async () => {
    join(A).connect(B)
    await deliver()
    timers.advance(CONNECT_TIMEOUT_MS - 1)
    expect(events).toEqual([])
    timers.advance(1)
    expect(events).toEqual(['A failed B: timeout'])
    expect(network.peers[0]?.isDestroyed).toBe(true)
  })

  test('is told when the browser refuses a connection, though not inside connect', async () => {
    network.peers.push = () => {
      throw new Error('no WebRTC here')
    }
    join(A).connect(B)
    expect(events).toEqual([])
    await nextTurn()
    expect(events).toEqual(['A failed B: no WebRTC here'])
  })

  test('is told when the other side speaks nonsense', async () => {
    join(A).receive(B, 'x', sealed(B, A, 'x', 1, { type: 'offer', sdp: 'nonsense' }))
    await nextTurn()
    expect(events).toEqual(['A failed B: that is no description'])
  })

  test('of a link is seen on both sides, and the next attempt may start', async () => {
    const a = join(A)
    a.connect(B)
    join(B)
    await deliver()
    links.get(A)?.close('enough')
    a.connect(B)
    await deliver()
    expect(events.slice(2)).toEqual([
      'A lost B: enough',
      'B lost A: closed',
      'A linked B',
      'B linked A',
    ])
  })

  test('by disconnect is no failure', async () => {
    const a = join(A)
    a.connect(B)
    await deliver()
    a.disconnect(B, 'gone')
    await nextTurn()
    expect(events).toEqual([])
    expect(network.peers[0]?.isDestroyed).toBe(true)
  })

  test('by close destroys everything and starts nothing any more', async () => {
    const a = join(A)
    for (let n = 0; n < 20; n++) a.connect(peer(String.fromCharCode(66 + n)))
    await nextTurn()
    a.close()
    a.connect(B)
    a.receive(B, 'x', sealed(B, A, 'x', 1, { type: 'offer', sdp: 'peer 0' }))
    await nextTurn()
    expect(network.peers.length).toBe(CONNECTING_MAX)
    expect(network.peers.every((peer) => peer.isDestroyed)).toBe(true)
  })
})

describe('an offer while a link is open', () => {
  async function reconnect(): Promise<void> {
    join(A).connect(B)
    join(B)
    await deliver()
    events.length = 0
    join(B).connect(A) // B has lost its side, and knows nothing of the link
  }

  test('replaces the link once the new one is open', async () => {
    await reconnect()
    await deliver()
    expect(events.filter((event) => event.startsWith('A'))).toEqual([
      'A linked B',
      'A lost B: replaced',
    ])
  })

  test('leaves the link alone when nothing comes of it', async () => {
    await reconnect()
    network.connects = false
    await deliver()
    timers.advance(CONNECT_TIMEOUT_MS)
    await nextTurn()
    expect(events).toEqual(['B failed A: timeout'])
  })
})

describe('limits', () => {
  test(`at most ${CONNECTING_MAX} attempts are under way, the others wait their turn`, async () => {
    const a = join(A)
    for (let n = 0; n < 20; n++) a.connect(peer(String.fromCharCode(66 + n)))
    await deliver()
    expect(network.peers.length).toBe(CONNECTING_MAX)
    timers.advance(CONNECT_TIMEOUT_MS)
    await nextTurn()
    expect(network.peers.length).toBe(2 * CONNECTING_MAX)
    expect(events.filter((event) => event.includes('timeout')).length).toBe(CONNECTING_MAX)
  })

  test('peer connections are made at a bounded rate, however often an owner tries', async () => {
    const a = join(A)
    for (let n = 0; n < 2 * CREATIONS_MAX; n++) {
      a.connect(B)
      await nextTurn()
      a.disconnect(B, 'again')
    }
    expect(network.peers.length).toBe(CREATIONS_MAX)
    a.connect(B)
    timers.advance(CREATION_WINDOW_MS)
    await nextTurn()
    expect(network.peers.length).toBe(CREATIONS_MAX + 1)
  })

  test(`one side's candidates beyond ${CANDIDATES_MAX} are dropped`, async () => {
    const a = join(A)
    a.receive(B, 'x', sealed(B, A, 'x', 1, { type: 'offer', sdp: 'peer 0' }))
    for (let n = 0; n < 2 * CANDIDATES_MAX; n++)
      a.receive(B, 'x', sealed(B, A, 'x', n + 2, candidate))
    await nextTurn()
    expect(network.peers[0]?.signals.length).toBe(1 + CANDIDATES_MAX)
  })
})

describe('[SG2] no peer connection is made for an envelope', () => {
  const offer: PeerSignal = { type: 'offer', sdp: 'peer 0' }

  test('under another key, for other eyes or from another sender', async () => {
    const a = join(A)
    a.receive(B, 'x', sealed(B, A, 'x', 1, offer, Uint8Array.from(randomBytes(32))))
    a.receive(B, 'x', sealed(B, peer('C'), 'x', 1, offer))
    a.receive(B, 'x', sealed(peer('C'), A, 'x', 1, offer))
    a.receive(B, 'x', sealed(B, A, 'y', 1, offer))
    a.receive(B, 'x', 'rubbish')
    await nextTurn()
    expect(network.peers).toEqual([])
    expect(a.unreadableEnvelopes).toBe(5)
  })

  test('that is a replay of an attempt that has ended', async () => {
    join(B).connect(A)
    const a = join(A)
    await deliver()
    a.disconnect(B, 'enough')
    await nextTurn()
    for (const signal of brought) bring(signal)
    await nextTurn()
    expect(network.peers.length).toBe(2)
  })

  test('that is a replay within its attempt: nor does the connection hear it twice', async () => {
    const a = join(A)
    a.receive(B, 'x', sealed(B, A, 'x', 1, offer))
    const box = sealed(B, A, 'x', 3, candidate)
    a.receive(B, 'x', box)
    a.receive(B, 'x', box)
    a.receive(B, 'x', sealed(B, A, 'x', 2, candidate))
    await nextTurn()
    expect(network.peers.length).toBe(1)
    expect(network.peers[0]?.signals).toEqual([offer, candidate])
  })

  test('that answers, or adds a candidate, where nothing was asked', async () => {
    const a = join(A)
    a.receive(B, 'x', sealed(B, A, 'x', 1, { type: 'answer', sdp: 'peer 0' }))
    a.receive(B, 'x', sealed(B, A, 'x', 2, candidate))
    await nextTurn()
    expect(network.peers).toEqual([])
  })
})
