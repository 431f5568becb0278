// Owns the door of signaling: at which addresses sockets are opened, who may open one, and what a plain request there
// is told. What is said over a socket is service.ts's.

import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { REFUSALS } from './directory/refusals.ts'
import { addressOf } from './address.ts'
import { wrongHost, type HostNames } from './host-names.ts'
import { wrongOrigin, type Origins } from './origins.ts'
import { VERSION } from './own-package.ts'
import { answerText, pathOf } from './pages.ts'
import type { Service } from './service.ts'

export type SignalDoorOptions = {
  /** Where it is: paths such as `/signal`. */
  readonly paths: readonly string[]
  /** Pages that may connect. */
  readonly origins: Origins
  /** The names under which it answers; null where another part of the server sees to that. */
  readonly hostNames: HostNames | null
  /** How many proxies of ours stand in front. */
  readonly trustedProxies: number
}

export type Refused = { readonly status: number; readonly text: string }

/** Where pages look for signaling, below the base of a service. */
export const SIGNAL_PATH = '/signal'

const RETRY_AFTER_S = 10
const NO_SOCKET: Refused = {
  status: 426,
  text: 'This is a signaling service of Baton. Connect to this address with a WebSocket.',
}

export class SignalDoor {
  readonly #service: Service
  readonly #options: SignalDoorOptions

  constructor(service: Service, options: SignalDoorOptions) {
    this.#service = service
    this.#options = options
  }

  /** Whether a request is for this door. */
  owns(request: IncomingMessage): boolean {
    return this.#options.paths.includes(pathOf(request))
  }

  /** Opens a socket, or says why not. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (request.method !== 'GET')
      return refuseUpgrade(stream, { status: 405, text: 'A WebSocket is opened with GET.' })
    const { origin } = request.headers
    const refused = this.#whyRefused(request, origin, this.#options.origins.admit(origin))
    if (refused !== null) return refuseUpgrade(stream, refused)
    this.#service.accept(request, stream, head, this.#addressOf(request))
  }

  /**
   * Answers a plain request: what a socket would have been refused for, or that a socket is wanted. A browser does not
   * tell a page why a socket failed, so the page asks again in this way. It names its origin in the query, since a
   * browser sends none with a request to the page's own origin.
   */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const { headers, httpVersionMajor, url = '/' } = request
    const query = new URLSearchParams(url.split('?')[1])
    const origin = headers.origin ?? query.get('origin') ?? undefined
    const isAdmitted = origin === undefined || this.#options.origins.admit(origin)
    const { status, text } = this.#whyRefused(request, origin, isAdmitted) ?? NO_SOCKET
    response.setHeader('Baton', VERSION) // shows a page that no other server answers
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Expose-Headers', 'Baton')
    response.setHeader('Cache-Control', 'no-store')
    if (status === NO_SOCKET.status && httpVersionMajor === 1)
      response.setHeader('Upgrade', 'websocket')
    answerText(response, status, text)
  }

  #addressOf(request: IncomingMessage): string {
    return addressOf(request, this.#options.trustedProxies)
  }

  #whyRefused(
    request: IncomingMessage,
    origin: string | undefined,
    isAdmitted: boolean,
  ): Refused | null {
    const { hostNames } = this.#options
    const { host } = request.headers
    if (hostNames?.admit(host) === false) return { status: 421, text: wrongHost(host) }
    if (!isAdmitted) return { status: 403, text: wrongOrigin(origin) }
    const full = this.#service.whatIsFull(this.#addressOf(request))
    if (full === null) return null
    return {
      status: full === 'address' ? 429 : 503,
      text: REFUSALS['too-many-connections'].message,
    }
  }
}

export function refuseUpgrade(
  stream: Duplex,
  { status, text }: Refused,
  type = 'text/plain; charset=utf-8',
): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(status === 429 || status === 503 ? [`Retry-After: ${RETRY_AFTER_S}`] : []),
  ]
  stream.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => stream.destroy())
}
