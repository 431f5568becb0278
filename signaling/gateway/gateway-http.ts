// Owns the routes of the gateway: which addresses it answers, how, and with which status when it does not.
//
//   POST /new                  a fresh room: {room, socket_url, http_url}
//   GET  /room/:id             the same of a room that is known by its id, which is its token
//   POST /room/:id/send        one message in JSON; answers what DriftDB answers to it, or null
//   GET  /room/:id/connect     a WebSocket; ?cbor=true, ?debug=true

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { randomBytes } from '../../transport/clock.ts'
import { createToken } from '../../protocol/token.ts'
import { addressOf } from '../address.ts'
import { pathOf } from '../pages.ts'
import { pingUntilClosed } from '../ping-until-closed.ts'
import type { Service } from '../service.ts'
import { Backlog } from './backlog.ts'
import { parseText, toText } from './drift-codec.ts'
import type { FromRoom, ToRoom } from './drift-messages.ts'
import type { Gateway } from './gateway.ts'
import { gatewaySockets, serveClient } from './gateway-socket.ts'
import {
  CLIENT_PING_MS,
  MESSAGE_BYTES_MAX,
  REQUEST_TIMEOUT_MS,
  ROOM_ID_CHARS_MAX,
} from './gateway-limits.ts'
import type { Seat } from './seat.ts'

export type GatewayHttpOptions = {
  /** Origins whose pages may use it; empty for any. Who sends no Origin is no page. */
  readonly origins: readonly string[]
  readonly trustedProxies: number
}

type Refused = { readonly status: number; readonly message: string; readonly allow?: string }
type Route =
  | { readonly name: 'new' }
  | { readonly name: 'room' | 'send' | 'connect'; readonly token: string }

const METHODS = { new: 'POST', room: 'GET, HEAD', send: 'POST', connect: 'GET' } as const

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
    const path = pathOf(request)
    return path === '/new' || path === '/room' || path.startsWith('/room/')
  }

  /** Answers a request; a failure of our own is a 500, and the process goes on. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#allowPages(request, response)
    const route = this.#routeOf(request)
    if ('status' in route) return refuse(response, route)
    if (request.method === 'OPTIONS') return void response.writeHead(204).end()
    switch (route.name) {
      case 'new':
        return answerJson(response, 200, this.#whereIs(request, createToken(randomBytes)))
      case 'room':
        return answerJson(response, 200, this.#whereIs(request, route.token))
      case 'connect':
        response.setHeader('Upgrade', 'websocket')
        return refuse(response, {
          status: 426,
          message: 'Connect to this address with a WebSocket.',
        })
      case 'send':
        return this.#send(request, response, route.token)
    }
  }

  /** Answers an upgrade request: with a socket, or by `refuseWith`. */
  async upgrade(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    refuseWith: (status: number, text: string) => void,
  ): Promise<void> {
    const refuse = ({ status, message }: Refused) => refuseWith(status, errorText(message))
    const route = this.#routeOf(request)
    if ('status' in route) return refuse(route)
    if (route.name !== 'connect')
      return refuse({ status: 404, message: 'WebSockets are served at /room/:id/connect.' })
    const address = addressOf(request, this.#options.trustedProxies)
    const full = this.#service.whatIsFull(address)
    if (full !== null)
      return refuse({
        status: full === 'address' ? 429 : 503,
        message: 'Too many connections are open; close some, or try again later.',
      })
    const seat = await this.#gateway.seat(route.token, address)
    if (stream.destroyed) return
    if (typeof seat === 'string') return refuse({ status: 503, message: seat })
    const query = new URL(request.url ?? '/', 'http://gateway').searchParams
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      socket.on('error', () => {}) // a close follows it
      this.#service.countUntilClosed(socket, address)
      pingUntilClosed(socket, CLIENT_PING_MS)
      serveClient(socket, seat, {
        cbor: isOn(query.get('cbor')),
        debug: isOn(query.get('debug')),
        backlog: this.#backlog,
      })
    })
  }

  async #send(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const body = await readMessage(request)
    if ('status' in body) return refuse(response, body)
    const seat = await this.#gateway.seat(token, addressOf(request, this.#options.trustedProxies))
    if (response.destroyed) return
    if (typeof seat === 'string') return refuse(response, { status: 503, message: seat })
    const answer = await ask(seat, body.message)
    if (answer === 'timeout')
      return refuse(response, {
        status: 503,
        message: `The room has lost its host and has found none within ${REQUEST_TIMEOUT_MS / 1_000} s. A push may still come into the room.`,
      })
    if (answer?.type === 'error') return refuse(response, { status: 422, message: answer.message })
    const text = answer === null ? 'null' : toText(answer)
    if (!this.#backlog.admits(0, text.length))
      return refuse(response, {
        status: 503,
        message: 'The gateway has as much to say to its clients as it may. Try again in a moment.',
      })
    response.on('close', this.#backlog.began(text.length))
    answerText(response, 200, text)
  }

  #routeOf(request: IncomingMessage): Route | Refused {
    const { origin } = request.headers
    const { origins } = this.#options
    if (origin !== undefined && origins.length > 0 && !origins.includes(origin))
      return {
        status: 403,
        message:
          'Pages of this origin may not use this service; its operator lists the origins that may.',
      }
    const route = readPath(pathOf(request))
    if ('status' in route) return route
    const allow = METHODS[route.name]
    if (request.method === 'OPTIONS' || allow.split(', ').includes(request.method ?? ''))
      return route
    return { status: 405, message: `This address takes ${allow}.`, allow: `${allow}, OPTIONS` }
  }

  #allowPages({ headers }: IncomingMessage, response: ServerResponse): void {
    const { origins } = this.#options
    if (origins.length === 0) response.setHeader('Access-Control-Allow-Origin', '*')
    else {
      response.setHeader('Vary', 'Origin')
      if (headers.origin !== undefined && origins.includes(headers.origin))
        response.setHeader('Access-Control-Allow-Origin', headers.origin)
    }
    response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, OPTIONS')
    response.setHeader('Access-Control-Allow-Headers', 'Accept, Authorization, Content-Type')
  }

  #whereIs(request: IncomingMessage, token: string) {
    const isSecure =
      this.#options.trustedProxies > 0 &&
      String(request.headers['x-forwarded-proto'] ?? '')
        .split(',')
        .at(-1)
        ?.trim() === 'https'
    const { host = '' } = request.headers
    const { localAddress, localPort } = request.socket
    const authority = /^[\w.:[\]-]+$/.test(host)
      ? host
      : `${localAddress?.includes(':') === true ? `[${localAddress}]` : localAddress}:${localPort}`
    const room = `${authority}/room/${encodeURIComponent(token)}`
    return {
      room: token,
      socket_url: `${isSecure ? 'wss' : 'ws'}://${room}/connect`,
      http_url: `${isSecure ? 'https' : 'http'}://${room}/send`,
    }
  }
}

function readPath(path: string): Route | Refused {
  if (path === '/new') return { name: 'new' }
  const [, id = '', verb = '/'] = /^\/room\/([^/]+)(\/send|\/connect)?$/.exec(path) ?? []
  if (id === '')
    return {
      status: 404,
      message:
        'There is nothing here. The gateway answers at /new, /room/:id, /room/:id/send and /room/:id/connect.',
    }
  let token: string
  try {
    token = decodeURIComponent(id)
  } catch {
    return {
      status: 400,
      message:
        'The id of this room is not well-formed: a % in it must be followed by two hexadecimal digits, and stand for UTF-8.',
    }
  }
  if (token.length > ROOM_ID_CHARS_MAX)
    return {
      status: 400,
      message: `The id of a room has at most ${ROOM_ID_CHARS_MAX} characters; this one has ${token.length}.`,
    }
  return { name: verb === '/send' ? 'send' : verb === '/connect' ? 'connect' : 'room', token }
}

/** The message in the body; or why there is none, and its status. */
async function readMessage(
  request: IncomingMessage,
): Promise<Refused | { readonly message: ToRoom }> {
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    return {
      status: 415,
      message:
        'Send the message as JSON, with "Content-Type: application/json"; curl does it with --json.',
    }
  }
  const bytes = await readBody(request)
  if (bytes === null)
    return { status: 413, message: `A message takes at most ${MESSAGE_BYTES_MAX} bytes.` }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    JSON.parse(text)
  } catch {
    return { status: 400, message: 'The body of this request is not JSON in UTF-8.' }
  }
  const parsed = parseText(text)
  return parsed.ok ? { message: parsed.value } : { status: 422, message: parsed.error }
}

/** Null for one that is too large. One that breaks off never comes: nobody waits for an answer. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > MESSAGE_BYTES_MAX) return resolve(null)
    const chunks: Buffer[] = []
    let size = 0
    request.on('error', () => {}) // it was broken off
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > MESSAGE_BYTES_MAX) return resolve(null)
      chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
  })
}

/** Says one message to the room, and resolves with what it answers, null for nothing. */
function ask(seat: Seat, message: ToRoom): Promise<FromRoom | null | 'timeout'> {
  return new Promise((resolve) => {
    let answer: FromRoom | null = null
    const settle = (outcome: FromRoom | null | 'timeout') => {
      clearTimeout(timer)
      resolve(outcome)
      queueMicrotask(() => client.close())
    }
    const timer = setTimeout(() => settle('timeout'), REQUEST_TIMEOUT_MS)
    const client = seat.open('request', {
      tell: (message) => {
        answer ??= message
      },
      hold: () => {},
      done: () => settle(answer),
      ended: () => settle('timeout'),
    })
    client.received(message)
  })
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
