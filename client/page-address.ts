// Owns the room in this page's own address, and in links to it. Of the address it touches the fragment alone, and
// nothing else of the page.

import type { Room } from './api.ts'
import { badArgument, checkListener, checkRoom } from './argument-checks.ts'
import { cut, tokenIn, withToken } from './fragment.ts'
import { isOwnMachine } from './signaling-address.ts'

/** Where others open what a page has opened at an address of its own machine. */
const hostByRoom = new WeakMap<Room, string | undefined>()

/** The token in this page's fragment; null without one. */
export function tokenInAddress(): string | null {
  return tokenIn(location.hash.slice(1))
}

/** @throws BatonError `bad-argument` where the address cannot be written. */
export function putIntoAddress(token: string): void {
  const address = addressWith(token)
  const ways = [
    () => history.replaceState(history.state, '', address),
    () => location.replace(address), // stays on this page: only the fragment is another
  ]
  for (const write of ways) {
    try {
      write()
      if (tokenInAddress() === token) return
    } catch {
      // Some frames and some browsers forbid one way, and the next one may do.
    }
  }
  throw badArgument(
    'The address of this page has no token, and the browser lets none be put there. ' +
      'Give joinRoom a `token`.',
  )
}

/**
 * Signaling told at which hosts others reach it. They reach this page there too if the page came from the same port of
 * this machine, and by http: a certificate would be for another name. [SG8b]
 */
export function foundHosts(room: Room, signaling: string, [host]: readonly string[]): void {
  const { protocol, hostname, port } = new URL(signaling)
  const isPageThere = protocol === 'ws:' && isOwnMachine(hostname) && port === location.port
  if (isPageThere && isOwnMachine(location.hostname)) hostByRoom.set(room, host)
}

/**
 * A link to a room: this page's address with the token beside what stands in its fragment. Whoever opens it, and joins
 * without a token of its own, is in the room.
 *
 * Nobody else can open the `127.0.0.1` or `localhost` of this machine. If the page came from there, and the service was
 * started with `--lan`, the link names an address for others instead: once `room.ready` has resolved.
 *
 * @throws BatonError `bad-argument` for what is no room.
 * @example
 * button.onclick = () => navigator.clipboard.writeText(linkTo(room))
 */
export function linkTo(room: Room): string {
  checkRoom('linkTo', room)
  const link = addressWith(room.token)
  const host = hostByRoom.get(room)
  if (host === undefined) return link
  const url = new URL(link)
  url.hostname = host
  return url.href
}

/**
 * Calls the listener when this page's fragment comes to name another room: somebody put its link into the address of
 * this tab. A fragment that names no room is the app's own business. Returns its unsubscribe.
 *
 * @param listener Gets the other room's token.
 * @throws BatonError `bad-argument` for what is no room, and without a listener.
 * @example
 * onOtherRoom(room, () => location.reload()) // a page that loads anew joins the room in its address
 */
export function onOtherRoom(room: Room, listener: (token: string) => void): () => void {
  checkRoom('onOtherRoom', room)
  checkListener(listener)
  const look = () => {
    const token = tokenInAddress()
    if (token !== null && token !== room.token) listener(token)
  }
  addEventListener('hashchange', look)
  return () => removeEventListener('hashchange', look)
}

/** In full: a fragment alone would be one of `<base href>`, which is another page. */
function addressWith(token: string): string {
  return `${cut(location.href, '#')[0]}#${withToken(location.hash.slice(1), token)}`
}
