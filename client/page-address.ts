// Owns the room in this page's own address. Of the address it touches the fragment alone, and nothing else of the page.

import type { Room } from './api.ts'
import { badArgument, checkListener, checkRoom } from './argument-checks.ts'
import { cut, tokenIn, withToken } from './fragment.ts'

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
 * A link to a room: this page's address with the token beside what stands in its fragment. Whoever opens it, and joins
 * without a token of its own, is in the room.
 *
 * @throws BatonError `bad-argument` for what is no room.
 * @example
 * button.onclick = () => navigator.clipboard.writeText(linkTo(room))
 */
export function linkTo(room: Room): string {
  checkRoom('linkTo', room)
  return addressWith(room.token)
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
