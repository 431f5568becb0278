// Owns how the gateway answers requests: with JSON, with a WebSocket, or with a status and a sentence. Which addresses
// there are is gateway-route.ts's; what a room answers is its seat's.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { fail, type Result } from '../../protocol/result.ts'
import { createToken } from '../../protocol/token.ts'
import { randomBytes } from '../../transport/clock.ts'
import { addressOf } from '../address.ts'
import { wrongHost, type HostNames } from '../host-names.ts'
import { REFUSALS } from '../directory/refusals.ts'
import { wrongOrigin, type Origins } from '../origins.ts'
import { pathOf } from '../pages.ts'
import { pingUntilClosed } from '../ping-until-closed.ts'
import type { Service } from '../service.ts'
import { askRoom } from './ask-room.ts'
import { Backlog } from './backlog.ts'
import { toText } from './drift-codec.ts'
import { gatewaySockets, serveClient } from './gateway-socket.ts'
import { CLIENT_PING_MS } from './gateway-limits.ts'
import { isGatewayPath, routeOf, type Refused, type Route } from './gateway-route.ts'
import type { Gateway } from './gateway.ts'
import { readMessage } from './message-body.ts'

export type GatewayHttpOptions = {
  /** Pages that may use it. Who sends no Origin is no page. */
  readonly origins: Origins
  /** The path below which the service answers, with a slash at both ends. */
  readonly base: string
  /** The names under which it answers. */
  readonly hostNames: HostNames
  readonly trustedProxies: number
}

const TOO_MUCH_TO_SAY: Refused = {
  status: 503,
  message: 'The gateway has too much to send to its clients. Try again in a moment.',
}

export class GatewayHttp {
  readonly #gateway: Gateway
  readonly #service: Service
  readonly #options: GatewayHttpOptions
  readonly #sockets = gatewaySockets()
  readonly #backlog = new Backlog()

  constructor(gateway: Gateway, service: Service, options: GatewayHttpOptions) {
    this.#gateway = gateway
    this.#service = service
    this.#options = options
  }

  /** Whether this address is the gateway's to answer. */
  owns(request: IncomingMessage): boolean {
    return isGatewayPath(pathOf(request))
  }

  /** Answers a request. Rejects for a failure of our own. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#allowPages(request, response)
    const route = this.#routeOf(request)
    if (!route.ok) return refuse(response, route.error)
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end()
      return
    }
    switch (route.value.name) {
      case 'new':
        return answerJson(response, 200, this.#whereIs(request, createToken(randomBytes)))
      case 'room':
        return answerJson(response, 200, this.#whereIs(request, route.value.token))
      case 'connect':
        response.setHeader('Upgrade', 'websocket')
        return refuse(response, {
          status: 426,
          message: 'Connect to this address with a WebSocket.',
        })
      case 'send':
        return this.#send(request, response, route.value.token)
    }
  }

  /** Answers an upgrade request: with a socket, or by `refuseWith`. Rejects for a failure of our own. */
  async upgrade(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    refuseWith: (status: number, json: string) => void,
  ): Promise<void> {
    const refuse = ({ status, message }: Refused) => refuseWith(status, errorText(message))
    const route = this.#routeOf(request)
    if (!route.ok) return refuse(route.error)
    if (route.value.name !== 'connect')
      return refuse({ status: 404, message: 'WebSockets are served at /room/:id/connect.' })
    const address = addressOf(request, this.#options.trustedProxies)
    const full = this.#service.whatIsFull(address)
    if (full !== null) return refuse(tooManyConnections(full))
    const seat = await this.#gateway.seat(route.value.token, address)
    if (stream.destroyed) return
    if (!seat.ok) return refuse({ status: 503, message: seat.error })
    const query = new URL(request.url ?? '/', 'http://gateway').searchParams
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on('error', () => {}) // a close follows it
      this.#service.countUntilClosed(socket, address)
      pingUntilClosed(socket, CLIENT_PING_MS)
      serveClient(socket, seat.value, {
        cbor: isOn(query.get('cbor')),
        debug: isOn(query.get('debug')),
        backlog: this.#backlog,
      })
    })
  }

  async #send(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const message = await readMessage(request)
    if (!message.ok) return refuse(response, message.error)
    const address = addressOf(request, this.#options.trustedProxies)
    const seat = await this.#gateway.seat(token, address)
    if (response.destroyed) return
    if (!seat.ok) return refuse(response, { status: 503, message: seat.error })
    const answer = await askRoom(seat.value, message.value)
    if (!answer.ok) return refuse(response, answer.error)
    const text = answer.value === null ? 'null' : toText(answer.value)
    if (!this.#backlog.admits(0, text.length)) return refuse(response, TOO_MUCH_TO_SAY)
    response.on('close', this.#backlog.began(text.length))
    answerText(response, 200, text)
  }

  #routeOf(request: IncomingMessage): Result<Route, Refused> {
    const { host, origin } = request.headers
    if (!this.#options.hostNames.admit(host)) return fail({ status: 421, message: wrongHost(host) })
    if (origin !== undefined && !this.#options.origins.admit(origin))
      return fail({ status: 403, message: wrongOrigin(origin) })
    return routeOf(request)
  }

  #allowPages({ headers }: IncomingMessage, response: ServerResponse): void {
    const { origin } = headers
    const { origins } = this.#options
    if (origins.admitsAll) response.setHeader('Access-Control-Allow-Origin', '*')
    else {
      response.setHeader('Vary', 'Origin')
      if (origin !== undefined && origins.admit(origin))
        response.setHeader('Access-Control-Allow-Origin', origin)
    }
    response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, OPTIONS')
    response.setHeader('Access-Control-Allow-Headers', 'Accept, Authorization, Content-Type')
  }

  #whereIs(request: IncomingMessage, token: string) {
    const s = this.#options.trustedProxies > 0 && cameSecurely(request) ? 's' : ''
    const { base } = this.#options
    const room = `${authorityOf(request)}${base}room/${encodeURIComponent(token)}`
    return {
      room: token,
      socket_url: `ws${s}://${room}/connect`,
      http_url: `http${s}://${room}/send`,
    }
  }
}

/** Whether the request came to our nearest proxy over TLS. */
function cameSecurely({ headers }: IncomingMessage): boolean {
  const hops = String(headers['x-forwarded-proto'] ?? '').split(',')
  return hops.at(-1)?.trim() === 'https'
}

/** The name by which the client reached this service, or else the address. */
function authorityOf({ headers, socket }: IncomingMessage): string {
  const { host = '' } = headers
  if (/^[\w.:[\]-]+$/.test(host)) return host
  const { localAddress = '', localPort } = socket
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}

function tooManyConnections(full: 'service' | 'address'): Refused {
  const { message } = REFUSALS['too-many-connections']
  return { status: full === 'address' ? 429 : 503, message }
}

function isOn(flag: string | null): boolean {
  return flag === 'true' || flag === '1'
}

function refuse(response: ServerResponse, { status, message, allow }: Refused): void {
  if (allow !== undefined) response.setHeader('Allow', allow)
  if (status === 503) response.setHeader('Retry-After', '1')
  if (status === 413) response.setHeader('Connection', 'close') // the rest of the body is not read
  answerText(response, status, errorText(message))
}

function errorText(message: string): string {
  return JSON.stringify({ type: 'error', message })
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  answerText(response, status, JSON.stringify(body))
}

function answerText(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(`${json}\n`)
}
