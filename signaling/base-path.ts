// Owns the path below which a service answers, where a proxy passes requests on with their whole path.

import type { IncomingMessage } from 'node:http'

/** Whether a text is such a path: `/`, `/games/`. */
export function isBase(text: string): boolean {
  return /^\/([\w.~-]+\/)*$/.test(text)
}

/** Takes the base off the address of a request. False for a request beside it. */
export function enterBase(request: IncomingMessage, base: string): boolean {
  if (base === '/') return true
  const { url = '/' } = request
  if (!url.startsWith(base)) return false
  request.url = url.slice(base.length - 1)
  return true
}
