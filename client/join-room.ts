// Owns how a page joins a room: which token it means. Where signaling is, signaling-address.ts says; what carries the
// room is page-connection.ts's.

import { BatonError } from '../protocol/errors.ts'
import { createToken as tokenOf, isWeakToken } from '../protocol/token.ts'
import { randomBytes } from '../transport/clock.ts'
import type { JoinOptions, Room } from './api.ts'
import { PageConnection } from './page-connection.ts'
import { RoomImpl } from './room.ts'
import { signalingAddress } from './signaling-address.ts'

/**
 * Joins the room of a token, and returns at once: sends and subscriptions made before the first host is there wait
 * for it. Without a token the page's fragment names the room (`#room=…`), and gets a fresh token if there is none;
 * a fragment is never sent to a server.
 *
 * @throws BatonError `bad-token` for an empty token, `bad-argument` for a signaling URL that cannot be one or that a
 * page of https may not use.
 * @example
 * const room = joinRoom()
 * room.subscribe('chat', ({ value }) => show(value), { replay: true })
 * await room.append('chat', 'hello')
 */
export function joinRoom(options: JoinOptions = {}): Room {
  if (typeof document === 'undefined')
    throw new BatonError(
      'bad-argument',
      'joinRoom needs a page: call it in a browser, not on a server.',
    )
  const token = options.token ?? tokenInFragment()
  if (typeof token !== 'string' || token === '')
    throw new BatonError(
      'bad-token',
      'A room needs a token: a string that is not empty. createToken() makes a good one.',
    )
  if (isWeakToken(token))
    console.warn(
      'Baton: this token is short or reads like words. Whoever guesses it is in the room. ' +
        'createToken() makes one that nobody guesses.',
    )
  const url = signalingAddress(options.signaling)
  return new RoomImpl(token, (room) => new PageConnection(room, url, options))
}

/**
 * A fresh secret for a room: 128 random bits, 22 characters that fit into a link.
 *
 * @example
 * location.hash = `room=${createToken()}`
 */
export function createToken(): string {
  return tokenOf(randomBytes)
}

function tokenInFragment(): string {
  const fields = new URLSearchParams(location.hash.slice(1))
  const found = fields.get('room')
  if (found !== null && found !== '') return found
  const token = createToken()
  fields.set('room', token)
  history.replaceState(history.state, '', `#${fields}`)
  return token
}
