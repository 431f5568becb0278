// Owns starting and stopping the whole service: the one place where its parts are put together.

import { statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { BatonError } from '../protocol/errors.ts'
import { isBase } from './base-path.ts'
import { Gateway } from './gateway/gateway.ts'
import { GatewayHttp } from './gateway/gateway-http.ts'
import { dialInProcess } from './gateway/in-process-socket.ts'
import { HostNames, nameIn } from './host-names.ts'
import { createHttpServer } from './http.ts'
import { hostsOf, isEverywhere, Lan } from './lan.ts'
import { limitsWith, type LimitOptions } from './directory/service-limits.ts'
import type { Log } from './log.ts'
import { checkOrigins, Origins } from './origins.ts'
import { DIST_FOLDER } from './own-package.ts'
import { Service } from './service.ts'
import { SIGNAL_PATH, SignalDoor } from './signal-door.ts'
import { checkTurn, type TurnOptions } from './turn.ts'

export type ServerOptions = LimitOptions & {
  /** Folder of pages to serve at `/`. Default: none; `/signal`, `/healthz` and the drop-in builds answer anyway. */
  readonly folder?: string | undefined
  /** Default 8080; 0 takes a free one. */
  readonly port?: number | undefined
  /** Address to listen on. Default `127.0.0.1`, or `0.0.0.0` with `lan`. */
  readonly host?: string | undefined
  /** Lets other devices of the network in, and tells pages at which addresses. Default false. */
  readonly lan?: boolean | undefined
  /**
   * With `lan`: answers STUN requests of this network at the same port over UDP, and tells pages of it. Without it
   * pages are relayed where the network lets no multicast through. Default true.
   */
  readonly stun?: boolean | undefined
  /** Serves all of it below this path, such as `/games/`, as a proxy passes it on. Default `/`. */
  readonly base?: string | undefined
  /**
   * Sends the headers (COOP, COEP) with which the pages of `folder` may share memory between threads, as game engines
   * do. Such a page loads from other origins only what says that it may be loaded. Default false.
   */
  readonly isolate?: boolean | undefined
  /**
   * Origins whose pages may connect, as browsers send them: `https://game.example`, `https://*.game.example`,
   * `capacitor://localhost`, `null`. Default: any.
   */
  readonly origins?: readonly string[] | undefined
  /**
   * Names by which pages reach it, such as `game.example`, beside its own and those in `origins`. Requests for other
   * names are refused with 421: they may come of a page whose name was made to lead to this machine.
   */
  readonly names?: readonly string[] | undefined
  /** Proxies of yours in front, whose `X-Forwarded-For` is to be believed. Default 0. */
  readonly trustedProxies?: number | undefined
  /** TURN servers of yours, for which pages that have joined get credentials. Default: none. */
  readonly turn?: TurnOptions | undefined
  /**
   * DriftDB's API for programs that are no page, at `/new` and `/room/…`. Default false. Who runs it sees the rooms
   * that are used through it.
   */
  readonly gateway?: boolean | undefined
  /** Default: silent. Lines of level INFO hold no topic, peer or address. */
  readonly log?: Log | undefined
}

export type RunningServer = {
  /** Where pages reach it, with a slash at the end. Signaling is at `signal` below it. */
  readonly url: string
  /**
   * All such addresses: with `lan` those of this machine in its networks too. The second one is the likeliest that
   * others can open.
   */
  readonly urls: readonly string[]
  readonly port: number
  /** Tells all peers, closes their sockets and frees the port, within 5 s. Closing again does nothing. */
  close(): Promise<void>
}

/**
 * Starts the introduction service, and with it a file server for pages in development.
 * Rejects with a BatonError: `bad-argument` for options that cannot work, `signaling` when the port cannot be had.
 *
 * @example
 * const server = await startServer({ folder: 'public', port: 0 })
 * console.log(`Open ${server.url}`)
 * await server.close()
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const {
    folder,
    port = 8080,
    lan: isLan = false,
    stun = true,
    host = isLan ? '0.0.0.0' : '127.0.0.1',
    base = '/',
    isolate = false,
    origins = [],
    names = [],
    trustedProxies = 0,
    turn,
    gateway: hasGateway = false,
    log = () => {},
  } = options
  checkPort(port)
  if (folder !== undefined) checkFolder(folder)
  if (!isBase(base)) throw new BatonError('bad-argument', noBase(base))
  checkOrigins(origins)
  names.forEach(checkName)
  if (turn !== undefined) checkTurn(turn)
  const limits = limitsWith(options)
  if (hasGateway && !limits.relay)
    throw new BatonError(
      'bad-argument',
      'The gateway reaches its rooms over the relay. Switch the relay on, or the gateway off.',
    )
  const lan = new Lan()
  const service = new Service(limits, log, turn, (ends) => lan.tell(ends))
  const gateway = hasGateway
    ? new Gateway((address) => dialInProcess((socket) => service.serveOwn(socket, address)))
    : null
  const hostNames = new HostNames({ host, names, origins })
  const admitted = new Origins(origins)
  const server = createHttpServer(service, {
    folder: folder === undefined ? null : resolve(folder),
    distFolder: DIST_FOLDER,
    base,
    isolate,
    door: new SignalDoor(service, {
      paths: [SIGNAL_PATH],
      origins: admitted,
      hostNames,
      trustedProxies,
    }),
    hostNames,
    trustedProxies,
    connectionsMax: limits.connectionsMax,
    connectionsPerAddressMax: limits.connectionsPerAddressMax,
    gateway:
      gateway === null
        ? null
        : new GatewayHttp(gateway, service, { origins: admitted, base, hostNames, trustedProxies }),
    log,
  })
  await listen(server, port, host)
  server.on('error', (error) => log('ERROR', `the server failed: ${error.message}`))
  const at = server.address() as AddressInfo
  const hosts = isLan ? await lan.open(at, stun, log) : hostsOf(at, null)
  const urls = urlsOf(at, base, hosts)
  log('INFO', 'the service has started')
  let closed: Promise<void> | null = null
  return {
    url: urls[0],
    urls,
    port: at.port,
    close: () => {
      lan.close()
      closed ??= stop(server, service, gateway, log)
      return closed
    },
  }
}

function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return
  throw new BatonError(
    'bad-argument',
    `${port} is not a port; choose one from 1 to 65535, or 0 for any free one.`,
  )
}

function checkFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  throw new BatonError(
    'bad-argument',
    `There is no folder "${folder}"; name one that exists, with an index.html in it.`,
  )
}

function noBase(base: string): string {
  return `"${base}" is not a path to serve below; write it as /games/, with a slash at both ends.`
}

function checkName(name: string): void {
  if (nameIn(name) === name.toLowerCase()) return
  throw new BatonError(
    'bad-argument',
    `"${name}" is not a host name; write it as game.example, without a scheme, a port or a slash.`,
  )
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new BatonError('signaling', whyNotListening(error, port, host))),
    )
    server.listen({ port, host, backlog: 511 }, resolve)
  })
}

function whyNotListening(error: NodeJS.ErrnoException, port: number, host: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken; stop what uses it, or choose another (0 takes a free one).`
    case 'EACCES':
      return `Port ${port} may not be used without more rights; choose one above 1023.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${host}"; use 127.0.0.1, or 0.0.0.0 for all of them.`
  }
  return `Listening on port ${port} of ${host} failed: ${error.message}.`
}

function urlsOf(
  { address, family, port }: AddressInfo,
  base: string,
  hosts: readonly string[],
): readonly [string, ...string[]] {
  const urlAt = (host: string) => `http://${host}:${port}${base}`
  const name = family === 'IPv6' ? `[${address}]` : address
  if (!isEverywhere(address)) return [urlAt(name)]
  return [urlAt('127.0.0.1'), ...hosts.map(urlAt)]
}

async function stop(
  server: Server,
  service: Service,
  gateway: Gateway | null,
  log: Log,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  gateway?.close()
  service.close()
  server.closeAllConnections() // plain requests; the sockets above have their own goodbye
  await closed
  log('INFO', 'the service has stopped')
}
