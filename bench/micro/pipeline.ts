// Owns the measurement of everything pure that a message passes: author, codec, host, codec, three followers. The peers
// and the directory are the real ones. Frames become bytes and frames again, and nothing else is between the peers.

import type * as FrameCodec from '../../protocol/frame-codec.ts'
import { NO_TERM, type PeerId, type Topic } from '../../protocol/ids.ts'
import type * as Limits from '../../protocol/limits.ts'
import type * as PeerSecret from '../../protocol/peer-secret.ts'
import type { FromSignaling, ToSignaling } from '../../protocol/signals.ts'
import type * as PeerModule from '../../peer/peer.ts'
import type { PeerInput, PeerOutput } from '../../peer/peer-io.ts'
import type * as DirectoryModule from '../../signaling/directory/directory.ts'
import type { DirectoryInput } from '../../signaling/directory/directory-io.ts'
import { nsEach, type Load, type Measure } from './measure.ts'

const PEERS = 4
const MESSAGES = 20_000
/** Of one turn of the app. */
const TURN_MESSAGES = 500
const VALUE_BYTES = 100

type Modules = typeof FrameCodec &
  typeof Limits &
  typeof PeerSecret &
  typeof PeerModule &
  typeof DirectoryModule

async function modulesOf(load: Load): Promise<Modules> {
  const names = [
    'protocol/frame-codec',
    'protocol/limits',
    'protocol/peer-secret',
    'peer/peer',
    'signaling/directory/directory',
  ]
  return Object.assign({}, ...(await Promise.all(names.map((name) => load(name))))) as Modules
}

/** A few peers in one process, on a clock that moves when it is told to. */
class Room {
  readonly #modules: Modules
  readonly #directory: DirectoryModule.Directory
  readonly #peers = new Map<PeerId, PeerModule.Peer>()
  readonly #ids: PeerId[] = []
  readonly #links = new Set<string>()
  readonly #queue: (() => void)[] = []
  #nowMs = 1_000_000
  /** Messages that peers were given, all together. */
  given = 0
  receipts = 0

  constructor(modules: Modules) {
    this.#modules = modules
    this.#directory = new modules.Directory(0)
    for (let i = 0; i < PEERS; i++) this.#join(i)
    for (let i = 0; i < 50; i++) this.pass(100)
  }

  #join(at: number): void {
    const { Peer, PROTOCOL_VERSION, drawPeerName } = this.#modules
    const { peer: self, secret } = drawPeerName((length) => new Uint8Array(length).fill(at + 1))
    const options = { self, canHost: true, visible: true, durability: 'standby' } as const
    this.#peers.set(self, new Peer(options, this.#nowMs))
    this.#ids.push(self)
    this.#tell({ type: 'opened', connection: at, address: 'here' })
    const topic = 'T'.repeat(22) as Topic
    const join = { type: 'join', version: PROTOCOL_VERSION, topic, peer: self, secret } as const
    this.#received(at, { ...join, claim: null, held: NO_TERM })
    this.pass(100)
  }

  /** Lets so much time pass, and everything that happens in it. */
  pass(ms: number): void {
    this.#nowMs += ms
    for (const id of this.#ids) this.feed(id, { type: 'ticked' })
    this.#tell({ type: 'ticked' })
    this.run()
  }

  run(): void {
    for (let at = 0; at < this.#queue.length; at++) this.#queue[at]!()
    this.#queue.length = 0
  }

  /** By the order in which they came; the first one hosts. */
  idOf(at: number): PeerId {
    return this.#ids[at]!
  }

  feed(id: PeerId, input: PeerInput): void {
    for (const output of this.#peers.get(id)!.handle(input, this.#nowMs)) this.#do(id, output)
  }

  #do(id: PeerId, output: PeerOutput): void {
    if (output.type === 'send') this.#send(id, output)
    else if (output.type === 'signal') this.#received(this.#ids.indexOf(id), output.message)
    else if (output.type === 'connect') this.#connect(id, output.peer)
    else if (output.type === 'deliver') this.given += output.messages.length
    else if (output.type === 'outcome') this.receipts++
  }

  #send(from: PeerId, { to, frame }: Extract<PeerOutput, { type: 'send' }>): void {
    const { encodeFrame, parseFrame } = this.#modules
    const bytes = inPacket(encodeFrame(frame))
    for (const id of to)
      this.#queue.push(() => {
        const parsed = parseFrame(bytes)
        if (!parsed.ok) throw new Error(parsed.error)
        this.feed(id, { type: 'received', peer: from, link: 1, frame: parsed.value })
      })
  }

  #connect(one: PeerId, other: PeerId): void {
    const name = [one, other].sort().join()
    if (this.#links.has(name)) return
    this.#links.add(name)
    this.#queue.push(() => this.feed(one, { type: 'link-opened', peer: other, link: 1 }))
    this.#queue.push(() => this.feed(other, { type: 'link-opened', peer: one, link: 1 }))
  }

  #received(connection: number, message: ToSignaling): void {
    this.#tell({ type: 'received', connection, message })
  }

  #tell(input: DirectoryInput): void {
    for (const output of this.#directory.handle(input, this.#nowMs))
      if (output.type === 'send') this.#signaled(output.connection, output.message)
  }

  #signaled(connection: number, message: FromSignaling): void {
    this.#queue.push(() => this.feed(this.idOf(connection), { type: 'signaled', message }))
  }
}

/** The frame as a link gives it out: a view into something larger. */
function inPacket(frame: Uint8Array): Uint8Array {
  const packet = new Uint8Array(2 + frame.length)
  packet.set(frame, 2)
  return packet.subarray(2)
}

export const pipeline: Measure = async (load) => {
  const room = new Room(await modulesOf(load))
  const author = room.idOf(1)
  const value = new Uint8Array(VALUE_BYTES).fill(7)
  const send = () => {
    const { given, receipts } = room
    for (let sent = 0; sent < MESSAGES; sent += TURN_MESSAGES) {
      const op = { type: 'submitted', action: 'append', key: 'k', value } as const
      const submissions = Array.from({ length: TURN_MESSAGES }, (_, i) => ({
        ...op,
        ticket: sent + i,
      }))
      room.feed(author, { type: 'batch', submissions })
      room.run()
    }
    const everybodyHas = room.given - given === PEERS * MESSAGES
    if (!everybodyHas) throw new Error(`${room.given - given} of ${PEERS * MESSAGES} were given`)
    if (room.receipts - receipts !== MESSAGES) throw new Error('receipts are missing')
    return MESSAGES
  }
  return { message: [nsEach(send, 3)] }
}
