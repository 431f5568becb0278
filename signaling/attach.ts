// Owns signaling within a server of somebody else's: its requests and upgrades at one path are ours,
// all others are not.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { BatonError } from '../protocol/errors.ts'
import { limitsWith, type LimitOptions } from './directory/service-limits.ts'
import { isLoopback, Lan } from './lan.ts'
import type { Log } from './log.ts'
import { checkOrigins, Origins } from './origins.ts'
import { refuseUpgrade, SIGNAL_PATH, SignalDoor } from './signal-door.ts'
import { Service } from './service.ts'
import { checkTurn, type TurnOptions } from './turn.ts'

export type AttachOptions = LimitOptions & {
  /** Where signaling is, one path or several. Default `/signal`, where pages look for it. */
  readonly path?: string | readonly string[] | undefined
  /** Origins whose pages may connect, as for `startServer`. Default: any. */
  readonly origins?: readonly string[] | undefined
  /** Proxies of yours in front, whose `X-Forwarded-For` is to be believed. Default 0. */
  readonly trustedProxies?: number | undefined
  /** TURN servers of yours, for which pages that have joined get credentials. Default: none. */
  readonly turn?: TurnOptions | undefined
  /**
   * Tells pages of its network at which addresses others reach the server, if it listens there: pages at `127.0.0.1`
   * make links for others then. Default false.
   */
  readonly lan?: boolean | undefined
  /** With `lan`: answers STUN requests of this network at the server's port over UDP. Default true. */
  readonly stun?: boolean | undefined
  /** Default: silent. Lines of level INFO hold no topic, peer or address. */
  readonly log?: Log | undefined
}

export type Attached = {
  /** Tells all peers, closes their sockets, and lets the server alone. Closing again does nothing. */
  close(): void
}

/** As much as is used of a server of `node:http`, `node:https` or `node:http2`. */
export type AnyHttpServer = {
  emit(event: string, ...args: unknown[]): boolean
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
  listenerCount(event: string): number
  /** Null while it does not listen; a text where it listens at no port. */
  address(): ListensAt | string | null
}

/** As Node says it. Its own type is not named here: who uses these types may not have Node's. */
export type ListensAt = {
  readonly address: string
  readonly family: string
  readonly port: number
}

/**
 * Puts signaling into an HTTP server of yours: of Express, Next, Fastify or any other framework upon `node:http`. It
 * may listen already or not yet. Its other requests and WebSockets stay what they were. The server's own check of
 * `Host` stays its own. Before you close the server, close what you attached: its sockets would keep the server open.
 *
 * @throws BatonError `bad-argument` for options that cannot work.
 * @example
 * const server = createServer(app)
 * const signaling = attach(server, { path: '/signal' })
 * server.listen(3000)
 */
export function attach(server: AnyHttpServer, options: AttachOptions = {}): Attached {
  const {
    path = SIGNAL_PATH,
    origins = [],
    trustedProxies = 0,
    turn,
    lan: isLan = false,
    stun = true,
    log = () => {},
  } = options
  const paths = [path].flat()
  paths.forEach(checkPath)
  checkOrigins(origins)
  if (turn !== undefined) checkTurn(turn)
  const lan = new Lan()
  const service = new Service(limitsWith(options), log, turn, (ends) => lan.tell(ends))
  const door = new SignalDoor(service, {
    paths,
    origins: new Origins(origins),
    hostNames: null,
    trustedProxies,
  })
  const release = divert(server, door)
  const stopWaiting = isLan ? whenListening(server, (at) => void lan.open(at, stun, log)) : () => {}
  return {
    close() {
      release()
      stopWaiting()
      lan.close()
      service.close()
    },
  }
}

function checkPath(path: string): void {
  if (/^\/[^\s?#]*$/.test(path)) return
  throw new BatonError(
    'bad-argument',
    `"${path}" is not a path for signaling; write it as /signal, with a slash before it.`,
  )
}

/**
 * What is the door's does not reach the server's own listeners, whenever they were added: two would answer it. Returns
 * what ends that.
 */
function divert(server: AnyHttpServer, door: SignalDoor): () => void {
  const { emit } = server
  const diverted = (event: string, ...args: unknown[]): boolean => {
    const isRequest = event === 'request' || event === 'upgrade'
    if (!isRequest || !door.owns(args[0] as IncomingMessage))
      return emit.call(server, event, ...args)
    if (event === 'upgrade') upgrade(door, ...(args as [IncomingMessage, Duplex, Buffer]))
    else door.answer(...(args as [IncomingMessage, ServerResponse]))
    return true
  }
  // Node has no upgrades for a server that nobody asks for them.
  const refuse = (...args: unknown[]): void => {
    if (server.listenerCount('upgrade') > 1) return
    const [, stream] = args as [IncomingMessage, Duplex]
    stream.on('error', () => stream.destroy())
    refuseUpgrade(stream, { status: 404, text: 'There are no WebSockets at this address.' })
  }
  server.emit = diverted
  server.on('upgrade', refuse)
  return () => {
    server.off('upgrade', refuse)
    if (server.emit === diverted) server.emit = emit
  }
}

/** Calls `open` if others than this machine reach the server. Returns what ends the waiting. */
function whenListening(server: AnyHttpServer, open: (at: ListensAt) => void): () => void {
  const look = () => {
    server.off('listening', look)
    const at = server.address()
    if (at === null || typeof at === 'string') return
    if (!isLoopback(at.address)) open(at)
  }
  if (server.address() !== null) look()
  else server.on('listening', look)
  return () => server.off('listening', look)
}

function upgrade(door: SignalDoor, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  // Node has let go of the stream, and an error that nobody hears ends the process.
  stream.on('error', () => stream.destroy())
  door.upgrade(request, stream, head)
}
