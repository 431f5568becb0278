// Owns the measurement of what one input costs a host with a large room and 63 followers: for each kind the most costly
// one that is valid. An input is timed from its bytes to the bytes of all that it makes the host send. [LK13]

import type { Op } from '../../protocol/entry.ts'
import type * as FrameCodec from '../../protocol/frame-codec.ts'
import type { Frame, FrameBody } from '../../protocol/frames.ts'
import {
  NO_INDEX,
  type Claim,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
  type Term,
} from '../../protocol/ids.ts'
import type { FromSignaling } from '../../protocol/signals.ts'
import type * as PeerModule from '../../peer/peer.ts'
import type { PeerInput, PeerOutput } from '../../peer/peer-io.ts'
import type { Load, Measure } from './measure.ts'

const FOLLOWERS = 63
const KEYS = 9_000
/** Close to what a room may retain. */
const ROOM_BYTES = 59 * 1_000_000
const FRAME_OPS_MAX = 2_048
const TAIL_ENTRIES = 8_192
const QUERIES_MAX = 1_024
/** A long answer goes on at each tick: enough for all the room. */
const TURNS_OF_A_REPLAY = 80
const SAMPLES = 11

type Modules = typeof FrameCodec & typeof PeerModule

const idOf = (n: number) =>
  Buffer.alloc(16, String(n).padStart(16, '0')).toString('base64url') as PeerId
const self = idOf(0)
const followers = Array.from({ length: FOLLOWERS }, (_, i) => idOf(i + 1))
const author = followers[0]!
const claim: Claim = { term: 1 as Term, host: self }
const keyOf = (n: number) => `key/${n}`

/** A host with a large room, on a clock that moves when it is told to. */
class Host {
  readonly #modules: Modules
  readonly #peer: PeerModule.Peer
  #nowMs = 1_000_000
  #nonce = 0
  /** Op numbers that each author has used. */
  readonly #ops = new Map<PeerId, number>()

  constructor(modules: Modules) {
    this.#modules = modules
    const options = { self, canHost: true, visible: true, durability: 'standby' } as const
    this.#peer = new modules.Peer(options, this.#nowMs)
    this.signaled({ type: 'joined', members: [], claim: null, hostHere: false, relay: true })
    this.signaled({ type: 'host', claim })
    for (let i = 0; i < 20; i++) this.tick()
    for (const peer of followers) this.feed({ type: 'link-opened', peer, link: 1 })
    for (const peer of followers) this.greet(peer)
    if (!this.#peer.isHosting) throw new Error('it does not host')
  }

  get lastIndex(): Index {
    return this.#peer.replica.lastIndex
  }

  get lastSeq(): Seq {
    return this.#peer.replica.lastSeq
  }

  feed(input: PeerInput): PeerOutput[] {
    return this.#peer.handle(input, this.#nowMs)
  }

  tick(): void {
    this.#nowMs += 100
    this.feed({ type: 'ticked' })
  }

  signaled(message: FromSignaling): void {
    this.feed({ type: 'signaled', message })
  }

  /** Milliseconds of the CPU from the bytes of a frame to the bytes of all frames that it brings about. */
  receive(peer: PeerId, body: FrameBody): number {
    const frame: Frame = { ...body, term: claim.term }
    const bytes = this.#modules.encodeFrame(frame)
    return this.#timed(() => {
      const parsed = this.#modules.parseFrame(bytes)
      if (!parsed.ok) throw new Error(parsed.error)
      return this.feed({ type: 'received', peer, link: 1, frame: parsed.value })
    })
  }

  time(input: PeerInput): number {
    return this.#timed(() => this.feed(input))
  }

  #timed(work: () => PeerOutput[]): number {
    const before = process.cpuUsage()
    for (const output of work()) if (output.type === 'send') this.#modules.encodeFrame(output.frame)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }

  get nonce(): number {
    return this.#nonce
  }

  /** `back`: by how many entries its log is behind; null where it has none of this room. */
  greet(peer: PeerId, back: number | null = 0): number {
    this.#nonce++
    const index = (this.lastIndex - (back ?? 0)) as Index
    const position = back === null ? null : { claim, index }
    const log = {
      claim,
      nonce: this.#nonce,
      position,
      headSeq: this.lastSeq,
      stable: NO_INDEX,
      past: NO_INDEX,
    }
    const more = { complete: back === 0, lacks: [], canHost: true, visible: true, replay: null }
    return this.receive(peer, { type: 'hello', ...log, ...more })
  }

  /** Followers have taken what was sent. */
  reported(): void {
    const index = this.lastIndex
    for (const [at, peer] of followers.entries()) {
      const nonce = this.#nonce - FOLLOWERS + 1 + at
      this.receive(peer, { type: 'report', nonce, index, complete: true, visible: true })
    }
  }

  greetAll(): void {
    for (const peer of followers) this.greet(peer)
  }

  /** Submits ops of the first follower, which has just greeted. */
  submit(count: number, opAt: (i: number, opId: OpId) => Op): number {
    this.greet(author)
    const { nonce } = this
    const last = this.#ops.get(author) ?? 0
    this.#ops.set(author, last + count)
    const ops = Array.from({ length: count }, (_, i) => opAt(i, (last + i + 1) as OpId))
    return this.receive(author, { type: 'submit', nonce, floor: 1 as OpId, ops })
  }

  append(count: number, bytes: number, keyAt: (i: number) => string): number {
    const value = new Uint8Array(bytes).fill(7)
    return this.submit(count, (i, opId) => ({
      action: 'append',
      author,
      opId,
      key: keyAt(i),
      value,
    }))
  }
}

/** A room of so many keys, with the longest tail. */
function roomOf(modules: Modules, keys: number): Host {
  const host = new Host(modules)
  const messages = Math.max(keys, 10_000)
  const turn = 1_000
  for (let sent = 0; sent < messages; sent += turn) {
    const valueBytes = Math.floor(ROOM_BYTES / messages)
    host.append(turn, valueBytes, (i) => keyOf((sent + i) % keys))
    host.greetAll()
  }
  for (let sent = 0; sent < TAIL_ENTRIES; sent += FRAME_OPS_MAX)
    host.append(FRAME_OPS_MAX, 100, keyOf)
  host.greetAll()
  return host
}

/** The most costly valid input of each kind. Those that change the room most come last. */
const INPUTS: { readonly [kind: string]: (host: Host, n: number) => number } = {
  ping: (host) => host.receive(author, { type: 'ping', at: 1 }),
  pong: (host) => host.receive(author, { type: 'pong', at: 1, clock: 1 }),
  doubt: (host) => host.receive(author, { type: 'doubt', claim }),
  vouch: (host) => host.receive(author, { type: 'vouch', claim, hears: true }),
  report: (host, n) => {
    host.greet(author)
    const { nonce, lastIndex: index } = host
    return host.receive(author, {
      type: 'report',
      nonce,
      index,
      complete: true,
      visible: n % 2 > 0,
    })
  },
  'hello at the end': (host) => host.greet(author),
  'hello a tail behind': (host) => host.greet(author, TAIL_ENTRIES - 10),
  'hello of a newcomer': (host) => host.greet(author, null),
  'fetch of all': (host, n) =>
    host.receive(followers[n]!, { type: 'fetch', request: n, ends: [], lacks: [] }),
  'fetch of a tail': (host, n) => {
    const ends = [
      { claim, index: (host.lastIndex - TAIL_ENTRIES + 10) as Index, seq: 1 as Seq, number: 1 },
    ]
    return host.receive(followers[n]!, { type: 'fetch', request: n, ends, lacks: [] })
  },
  'part-taken': (host, n) => {
    host.receive(author, { type: 'fetch', request: 100 + n, ends: [], lacks: [] })
    return host.receive(author, { type: 'part-taken', request: 100 + n, number: 0 })
  },
  // Of another follower each time: what is copied for one is bounded.
  'replay of most keys': (host, n) => {
    host.greet(followers[n]!)
    const queries = Array.from({ length: QUERIES_MAX }, (_, i) => ({ key: keyOf(i), after: 0 }))
    let most = host.receive(followers[n]!, {
      type: 'replay',
      nonce: host.nonce,
      request: n,
      queries,
    })
    for (let i = 0; i < TURNS_OF_A_REPLAY; i++) most = Math.max(most, host.time({ type: 'ticked' }))
    return most
  },
  'submit of 2,048 repeats': (host) => {
    host.greet(author)
    const value = new Uint8Array(0)
    const first = host.lastSeq - TAIL_ENTRIES
    const ops = Array.from({ length: FRAME_OPS_MAX }, (_, i): Op => {
      return { action: 'append', author, opId: (first + i) as OpId, key: 'k', value }
    })
    const { nonce } = host
    return host.receive(author, { type: 'submit', nonce, floor: 1 as OpId, ops })
  },
  'submit of 64 gaps': (host) => {
    host.greet(author)
    const value = new Uint8Array(0)
    const ops = Array.from({ length: FRAME_OPS_MAX }, (_, i): Op => {
      const other = followers[i % FOLLOWERS]!
      return { action: 'append', author: other, opId: 1_000_000 as OpId, key: 'k', value }
    })
    return host.receive(author, { type: 'submit', nonce: host.nonce, floor: 1 as OpId, ops })
  },
  'submit of 2,048 appends': (host) => host.append(FRAME_OPS_MAX, 100, keyOf),
  'submit of 15 MB': (host) => {
    const value = new Uint8Array(3_900_000)
    return host.submit(4, (_, opId) => ({ action: 'replace', author, opId, key: keyOf(0), value }))
  },
  'submit of 2,048 replaces': (host) => {
    const value = new Uint8Array(1)
    return host.submit(FRAME_OPS_MAX, (i, opId) => {
      return { action: 'replace', author, opId, key: keyOf(i), value }
    })
  },
  'submit of 2,048 folds': (host) => {
    const value = new Uint8Array(100)
    const { lastSeq: seq } = host
    return host.submit(FRAME_OPS_MAX, (i, opId) => {
      return { action: 'compact', author, opId, key: keyOf(i), value, seq, basis: claim }
    })
  },
  'link closed': (host) => {
    const [, peer] = followers
    const ms = host.time({ type: 'link-closed', peer: peer!, link: 1 })
    host.feed({ type: 'link-opened', peer: peer!, link: 1 })
    host.greet(peer!)
    return ms
  },
  goodbye: (host) => {
    const [, , peer] = followers
    const ms = host.receive(peer!, { type: 'goodbye' })
    host.feed({ type: 'link-opened', peer: peer!, link: 1 })
    host.greet(peer!)
    return ms
  },
  'signaling: joined': (host) => {
    const members = followers.map((peer) => ({ peer, term: claim.term }))
    const message = { type: 'joined', members, claim, hostHere: true, relay: true } as const
    return host.time({ type: 'signaled', message })
  },
  'signaling: left': (host) =>
    host.time({ type: 'signaled', message: { type: 'peer-left', peer: author, why: 'closed' } }),
  tick: (host) => host.time({ type: 'ticked' }),
}

async function modulesOf(load: Load): Promise<Modules> {
  const names = ['protocol/frame-codec', 'peer/peer']
  return Object.assign({}, ...(await Promise.all(names.map((name) => load(name))))) as Modules
}

/** Of rooms of many keys and of one: what each kind takes in that in which it takes more. */
export const frames: Measure = async (load) => {
  const modules = await modulesOf(load)
  const samples: { [kind: string]: number[] } = {}
  for (const keys of [KEYS, 1]) {
    const host = roomOf(modules, keys)
    for (const [kind, measure] of Object.entries(INPUTS)) {
      const times = Array.from({ length: SAMPLES }, (_, n) => measure(host, n))
      const median = times.sort((a, b) => a - b)[SAMPLES >> 1]!
      samples[kind] = [Math.max(median, samples[kind]?.[0] ?? 0)]
      host.tick()
    }
  }
  const all = Object.values(samples).map(([ms]) => ms!)
  return { ...samples, 'the most costly': [Math.max(...all)] }
}
