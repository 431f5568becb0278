// Owns where a page looks for signaling: at what the app gave, else beside the script of Baton, else at the page's own
// origin. What answers there is not known here.

import { BatonError } from '../protocol/errors.ts'
import { ownOrigin } from './own-origin.ts'
import { ownScript } from './own-script.ts'

/** Where a page and its script came from. */
export type Whereabouts = {
  /** What relative URLs of the page are relative to. */
  readonly base: string
  /** `null` for a page from a file. */
  readonly origin: string
  /** Where this very script was loaded from, if anybody knows. */
  readonly script: string | undefined
}

/** A drop-in script as a service serves it. One in `dist/` is a copy of the package, with no service beside it. */
const SERVED_SCRIPT = /^https?:(?!.*\/dist\/[^/]*$).*\/(?=baton(\.global|-room)?\.js(\?.*)?$)/

/** @throws BatonError `bad-argument` for what can be no address of a service, or may not be used by this page. */
export function signalingAddress(
  given: string | undefined,
  from: Whereabouts = { base: document.baseURI, origin: ownOrigin(), script: ownScript },
): string {
  const url = parsed(given, from)
  url.protocol = url.protocol.replace('http', 'ws')
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw new BatonError(
      'bad-argument',
      `Signaling needs a URL of http, https, ws or wss; "${url.href}" is another. ` +
        'Give joinRoom a `signaling` URL.',
    )
  // A browser may let such a page connect to its own machine.
  if (url.protocol === 'ws:' && from.origin.startsWith('https:') && !isOwnMachine(url.hostname))
    throw new BatonError(
      'bad-argument',
      `A page that came by https may not connect to "${url.href}". ` +
        'Give joinRoom a `signaling` URL of wss.',
    )
  if (url.pathname === '/') url.pathname = '/signal'
  url.hash = ''
  return url.href
}

/** Whether a name is one of this machine alone: each machine means itself by it. */
export function isOwnMachine(hostname: string): boolean {
  return /^((.+\.)?localhost|127(\.\d+){3}|\[::1])$/.test(hostname)
}

function parsed(given: string | undefined, { base, origin, script = '' }: Whereabouts): URL {
  const beside = SERVED_SCRIPT.exec(script)?.[0]
  try {
    if (given !== undefined) return new URL(given, base)
    return new URL('signal', beside ?? `${origin}/`)
  } catch {
    throw new BatonError(
      'bad-argument',
      given === undefined
        ? `This page has no origin ("${origin}"), so its signaling service cannot be there. ` +
            'Give joinRoom a `signaling` URL.'
        : `"${given}" is not the URL of a signaling service. ` +
            'Give one such as "wss://example.org/signal".',
    )
  }
}
