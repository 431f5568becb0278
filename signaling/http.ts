// Owns the HTTP side of the service: who may open a socket, the health check, the drop-in builds, the pages.

import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SignalingErrorCode } from '../protocol/signals.ts'
import { addressOf, subnetOf } from './address.ts'
import { ConnectionCount } from './directory/connection-count.ts'
import type { GatewayHttp } from './gateway/gateway-http.ts'
import {
  PLAIN_CONNECTIONS_MAX,
  PLAIN_CONNECTIONS_PER_ADDRESS_MAX,
} from './directory/service-limits.ts'
import { wrongHost, type HostNames } from './host-names.ts'
import type { Log } from './log.ts'
import { VERSION } from './own-package.ts'
import { answerText, pathOf, servePages } from './pages.ts'
import { REFUSALS } from './directory/refusals.ts'
import type { Service } from './service.ts'

export type HttpOptions = {
  /** What to serve at `/`; null for nothing. */
  readonly folder: string | null
  /** Where the drop-in builds are. */
  readonly distFolder: string
  /** Origins whose pages may connect; empty for any. */
  readonly origins: readonly string[]
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

const SIGNAL_PATH = '/signal'
const RETRY_AFTER_S = 10

const NO_BUILD = 'The drop-in build does not exist yet; run `npm run build` in the folder of Baton.'
const NO_PAGES = `No pages are served here: this is a Baton introduction service, for WebSockets at ${SIGNAL_PATH}.`
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
    const { gateway, log } = options
    if (gateway?.owns(request) === true) {
      const refuse = (status: number, json: string) =>
        refuseUpgrade(stream, status, json, 'application/json')
      const upgraded = gateway.upgrade(request, stream, head, refuse)
      return whenFailed(upgraded, log, () => refuse(500, OWN_FAULT))
    }
    const address = addressOf(request, options.trustedProxies)
    const refused = whyRefused(request, address, service, options)
    if (refused === null) service.accept(request, stream, head, address)
    else refuseUpgrade(stream, refused.status, refused.text)
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
  { folder, distFolder, gateway, hostNames, log }: HttpOptions,
): RequestListener {
  const healthz = answerHealth(service)
  const dropIns = servePages(distFolder, { anyOrigin: true, missing: NO_BUILD })
  const noPages: RequestListener = (_request, response) => answerText(response, 404, NO_PAGES)
  const pages =
    folder === null ? noPages : servePages(folder, { anyOrigin: false, missing: NO_FILE })
  return (request, response) => {
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
      return answerText(response, 405, 'This address can only be read, with GET or HEAD.')
    }
    switch (pathOf(request)) {
      case SIGNAL_PATH:
        response.setHeader('Upgrade', 'websocket')
        return answerText(response, 426, 'Connect to this address with a WebSocket.')
      case '/healthz':
        return healthz(request, response)
      case '/baton.js':
      case '/baton.global.js':
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

type Refused = { readonly status: number; readonly text: string }

function whyRefused(
  request: IncomingMessage,
  address: string,
  service: Service,
  { origins, hostNames }: HttpOptions,
): Refused | null {
  const { host } = request.headers
  if (!hostNames.admit(host)) return { status: 421, text: wrongHost(host) }
  if (pathOf(request) !== SIGNAL_PATH)
    return { status: 404, text: `WebSockets are served at ${SIGNAL_PATH} only.` }
  if (request.method !== 'GET') return { status: 405, text: 'A WebSocket is opened with GET.' }
  if (origins.length > 0 && !origins.includes(request.headers.origin ?? ''))
    return refusedAs(403, 'origin')
  switch (service.whatIsFull(address)) {
    case 'address':
      return refusedAs(429, 'too-many-connections')
    case 'service':
      return refusedAs(503, 'too-many-connections')
    case null:
      return null
  }
}

function refusedAs(status: number, code: SignalingErrorCode): Refused {
  return { status, text: REFUSALS[code].message }
}

function refuseUpgrade(
  stream: Duplex,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(status === 429 || status === 503 ? [`Retry-After: ${RETRY_AFTER_S}`] : []),
  ]
  stream.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => stream.destroy())
}
