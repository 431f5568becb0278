// Owns the sockets of the introduction service: frames in, frames out, timers. Carries out what the directory and
// `Conduct` say: what a message means is the directory's business, what a frame may be is conduct's. [SG6]

import { createHash } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { PeerId } from '../protocol/ids.ts'
import { parseToSignaling } from '../protocol/parse-to-signaling.ts'
import {
  SIGNAL_FRAME_BYTES_MAX,
  type FromSignaling,
  type SignalingErrorCode,
  type ToSignaling,
} from '../protocol/signals.ts'
import { AddressRate } from './directory/address-rate.ts'
import { Conduct, Flow } from './directory/conduct.ts'
import { ConnectionCount } from './directory/connection-count.ts'
import { Directory } from './directory/directory.ts'
import type { ConnectionId, DirectoryInput, DirectoryOutput } from './directory/directory-io.ts'
import {
  OWN_RELAY_BYTES_PER_SECOND,
  QUEUE_BYTES_MAX,
  RELAY_QUEUE_BYTES_MAX,
  type Limits,
} from './directory/service-limits.ts'
import type { Log } from './log.ts'
import { CLOSE_GOING_AWAY, CLOSE_POLICY, CLOSE_UNSUPPORTED, refusal } from './directory/refusals.ts'
import { pingUntilClosed } from './ping-until-closed.ts'
import { keepsItsWord, peekRelay, type PeekedRelay } from './relay-peek.ts'
import type { Ends, TellNetwork } from './network-news.ts'
import { mintTurn, renewTurnMs, type TurnOptions } from './turn.ts'

const WS_OPTIONS = {
  noServer: true,
  maxPayload: SIGNAL_FRAME_BYTES_MAX,
  // Sealed envelopes do not compress, and a small frame could unfold to a large one.
  perMessageDeflate: false,
  maxFragments: 64,
  maxBufferedChunks: 1024,
  maxPendingAutoPongs: 8,
  closeTimeout: 3_000,
  clientTracking: false,
  skipUTF8Validation: false,
}

/** A peer id is as much of its secret's hash. */
const PEER_ID_BYTES = 16

/** As much of a socket as the service uses. */
export type ServedSocket = EventEmitter & {
  readonly bufferedAmount: number
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
}

type Join = Extract<ToSignaling, { type: 'join' }>

type Client = {
  readonly connection: ConnectionId
  readonly socket: ServedSocket
  readonly conduct: Conduct
  /** Whether it is a peer of the gateway, in this very process. */
  readonly isOwn: boolean
  /** Both ends of its connection; null for a peer of the gateway. */
  readonly ends: Ends | null
  /** Who it joined as. */
  peer: PeerId | null
}

export class Service {
  readonly #directory: Directory
  readonly #count: ConnectionCount
  readonly #connectRate: AddressRate
  readonly #limits: Limits
  readonly #log: Log
  readonly #turn: TurnOptions | null
  readonly #tellNetwork: TellNetwork
  readonly #webSockets = new WebSocketServer(WS_OPTIONS)
  /** Those the directory knows. A socket told to close is not among them, though it may be a while in going. */
  readonly #clients = new Map<ConnectionId, Client>()
  /** The gateway's own peers. */
  readonly #ownPeers = new Set<string>()
  #lastConnection = 0
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = Infinity

  constructor(
    limits: Limits,
    log: Log,
    turn: TurnOptions | null = null,
    tellNetwork: TellNetwork = () => null,
  ) {
    this.#limits = limits
    this.#directory = new Directory(now(), limits)
    this.#count = new ConnectionCount(limits.connectionsMax, limits.connectionsPerAddressMax)
    this.#connectRate = new AddressRate(limits.connectsPerAddressPerMinuteMax)
    this.#log = log
    this.#turn = turn
    this.#tellNetwork = tellNetwork
  }

  get rooms(): number {
    return this.#directory.rooms
  }

  get peers(): number {
    return this.#directory.peers
  }

  /** What leaves no room for one more connection from there; null when there is room, which is then counted. */
  whatIsFull(address: string): 'service' | 'address' | null {
    const full = this.#count.whatIsFull(address)
    if (full !== null) return full
    return this.#connectRate.admits(address, now()) ? null : 'address'
  }

  /** Answers an upgrade request (with 400 when it is malformed) and serves the socket from then on. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer, address: string): void {
    this.#webSockets.handleUpgrade(request, stream, head, (socket) => {
      // First of all, since an error that nobody hears ends the process. A close always follows it.
      socket.on('error', (error) => this.#log('DEBUG', `a socket failed: ${error.message}`))
      const shared = this.countUntilClosed(socket, address)
      const conduct = new Conduct(shared, this.#limits.relayBytesPerSecond, now())
      pingUntilClosed(socket, this.#limits.pingIntervalMs)
      const near = request.socket.localAddress ?? ''
      this.#serve(socket, address, conduct, { far: address, near })
    })
  }

  /** Counts an upgraded socket among those of its address; answers what it shares with the others. */
  countUntilClosed(socket: WebSocket, address: string): Flow {
    socket.on('close', () => this.#count.closed(address))
    return this.#count.opened(address, now())
  }

  /** Serves a peer of the gateway. Its join counts against the address for which it joins. */
  serveOwn(socket: ServedSocket, address: string): void {
    const conduct = new Conduct(new Flow(1, now()), OWN_RELAY_BYTES_PER_SECOND, now())
    this.#serve(socket, address, conduct, null)
  }

  /** Tells everyone and closes; ws cuts off within three seconds who does not close in turn. */
  close(): void {
    clearTimeout(this.#timer)
    for (const connection of [...this.#clients.keys()]) {
      this.#send(connection, refusal('shutting-down'))
      this.#close(connection, CLOSE_GOING_AWAY, 'shutting-down')
    }
  }

  /** @param ends Null for a peer of the gateway. */
  #serve(socket: ServedSocket, address: string, conduct: Conduct, ends: Ends | null): void {
    this.#lastConnection += 1
    const connection = this.#lastConnection
    const isOwn = ends === null
    const client: Client = { connection, socket, conduct, isOwn, ends, peer: null }
    this.#clients.set(connection, client)
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (this.#clients.has(connection)) this.#receive(client, data, isBinary)
    })
    socket.on('close', () => {
      if (isOwn && client.peer !== null) this.#ownPeers.delete(client.peer)
      if (this.#clients.delete(connection)) this.#happened({ type: 'closed', connection })
    })
    this.#happened({ type: 'opened', connection, address })
  }

  #receive(client: Client, data: Buffer, isBinary: boolean): void {
    const { connection, conduct } = client
    const peeked = this.#limits.relay ? peekRelay(data, this.#ownPeers) : null
    const verdict =
      peeked === null
        ? conduct.frame(data.length, now())
        : conduct.relay(data.length, now(), peeked.ownPeer !== null)
    switch (verdict.type) {
      case 'drop':
        return
      case 'warn':
        return this.#send(connection, refusal('slow-down'))
      case 'expel':
        return this.#expel(connection, 'slow-down')
      case 'pause':
        this.#send(connection, { type: 'pause', ms: verdict.ms })
        return this.#read(client, data, isBinary, peeked)
      case 'pass':
        return this.#read(client, data, isBinary, peeked)
    }
  }

  #read(client: Client, data: Buffer, isBinary: boolean, peeked: PeekedRelay | null): void {
    const { connection, conduct } = client
    if (isBinary && !conduct.toleratesBinaryFrame())
      return this.#expel(connection, 'bad-frame', CLOSE_UNSUPPORTED)
    if (isBinary) return this.#refuseFrame(client, 'bad-frame')
    const parsed = parseToSignaling(data.toString())
    if (!parsed.ok) return this.#refuseFrame(client, parsed.error)
    const message = parsed.value
    if (message.type === 'join' && !provesItsId(message))
      return this.#expel(connection, 'bad-proof')
    if (!keepsItsWord(peeked, message)) return this.#refuseFrame(client, 'bad-shape')
    if (message.type === 'join') this.#note(client, message.peer)
    this.#happened({ type: 'received', connection, message })
  }

  /** Only the first join of a connection counts: the directory refuses another. */
  #note(client: Client, peer: PeerId): void {
    client.peer ??= peer
    if (client.isOwn) this.#ownPeers.add(client.peer)
  }

  /** Answers a frame that is no message. */
  #refuseFrame({ connection, conduct }: Client, code: SignalingErrorCode): void {
    if (conduct.toleratesBadFrame(now())) this.#send(connection, refusal(code))
    else this.#expel(connection, code)
  }

  #happened(input: DirectoryInput): void {
    const { peers } = this
    for (const output of this.#directory.handle(input, now())) this.#carryOut(output)
    if (this.peers !== peers) this.#log('INFO', `${this.peers} peers in ${this.rooms} rooms`)
    this.#schedule()
  }

  #carryOut(output: DirectoryOutput): void {
    switch (output.type) {
      case 'send':
        // Servers for its connections are told first: a page connects as soon as it has joined.
        if (output.message.type === 'joined') this.#giveServers(output.connection)
        return this.#send(output.connection, output.message)
      case 'close':
        return this.#close(output.connection, output.code, output.reason)
    }
  }

  /** A timer that runs already and comes early stays: a needless tick costs less than a new timer a message. */
  #schedule(): void {
    const atMs = this.#directory.nextWakeAt() ?? Infinity
    if (atMs >= this.#timerAtMs) return
    clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    const wake = () => {
      this.#timerAtMs = Infinity
      this.#happened({ type: 'ticked' })
    }
    this.#timer = setTimeout(wake, Math.max(0, atMs - now()))
  }

  #send(connection: ConnectionId, message: FromSignaling): void {
    const socket = this.#clients.get(connection)?.socket
    if (socket === undefined) return
    // A reader so far behind is flooded, or gone: honest links wait for it, and have less than that on the way.
    if (message.type === 'relay' && socket.bufferedAmount > RELAY_QUEUE_BYTES_MAX) return
    const what = message.type === 'error' ? message.code : message.type
    this.#log('DEBUG', `to connection ${connection}: ${what}`)
    if (socket.bufferedAmount <= QUEUE_BYTES_MAX) socket.send(JSON.stringify(message))
    else socket.terminate() // it does not read; its close follows
  }

  #giveServers(connection: ConnectionId): void {
    const ends = this.#clients.get(connection)?.ends ?? null
    const network = ends === null ? null : this.#tellNetwork(ends)
    if (network !== null) this.#send(connection, network)
    this.#giveTurn(connection)
  }

  /** Tells a credential for TURN, and another one in time, for as long as the connection lasts. */
  #giveTurn(connection: ConnectionId): void {
    const turn = this.#turn
    const { peer, socket } = this.#clients.get(connection) ?? {}
    if (turn === null || !peer || !socket) return
    const give = () => this.#send(connection, mintTurn(turn, peer, Date.now()))
    const interval = setInterval(give, renewTurnMs(turn))
    socket.on('close', () => clearInterval(interval))
    give()
  }

  /** Ends a connection that the directory has not ended itself. */
  #expel(connection: ConnectionId, code: SignalingErrorCode, closeCode = CLOSE_POLICY): void {
    this.#send(connection, refusal(code))
    this.#close(connection, closeCode, code)
    this.#happened({ type: 'closed', connection })
  }

  #close(connection: ConnectionId, code: number, reason: string): void {
    this.#clients.get(connection)?.socket.close(code, reason)
    this.#clients.delete(connection)
  }
}

/** Others of a room know a peer's id, but not the secret behind it. `peerIdOf` is the page's end. [SG3d] */
function provesItsId({ secret, peer }: Join): boolean {
  const hash = createHash('sha256').update(secret).digest()
  return hash.subarray(0, PEER_ID_BYTES).toString('base64url') === peer
}

function now(): number {
  return Math.floor(performance.now())
}
