// Owns which pages may use the service, by what browsers and app shells send as `Origin`. [SG6b]

import { BatonError } from '../protocol/errors.ts'
import { REFUSALS } from './directory/refusals.ts'

/** A scheme, perhaps a `*.` for all names below, a host with its port. */
const ORIGIN = /^([a-z][a-z\d+.-]*:\/\/)(\*\.)?([^\s/?#@\\*]+)$/
/** Pages without an origin of their own: files, sandboxed frames. Some web views say the latter. */
const NAMELESS = new Set(['null', 'file://'])
/** A socket has an address of these; a page has none. */
const SOCKET_SCHEMES = new Set(['ws://', 'wss://'])
/** Longer ones are cut where they are quoted. */
const SHOWN_CHARS_MAX = 253

export class Origins {
  readonly #listed: ReadonlySet<string>
  /** Of `https://*.game.example`: what stands before and after the star. */
  readonly #patterns: readonly (readonly [string, string])[]

  /** @param listed Checked by `checkOrigins`. None lets every page in. */
  constructor(listed: readonly string[]) {
    this.#listed = new Set(listed)
    this.#patterns = listed
      .filter((origin) => origin.includes('*'))
      .map((origin) => origin.split('*') as [string, string])
  }

  get admitsAll(): boolean {
    return this.#listed.size === 0
  }

  /** Whether pages may connect that have this in `Origin`. */
  admit(origin: string | undefined): boolean {
    if (this.admitsAll) return true
    if (origin === undefined) return false
    if (this.#listed.has(origin)) return true
    return this.#patterns.some(
      ([start, end]) => origin.startsWith(start) && origin.slice(start.length + 1).endsWith(end),
    )
  }
}

/** @throws BatonError `bad-argument` for what nobody sends as an origin. */
export function checkOrigins(origins: readonly string[]): void {
  const wrong = origins.find((origin) => !isOrigin(origin))
  if (wrong === undefined) return
  throw new BatonError(
    'bad-argument',
    `"${wrong}" is not an origin; write it as https://example.com, without a path or a slash at the end.`,
  )
}

/** Whether a browser or an app shell may send this as `Origin`, or it says so of all names below one. */
function isOrigin(text: string): boolean {
  if (NAMELESS.has(text)) return true
  const [, scheme = '', , host = ''] = ORIGIN.exec(text) ?? []
  if (host === '' || SOCKET_SCHEMES.has(scheme)) return false
  const isWeb = scheme === 'http://' || scheme === 'https://'
  if (!isWeb) return true
  const url = `${scheme}${host}`
  return URL.canParse(url) && new URL(url).origin === url
}

/**
 * The name in an origin of the web: `*.game.example` for a pattern. Null where it names no host that
 * anybody asks for.
 */
export function hostIn(origin: string): string | null {
  const [, scheme = '', star = '', host = ''] = ORIGIN.exec(origin) ?? []
  const isWeb = scheme === 'http://' || scheme === 'https://'
  return isWeb ? star + new URL(`${scheme}${host}`).hostname : null
}

/** What a page of an origin is told that may not connect. */
export function wrongOrigin(origin: string | undefined): string {
  const { message } = REFUSALS.origin
  if (origin === undefined) return message
  return `${message} To let this page in, start it with --origin ${origin.slice(0, SHOWN_CHARS_MAX)}.`
}
