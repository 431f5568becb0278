// Owns the sockets of the introduction service: frames in, frames out, timers. What a message means is the
// directory's business, and what a frame may be is conduct's; this carries out what they say. [SG6]

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
import type { ConnectionId, DirectoryInput } from './directory/directory-io.ts'
import {
  OWN_RELAY_BYTES_PER_SECOND,
  QUEUE_BYTES_MAX,
  RELAY_QUEUE_BYTES_MAX,
  type Limits,
} from './directory/service-limits.ts'
import type { Log } from './log.ts'
import { CLOSE_GOING_AWAY, CLOSE_POLICY, CLOSE_UNSUPPORTED, refusal } from './directory/refusals.ts'
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

/** How every `relay` of a page begins: by it such a frame is told apart before it is understood. */
const RELAY_START = Buffer.from('{"type":"relay",')
/** … and where, if it is to a peer of the gateway, that peer's id stands in it. */
const RELAY_TO_START = RELAY_START.length + '"to":"'.length
const RELAY_TO_END = RELAY_TO_START + 22

/** As much of a socket as the service uses. */
export type ServedSocket = EventEmitter & {
  readonly bufferedAmount: number
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
}

type Client = {
  readonly socket: ServedSocket
  readonly conduct: Conduct
  readonly isOwn: boolean
  peer: PeerId | null
}

export class Service {
  readonly #directory: Directory
  readonly #count: ConnectionCount
  readonly #connectRate: AddressRate
  readonly #limits: Limits
  readonly #log: Log
  readonly #turn: TurnOptions | null
  readonly #webSockets = new WebSocketServer(WS_OPTIONS)
  /** Those the directory knows: a socket told to close is not among them, though it may take a while to go. */
  readonly #clients = new Map<ConnectionId, Client>()
  /** The gateway's own peers. */
  readonly #ownPeers = new Set<string>()
  #lastConnection = 0
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = Infinity

  constructor(limits: Limits, log: Log, turn: TurnOptions | null = null) {
    this.#limits = limits
    this.#directory = new Directory(now(), limits)
    this.#count = new ConnectionCount(limits.connectionsMax, limits.connectionsPerAddressMax)
    this.#connectRate = new AddressRate(limits.connectsPerAddressPerMinuteMax)
    this.#log = log
    this.#turn = turn
  }

  get rooms(): number {
    return this.#directory.rooms
  }

  get peers(): number {
    return this.#directory.peers
  }

  /** What leaves no room for one more connection from there; null when there is room, which counts as taken. */
  whatIsFull(address: string): 'service' | 'address' | null {
    const full = this.#count.whatIsFull(address)
    return full === null && !this.#connectRate.admits(address, now()) ? 'address' : full
  }

  /** Answers an upgrade request (with 400 when it is malformed) and serves the socket from then on. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer, address: string): void {
    this.#webSockets.handleUpgrade(request, stream, head, (socket) => {
      // First of all, since an error that nobody hears ends the process. A close always follows it.
      socket.on('error', (error) => this.#log('DEBUG', `a socket failed: ${error.message}`))
      const flow = this.countUntilClosed(socket, address)
      pingUntilClosed(socket, this.#limits.pingIntervalMs)
      this.#serve(
        socket,
        address,
        new Conduct(flow, this.#limits.relayBytesPerSecond, now()),
        false,
      )
    })
  }

  /** Counts an upgraded socket among those of its address; answers what it shares with the others. */
  countUntilClosed(socket: WebSocket, address: string): Flow {
    socket.on('close', () => this.#count.closed(address))
    return this.#count.opened(address, now())
  }

  /** Serves a peer of this very process: what it joins counts against the address for which it does. */
  serveOwn(socket: ServedSocket, address: string): void {
    this.#serve(
      socket,
      address,
      new Conduct(new Flow(1, now()), OWN_RELAY_BYTES_PER_SECOND, now()),
      true,
    )
  }

  /** Tells everyone and closes; ws cuts off within three seconds who does not close in turn. */
  close(): void {
    clearTimeout(this.#timer)
    for (const connection of [...this.#clients.keys()]) {
      this.#send(connection, refusal('shutting-down'))
      this.#close(connection, CLOSE_GOING_AWAY, 'shutting-down')
    }
  }

  #serve(socket: ServedSocket, address: string, conduct: Conduct, isOwn: boolean): void {
    const connection = ++this.#lastConnection
    const client: Client = { socket, conduct, isOwn, peer: null }
    this.#clients.set(connection, client)
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (this.#clients.has(connection)) this.#receive(connection, client, data, isBinary)
    })
    socket.on('close', () => {
      if (isOwn && client.peer !== null) this.#ownPeers.delete(client.peer)
      if (this.#clients.delete(connection)) this.#happened({ type: 'closed', connection })
    })
    this.#happened({ type: 'opened', connection, address })
  }

  #receive(connection: ConnectionId, client: Client, data: Buffer, isBinary: boolean): void {
    const { conduct } = client
    const isRelay = this.#limits.relay && data.subarray(0, RELAY_START.length).equals(RELAY_START)
    const to = isRelay ? data.toString('latin1', RELAY_TO_START, RELAY_TO_END) : ''
    const toOwn = this.#ownPeers.has(to)
    const verdict = isRelay
      ? conduct.relay(data.length, now(), toOwn)
      : conduct.frame(data.length, now())
    if (typeof verdict === 'object') this.#send(connection, { type: 'pause', ms: verdict.pauseMs })
    switch (typeof verdict === 'object' ? 'pass' : verdict) {
      case 'drop':
        return
      case 'warn':
        return this.#send(connection, refusal('slow-down'))
      case 'expel':
        return this.#expel(connection, 'slow-down')
      case 'pass': {
        const parsed = isBinary
          ? ({ ok: false, error: 'bad-frame' } as const)
          : parseToSignaling(data.toString())
        if (parsed.ok && !provesItsId(parsed.value)) return this.#expel(connection, 'bad-proof')
        // Only a relayed packet may draw on the allowance of relayed packets, and to where it said, whatever else a frame pretends to be.
        if (
          parsed.ok &&
          (!isRelay || (parsed.value.type === 'relay' && (!toOwn || parsed.value.to === to)))
        ) {
          if (parsed.value.type === 'join') client.peer ??= parsed.value.peer
          if (client.isOwn && client.peer !== null) this.#ownPeers.add(client.peer)
          return this.#happened({ type: 'received', connection, message: parsed.value })
        }
        const error = parsed.ok ? 'bad-shape' : parsed.error
        if (isBinary && !conduct.toleratesBinaryFrame())
          return this.#expel(connection, error, CLOSE_UNSUPPORTED)
        if (!conduct.toleratesBadFrame(now())) return this.#expel(connection, error)
        return this.#send(connection, refusal(error))
      }
    }
  }

  #happened(input: DirectoryInput): void {
    const { peers } = this
    const outputs = this.#directory.handle(input, now())
    for (const output of outputs) {
      if (output.type === 'send') {
        if (output.message.type === 'joined') this.#giveTurn(output.connection) // before it: the page connects at once
        this.#send(output.connection, output.message)
      } else this.#close(output.connection, output.code, output.reason)
    }
    if (this.peers !== peers) this.#log('INFO', `${this.peers} peers in ${this.rooms} rooms`)
    this.#schedule()
  }

  /** A timer that runs already and comes early is left alone: a needless tick costs less than a new timer a message. */
  #schedule(): void {
    const atMs = this.#directory.nextWakeAt() ?? Infinity
    if (atMs >= this.#timerAtMs) return
    clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    this.#timer = setTimeout(
      () => {
        this.#timerAtMs = Infinity
        this.#happened({ type: 'ticked' })
      },
      Math.max(0, atMs - now()),
    )
  }

  #send(connection: ConnectionId, message: FromSignaling): void {
    const socket = this.#clients.get(connection)?.socket
    if (socket === undefined) return
    // A reader this far behind is flooded, or gone: its honest links wait for it, and have less than that on the way.
    if (message.type === 'relay' && socket.bufferedAmount > RELAY_QUEUE_BYTES_MAX) return
    this.#log(
      'DEBUG',
      `to connection ${connection}: ${message.type === 'error' ? message.code : message.type}`,
    )
    if (socket.bufferedAmount > QUEUE_BYTES_MAX) socket.terminate() // it does not read; its close follows
    else socket.send(JSON.stringify(message))
  }

  /** A credential for TURN, and another one in time, for as long as the connection lasts. */
  #giveTurn(connection: ConnectionId): void {
    const turn = this.#turn
    const client = this.#clients.get(connection)
    if (turn === null || client === undefined || client.peer === null) return
    const { peer, socket } = client
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

/** Others of a room know a peer's id, but not the secret behind it. `protocol/peer-secret.ts` is the page's end. [SG3d] */
function provesItsId(message: ToSignaling): boolean {
  if (message.type !== 'join') return true
  return (
    createHash('sha256').update(message.secret).digest().subarray(0, 16).toString('base64url') ===
    message.peer
  )
}

/** A browser answers pings even for a page that hangs: they find connections that are dead, not pages. */
export function pingUntilClosed(socket: WebSocket, intervalMs: number): void {
  let answered = true
  const interval = setInterval(() => {
    if (socket.isPaused) return // it is not read for now, nor are its answers
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, intervalMs)
  socket.on('pong', () => {
    answered = true
  })
  socket.on('close', () => clearInterval(interval))
}

function now(): number {
  return Math.floor(performance.now())
}
