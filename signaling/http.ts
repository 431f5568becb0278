// Owns the HTTP side of the service: who may open a socket, the health check, the drop-in builds, the pages.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  type Server,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { subnetOf } from './address.ts'
import { enterBase } from './base-path.ts'
import { ConnectionCount } from './directory/connection-count.ts'
import type { GatewayHttp } from './gateway/gateway-http.ts'
import { isGatewayPath } from './gateway/gateway-route.ts'
import {
  PLAIN_CONNECTIONS_MAX,
  PLAIN_CONNECTIONS_PER_ADDRESS_MAX,
} from './directory/service-limits.ts'
import { wrongHost, type HostNames } from './host-names.ts'
import type { Log } from './log.ts'
import { VERSION } from './own-package.ts'
import { answerText, pathOf, servePages } from './pages.ts'
import type { Service } from './service.ts'
import { refuseUpgrade, SIGNAL_PATH, type SignalDoor } from './signal-door.ts'

export type HttpOptions = {
  /** What to serve at `/`; null for nothing. */
  readonly folder: string | null
  /** Where the drop-in builds are. */
  readonly distFolder: string
  /** The path below which all of it is, with a slash at both ends. */
  readonly base: string
  /** Whether the pages may share memory between threads, and so may load nothing of others that do not allow it. */
  readonly isolate: boolean
  readonly door: SignalDoor
  /** The names under which it answers. */
  readonly hostNames: HostNames
  /** How many proxies of ours stand in front. */
  readonly trustedProxies: number
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  /** DriftDB's API in front of the rooms; null for none. */
  readonly gateway: GatewayHttp | null
  readonly log: Log
}

const NO_BUILD = 'The drop-in build does not exist yet; run `npm run build` in the folder of Baton.'
const NO_PAGES = `No pages are served here: this is a Baton introduction service, for WebSockets at ${SIGNAL_PATH}.`
const NO_GATEWAY =
  'The gateway is off here. Start the service with `baton --gateway` (and without --no-relay), ' +
  'or with `gateway: true` of startServer.'
const NO_SOCKETS = `WebSockets are served at ${SIGNAL_PATH} only.`
const NO_FILE =
  'There is no such file in the folder that Baton serves; check the address, or look into the folder.'

const HTTP_OPTIONS = {
  // Without it the timeouts below are only looked at every 30 s.
  connectionsCheckingInterval: 1_000,
  headersTimeout: 5_000,
  requestTimeout: 8_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 8_192,
  noDelay: true,
}

/** Every page may load these, an isolated one too. */
const FOR_ANY_ORIGIN = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}
/** What a browser asks of a page that is to have SharedArrayBuffer. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** An HTTP server that does not listen yet. Malformed requests are answered by Node itself: 400, 408, 431. */
export function createHttpServer(service: Service, options: HttpOptions): Server {
  const server = createServer(HTTP_OPTIONS, answerRequests(service, options))
  server.maxConnections = options.connectionsMax + PLAIN_CONNECTIONS_MAX
  // Behind a proxy all come from its address.
  if (options.trustedProxies === 0)
    boundConnections(server, options.connectionsPerAddressMax + PLAIN_CONNECTIONS_PER_ADDRESS_MAX)
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Node has let go of the stream, and an error that nobody hears ends the process.
    stream.on('error', () => stream.destroy())
    const { base, door, gateway, hostNames, log } = options
    if (!enterBase(request, base))
      return refuseUpgrade(stream, { status: 404, text: outside(base) })
    if (gateway?.owns(request) === true) {
      const refuse = (status: number, json: string) =>
        refuseUpgrade(stream, { status, text: json }, 'application/json')
      const upgraded = gateway.upgrade(request, stream, head, refuse)
      return whenFailed(upgraded, log, () => refuse(500, OWN_FAULT))
    }
    if (door.owns(request)) return door.upgrade(request, stream, head)
    const { host } = request.headers
    if (!hostNames.admit(host)) return refuseUpgrade(stream, { status: 421, text: wrongHost(host) })
    return refuseUpgrade(stream, { status: 404, text: missing(request, NO_SOCKETS) })
  })
  return server
}

/** Silent connections of one address must not use up all there are: those over its share close unanswered. */
function boundConnections(server: Server, perAddressMax: number): void {
  const count = new ConnectionCount(Infinity, perAddressMax)
  server.on('connection', (socket: Socket) => {
    const address = subnetOf(socket.remoteAddress ?? 'unknown')
    if (count.whatIsFull(address) !== null) {
      socket.destroy()
      return
    }
    count.opened(address, 0)
    socket.on('close', () => count.closed(address))
  })
}

const OWN_FAULT = '{"type":"error","message":"This service has a bug, and could not answer that."}'

function whenFailed(answer: Promise<void>, log: Log, tell: () => void): void {
  answer.catch((error: Error) => {
    log('ERROR', `the gateway failed: ${error.message}`)
    tell()
  })
}

function answerRequests(
  service: Service,
  { base, door, folder, distFolder, gateway, hostNames, isolate, log }: HttpOptions,
): RequestListener {
  const healthz = answerHealth(service)
  const dropIns = servePages(distFolder, {
    headers: FOR_ANY_ORIGIN,
    missing: () => NO_BUILD,
    hasCompressed: true,
  })
  const noPages: RequestListener = (request, response) =>
    answerText(response, 404, missing(request, NO_PAGES))
  const headers = isolate ? ISOLATED : {}
  const pages =
    folder === null
      ? noPages
      : servePages(folder, { headers, missing: (request) => missing(request, NO_FILE) })
  return (request, response) => {
    if (!enterBase(request, base)) return answerOutside(request, response, base)
    if (gateway?.owns(request) === true) {
      return whenFailed(gateway.answer(request, response), log, () => {
        if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'application/json' })
        response.end(OWN_FAULT)
      })
    }
    const { host } = request.headers
    if (!hostNames.admit(host)) return answerText(response, 421, wrongHost(host))
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      if (asksForGateway(request)) return answerText(response, 405, NO_GATEWAY)
      return answerText(response, 405, 'This address can only be read, with GET or HEAD.')
    }
    if (door.owns(request)) return door.answer(request, response)
    switch (pathOf(request)) {
      case '/healthz':
        return healthz(request, response)
      case '/baton.js':
      case '/baton.global.js':
      case '/baton-room.js':
      case '/baton-text.js':
      case '/baton-timers.js':
        return dropIns(request, response)
    }
    return pages(request, response)
  }
}

function answerHealth(service: Service): RequestListener {
  const startedAtMs = performance.now()
  return (_request, response) => {
    const { rooms, peers } = service
    const uptimeSeconds = Math.floor((performance.now() - startedAtMs) / 1_000)
    const health = { status: 'ok', rooms, peers, uptimeSeconds, version: VERSION }
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    response.end(JSON.stringify(health))
  }
}

/** Who left out the slash at the end of the base is led there. */
function answerOutside(request: IncomingMessage, response: ServerResponse, base: string): void {
  if (`${pathOf(request)}/` !== base) return answerText(response, 404, outside(base))
  response.setHeader('Location', base)
  answerText(response, 301, outside(base))
}

function outside(base: string): string {
  return `This service is below ${base}; there is nothing beside it.`
}

/** The gateway of this service is off: who asks for it there is told so. */
function missing(request: IncomingMessage, otherwise: string): string {
  return asksForGateway(request) ? NO_GATEWAY : otherwise
}

/** What is asked for that only a gateway has: `POST /new`, a socket of a room, or a room. */
function asksForGateway(request: IncomingMessage): boolean {
  return isGatewayPath(pathOf(request))
}
