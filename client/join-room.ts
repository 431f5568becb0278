// Owns how a page joins a room: which token it means. Where the token stands in the page's address, page-address.ts
// says; where signaling is, signaling-address.ts; what carries the room is page-connection.ts's.

import { BatonError } from '../protocol/errors.ts'
import { createToken as tokenOf, isWeakToken } from '../protocol/token.ts'
import { randomBytes } from '../transport/clock.ts'
import type { JoinOptions, Room } from './api.ts'
import { badArgument, checkOptions, type Allowed } from './argument-checks.ts'
import { putIntoAddress, tokenInAddress } from './page-address.ts'
import { PageConnection } from './page-connection.ts'
import { publicToken } from './public-room.ts'
import { RoomImpl } from './room.ts'
import { signalingAddress } from './signaling-address.ts'

/** What `JoinOptions` has, for those who write JavaScript. */
const OPTIONS = {
  token: 'string',
  room: 'string',
  signaling: 'string',
  canHost: 'boolean',
  durability: ['standby', 'host'],
  partition: ['continue', 'pause'],
  iceServers: 'list',
} as const satisfies Record<keyof JoinOptions, Allowed>

/**
 * Joins a room, and returns at once: sends and subscriptions made before the first host is there wait for it.
 * - Without `token` and `room`, the page's fragment names the room (`#room=…`), and gets a fresh token if it names
 *   none. What else stands there stays; a fragment is never sent to a server.
 * - `token` is a secret: whoever holds it is in the room.
 * - `room` is a public room: `page` for everybody at this page's address, another name for all pages of this origin
 *   that say the same.
 *
 * @throws BatonError `bad-token` for a token that can be none, `bad-argument` for options that make no sense here; its
 * message says what to do.
 * @example
 * const room = joinRoom()
 * room.subscribe('chat', ({ value }) => show(value), { replay: true })
 * await room.append('chat', 'hello')
 */
export function joinRoom(options: JoinOptions = {}): Room {
  if (typeof document === 'undefined')
    throw badArgument('joinRoom needs a page: call it in a browser, not on a server.')
  checkOptions('joinRoom', options, OPTIONS)
  const url = signalingAddress(options.signaling)
  const token = tokenFor(options)
  return new RoomImpl(token, (room) => new PageConnection(room, url, options))
}

/**
 * A fresh secret for a room: 128 random bits, 22 characters that fit into a link.
 *
 * @example
 * const room = joinRoom({ token: createToken() })
 * show(linkTo(room)) // whoever opens this link is in the room
 */
export function createToken(): string {
  return tokenOf(randomBytes)
}

function tokenFor({ token, room }: JoinOptions): string {
  if (token !== undefined && room !== undefined)
    throw badArgument(
      'joinRoom got `token` and `room`. Give `token` for a secret room, or `room` for a public one.',
    )
  if (room !== undefined) return publicToken(room)
  return checked(token ?? tokenInAddress() ?? freshInAddress())
}

function freshInAddress(): string {
  const token = createToken()
  putIntoAddress(token)
  return token
}

function checked(token: string): string {
  if (token === '' || HALF_A_CHARACTER.test(token))
    throw new BatonError(
      'bad-token',
      'A room needs a token that is not empty, nor cut within a character. ' +
        'createToken() makes a good one.',
    )
  if (isWeakToken(token))
    console.warn(
      'Baton: this token is short or reads like words. Whoever guesses it is in the room. ' +
        'createToken() makes one that nobody guesses; `room` names a room that is public on purpose.',
    )
  return token
}

/** No encoding keeps it: such a token cannot be put into a link. */
const HALF_A_CHARACTER = /\p{Surrogate}/u
