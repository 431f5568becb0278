import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from '../protocol/base64url.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { peer, topicOf } from '../protocol/testing-ids.ts'
import { Connector } from './connector.ts'
import { FakeNetwork } from './fake-peer.ts'
import {
  CONNECT_TIMEOUT_MS,
  DIRECT_AGAIN_MAX_MS,
  DIRECT_AGAIN_MIN_MS,
  RELAY_GRACE_MS,
  RELAY_PATIENCE_MS,
  RELAY_TIMEOUT_MS,
} from './link-limits.ts'
import type { Link } from './link.ts'
import { ManualTimers } from './manual-timers.ts'

const topic = topicOf('T')
const key = Uint8Array.from(randomBytes(32))
const [A, B, C] = [peer('A'), peer('B'), peer('C')]

type Letter = {
  readonly to: PeerId
  readonly message: Extract<FromSignaling, { type: 'signal' | 'relay' }>
}

let timers: ManualTimers
let network: FakeNetwork
let mail: Letter[]
let brought: Letter[]
/** What signaling makes of a letter: by default, just that. */
let tamper: (letter: Letter) => readonly Letter[]
let connectors: Map<PeerId, Connector>
let events: string[]
let links: Map<PeerId, Link>

beforeEach(() => {
  timers = new ManualTimers()
  network = new FakeNetwork()
  network.connects = false
  mail = []
  brought = []
  tamper = (letter) => [letter]
  connectors = new Map()
  events = []
  links = new Map()
})

function join(self: PeerId, { relay = true, roomKey = key } = {}): Connector {
  const name = self[0]
  const connector = new Connector({
    self,
    topic,
    key: roomKey,
    random: randomBytes,
    timers,
    createPeer: network.createPeer,
    sendSignal: (to, attempt, box) =>
      mail.push({ to, message: { type: 'signal', from: self, attempt, box } }),
    sendBox: (to, session, box) =>
      mail.push({ to, message: { type: 'relay', from: self, session, box } }),
    onLink(peer, link, path) {
      events.push(`${name} linked ${peer[0]} ${path}`)
      links.set(self, link)
      link.listen({
        frame: (bytes) => events.push(`${name} got ${bytes}`),
        close: (reason) => events.push(`${name} lost ${peer[0]}: ${reason}`),
      })
    },
    onFailed: (peer, reason) => events.push(`${name} failed ${peer[0]}: ${reason}`),
    onTampered: (peer, what) => events.push(`${name} was told of tampering: ${peer[0]}'s ${what}`),
  })
  connectors.set(self, connector)
  joined(connector, relay)
  return connector
}

function joined(connector: Connector, relay = true): void {
  connector.signaled({
    type: 'joined',
    members: [],
    claim: null,
    hostHere: true,
    ...(relay ? { relay } : {}),
  })
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

async function deliver(): Promise<void> {
  await nextTurn()
  while (mail.length > 0) {
    for (const letter of tamper(mail.shift() as Letter)) {
      brought.push(letter)
      connectors.get(letter.to)?.signaled(letter.message)
    }
    await nextTurn()
  }
}

async function pass(ms: number): Promise<void> {
  timers.advance(ms)
  await deliver()
}

function heard(): string[] {
  return events.splice(0)
}

/** A and B over a relayed link that A proposed; nothing is left to hear. */
async function relayed(): Promise<void> {
  join(A).connect(B)
  join(B)
  await deliver()
  await pass(RELAY_PATIENCE_MS)
  expect(heard()).toEqual(['A linked B relayed', 'B linked A relayed'])
}

describe('[SG5] where no direct path is found', () => {
  test('the two get a relayed link after a while, and frames pass both ways', async () => {
    join(A).connect(B)
    join(B)
    await deliver()
    await pass(RELAY_PATIENCE_MS - 1)
    expect(heard()).toEqual([])
    await pass(1)
    expect(heard()).toEqual(['A linked B relayed', 'B linked A relayed'])
    links.get(A)?.send(Uint8Array.of(1), 'data')
    links.get(B)?.send(Uint8Array.of(2), 'data')
    await deliver()
    expect(heard().sort()).toEqual(['A got 2', 'B got 1'])
  })

  test('it takes no while where the attempt failed before, or the browser has no WebRTC', async () => {
    network.peers.push = () => {
      throw new Error('no WebRTC here')
    }
    join(A).connect(B)
    join(B)
    await deliver()
    expect(heard()).toEqual(['A linked B relayed', 'B linked A relayed'])
    connectors.get(A)?.disconnect(B, 'mend')
    await deliver()
    heard()
    connectors.get(A)?.connect(B)
    await deliver()
    expect(heard()).toEqual(['A linked B relayed', 'B linked A relayed'])
  })

  test('both proposing at once end in one link', async () => {
    join(A).connect(B)
    join(B).connect(A)
    mail = [] // neither hears the other's offer
    await nextTurn()
    mail = []
    timers.advance(RELAY_PATIENCE_MS)
    await deliver()
    expect(heard().sort()).toEqual(['A linked B relayed', 'B linked A relayed'])
  })

  test('a service that does not relay is not asked to, and the failure is told', async () => {
    join(A, { relay: false }).connect(B)
    join(B, { relay: false })
    await deliver()
    await pass(CONNECT_TIMEOUT_MS)
    expect(heard()).toEqual(['A failed B: timeout', 'B failed A: timeout'])
    expect(brought.filter(({ message }) => message.type === 'relay')).toEqual([])
  })

  test('a peer that does not answer is a failure, and the next attempt is a direct one again', async () => {
    const a = join(A)
    a.connect(B)
    await nextTurn()
    await pass(CONNECT_TIMEOUT_MS + RELAY_TIMEOUT_MS)
    expect(heard()).toEqual(['A failed B: timeout'])
    network.connects = true
    a.connect(B)
    join(B)
    await deliver()
    expect(heard()).toEqual(['A linked B direct', 'B linked A direct'])
  })

  test('a proposal that signaling lost is said again', async () => {
    join(A).connect(B)
    join(B)
    await deliver()
    timers.advance(RELAY_PATIENCE_MS)
    mail = []
    connectors.get(A)?.repeatSignals()
    await deliver()
    expect(heard()).toEqual(['A linked B relayed', 'B linked A relayed'])
  })
})

describe('[SG5] a direct path', () => {
  test('that opens late replaces the relayed link on both sides', async () => {
    await relayed()
    network.connects = true
    await pass(CONNECT_TIMEOUT_MS - RELAY_PATIENCE_MS) // the first attempt ends
    heard()
    await pass(DIRECT_AGAIN_MIN_MS)
    expect(heard().sort()).toEqual([
      'A linked B direct',
      'A lost B: replaced',
      'B linked A direct',
      'B lost A: replaced',
    ])
    links.get(A)?.send(Uint8Array.of(1), 'data')
    await deliver()
    expect(heard()).toEqual(['B got 1'])
    expect(network.peers.filter((peer) => !peer.isDestroyed).length).toBe(2)
  })

  test('is tried for again and again, less and less often, by the side that proposed', async () => {
    await relayed()
    const tries: number[] = []
    let atMs = timers.now
    for (let known = network.peers.length; tries.length < 8; known = network.peers.length) {
      while (network.peers.length === known) await pass(1_000)
      tries.push(Math.round((timers.now - atMs) / 1_000))
      atMs = timers.now
      await pass(CONNECT_TIMEOUT_MS)
    }
    const seconds = CONNECT_TIMEOUT_MS / 1_000
    expect(tries).toEqual([27, 45, 75, 135, 255, 315, 315, 315])
    expect(tries.at(-1)).toBe(DIRECT_AGAIN_MAX_MS / 1_000 + seconds)
    expect(heard()).toEqual([]) // the link goes on all the while
  })

  test('is not looked for once the link is gone', async () => {
    await relayed()
    await pass(CONNECT_TIMEOUT_MS)
    links.get(A)?.close('enough')
    await deliver()
    const made = network.peers.length
    await pass(10 * DIRECT_AGAIN_MAX_MS)
    expect(network.peers.length).toBe(made)
  })

  test('that opens while a relayed link is proposed calls that off', async () => {
    network.connects = true
    join(A).connect(B)
    join(B)
    await nextTurn()
    const offer = mail
    mail = []
    timers.advance(RELAY_PATIENCE_MS)
    const proposal = mail
    mail = offer
    await deliver()
    mail.push(...proposal)
    await deliver()
    await pass(RELAY_TIMEOUT_MS)
    expect(heard()).toEqual(['A linked B direct', 'B linked A direct'])
  })
})

describe('[SG5] a relayed link and its sockets:', () => {
  test('it ends when the other side closes it', async () => {
    await relayed()
    links.get(B)?.close('enough')
    await deliver()
    expect(heard()).toEqual(['B lost A: enough', 'A lost B: closed'])
  })

  test('it ends at once when the peer says goodbye', async () => {
    await relayed()
    connectors.get(A)?.signaled({ type: 'peer-left', peer: B, why: 'bye' })
    await nextTurn()
    expect(heard()).toEqual(['A lost B: left'])
  })

  test('a socket that blinks does not end it: another takes its place, and is a link of its own', async () => {
    await relayed()
    connectors.get(A)?.signalingLost()
    connectors.get(B)?.signaled({ type: 'peer-left', peer: A, why: 'closed' })
    links.get(B)?.send(Uint8Array.of(1), 'data') // lost with the link, as everything on a link that ends
    await pass(200)
    expect(heard()).toEqual([])
    connectors.get(B)?.signaled({ type: 'peer-joined', peer: A })
    joined(connectors.get(A)!)
    await deliver()
    expect(heard().sort()).toEqual([
      'A linked B relayed',
      'A lost B: replaced',
      'B linked A relayed',
      'B lost A: replaced',
    ])
    links.get(B)?.send(Uint8Array.of(2), 'data')
    await deliver()
    expect(heard()).toEqual(['A got 2'])
  })

  test('a blink that the service took for nothing is mended by the side that saw it', async () => {
    await relayed()
    connectors.get(A)?.signalingLost()
    joined(connectors.get(A)!)
    await deliver()
    expect(heard().sort()).toEqual([
      'A linked B relayed',
      'A lost B: replaced',
      'B linked A relayed',
      'B lost A: replaced',
    ])
  })

  test('a socket that stays away ends it', async () => {
    await relayed()
    connectors.get(A)?.signalingLost()
    connectors.get(B)?.signaled({ type: 'peer-left', peer: A, why: 'closed' })
    timers.advance(RELAY_GRACE_MS - 1)
    await nextTurn()
    expect(heard()).toEqual([])
    timers.advance(1)
    await nextTurn()
    expect(heard()).toEqual(['A lost B: signaling lost', 'B lost A: signaling lost'])
  })

  test('a pause holds the frames of all of them', async () => {
    await relayed()
    connectors.get(A)?.signaled({ type: 'pause', ms: 200 })
    links.get(A)?.send(Uint8Array.of(1), 'data')
    await deliver()
    expect(heard()).toEqual([])
    await pass(200)
    expect(heard()).toEqual(['B got 1'])
  })
})

describe('[SG5] a signaling service that cheats opens nothing and slips nothing in:', () => {
  function flipped(letter: Letter): Letter {
    const bytes = fromBase64Url(letter.message.box) as Uint8Array
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    return { ...letter, message: { ...letter.message, box: toBase64Url(bytes) } }
  }

  test('with a bit changed in each envelope there is no link, and it is told why', async () => {
    tamper = (letter) => [flipped(letter)]
    join(A).connect(B)
    join(B).connect(A)
    await deliver()
    await pass(CONNECT_TIMEOUT_MS + RELAY_TIMEOUT_MS)
    expect(heard()).toEqual([
      "B was told of tampering: A's envelope",
      "A was told of tampering: B's envelope",
      'A failed B: timeout; what signaling brought from it did not open: it was changed, or sealed by another token',
      'B failed A: timeout; what signaling brought from it did not open: it was changed, or sealed by another token',
    ])
  })

  test('with a bit changed in each box the link ends before a frame has passed, and it is told why', async () => {
    tamper = (letter) => [letter.message.type === 'relay' ? flipped(letter) : letter]
    join(A).connect(B)
    join(B)
    await deliver()
    await pass(RELAY_PATIENCE_MS)
    links.get(A)?.send(Uint8Array.of(1), 'data')
    await deliver()
    const all = heard()
    expect(all).toContain("B was told of tampering: A's link")
    expect(
      all.filter((event) => event.includes(' got ') || event === 'B linked A relayed'),
    ).toEqual([])
  })

  test('who recorded a whole link cannot play it again, to either side', async () => {
    await relayed()
    links.get(A)?.send(Uint8Array.of(1), 'data')
    links.get(B)?.send(Uint8Array.of(2), 'data')
    await deliver()
    const recording = [...brought]
    connectors.get(A)?.disconnect(B, 'enough')
    connectors.get(B)?.disconnect(A, 'enough')
    await deliver()
    heard()
    for (const { to, message } of recording) connectors.get(to)?.signaled(message)
    await deliver()
    expect(heard()).toEqual([])
  })

  test('nor to a page that never saw its beginning, though the proposal is as good as new', async () => {
    await relayed()
    links.get(A)?.send(Uint8Array.of(1), 'data')
    await deliver()
    const recording = brought.filter(({ to }) => to === B)
    expect(heard()).toEqual(['B got 1'])
    // The same page with no memory: had it only the proposer's word for the session, the recording would open it.
    join(B)
    for (const { to, message } of recording) connectors.get(to)?.signaled(message)
    await nextTurn()
    timers.advance(RELAY_TIMEOUT_MS)
    await nextTurn()
    expect(
      heard().filter((event) => event.startsWith('B') && !event.startsWith('B failed')),
    ).toEqual([])
  })

  test("two peers' boxes swapped end both links, and no frame reaches the wrong page", async () => {
    const a = join(A)
    a.connect(B)
    a.connect(C)
    join(B)
    join(C)
    await deliver()
    await pass(RELAY_PATIENCE_MS)
    const [toB, toC] = [B, C].map((peer) => events.indexOf(`A linked ${peer[0]} relayed`))
    expect(Math.min(toB as number, toC as number)).toBeGreaterThanOrEqual(0)
    heard()
    const swapped = new Map([
      [B, C],
      [C, B],
    ])
    tamper = ({ to, message }) => {
      const toOther = message.type === 'relay' ? swapped.get(to) : undefined
      return [{ to: toOther ?? to, message }]
    }
    links.get(B)?.send(Uint8Array.of(1), 'data')
    links.get(A)?.send(Uint8Array.of(2), 'data')
    await deliver()
    expect(
      heard()
        .filter((event) => event.includes('got'))
        .filter((event) => event !== 'A got 1'),
    ).toEqual([])
    // Now with the sender's name changed too, as a service may well do.
    tamper = ({ to, message }) => [
      message.type === 'relay'
        ? { to, message: { ...message, from: message.from === B ? C : B } }
        : { to, message },
    ]
    links.get(C)?.send(Uint8Array.of(3), 'data')
    await deliver()
    expect(heard().filter((event) => event.includes('got'))).toEqual([])
  })

  test('a stranger who knows the topic proposes in vain', async () => {
    join(B)
    join(A, { roomKey: Uint8Array.from(randomBytes(32)) }).connect(B)
    await deliver()
    await pass(CONNECT_TIMEOUT_MS + RELAY_TIMEOUT_MS)
    expect(heard()).toEqual(["B was told of tampering: A's envelope", 'A failed B: timeout'])
  })
})
