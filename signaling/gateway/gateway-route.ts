// Owns which addresses the gateway answers, by which methods, and what it says of every other one.
//
//   POST /new                  a fresh room: {room, socket_url, http_url}
//   GET  /room/:id             the same of a room that is known by its id, which is its token
//   POST /room/:id/send        one message in JSON; answers what DriftDB answers to it, or null
//   GET  /room/:id/connect     a WebSocket; ?cbor=true, ?debug=true

import type { IncomingMessage } from 'node:http'
import { fail, ok, type Result } from '../../protocol/result.ts'
import { pathOf } from '../pages.ts'
import { ROOM_ID_CHARS_MAX } from './gateway-limits.ts'

export type Route =
  | { readonly name: 'new' }
  | { readonly name: 'room' | 'send' | 'connect'; readonly token: string }

/** Why a request is refused: the status and the sentence of its answer. */
export type Refused = { readonly status: number; readonly message: string; readonly allow?: string }

const METHODS = { new: 'POST', room: 'GET, HEAD', send: 'POST', connect: 'GET' } as const

/** Whether this address is the gateway's to answer. */
export function isGatewayPath(path: string): boolean {
  return path === '/new' || path === '/room' || path.startsWith('/room/')
}

export function routeOf(request: IncomingMessage): Result<Route, Refused> {
  const route = readPath(pathOf(request))
  if (!route.ok) return route
  const allow = METHODS[route.value.name]
  const { method = '' } = request
  if (method === 'OPTIONS' || allow.split(', ').includes(method)) return route
  return fail({
    status: 405,
    message: `This address takes ${allow}.`,
    allow: `${allow}, OPTIONS`,
  })
}

function readPath(path: string): Result<Route, Refused> {
  if (path === '/new') return ok({ name: 'new' })
  const [, id = '', verb] = /^\/room\/([^/]+)(?:\/(send|connect))?$/.exec(path) ?? []
  if (id === '') return fail(NOTHING_HERE)
  const token = decoded(id)
  if (token === null) return fail(MALFORMED_ID)
  if (token.length > ROOM_ID_CHARS_MAX) return fail(tooLong(token))
  return ok({ name: (verb ?? 'room') as 'room' | 'send' | 'connect', token })
}

/** Null where a % stands for nothing. */
function decoded(id: string): string | null {
  try {
    return decodeURIComponent(id)
  } catch {
    return null // the sender is told
  }
}

const NOTHING_HERE: Refused = {
  status: 404,
  message:
    'There is nothing here. ' +
    'The gateway answers at /new, /room/:id, /room/:id/send and /room/:id/connect.',
}

const MALFORMED_ID: Refused = {
  status: 400,
  message:
    'The id of this room is not well-formed: ' +
    'a % in it must be followed by two hexadecimal digits, and stand for UTF-8.',
}

function tooLong(token: string): Refused {
  return {
    status: 400,
    message: `The id of a room has at most ${ROOM_ID_CHARS_MAX} characters; this one has ${token.length}.`,
  }
}
