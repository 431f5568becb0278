// Owns what an app is told of signaling: why an address that has never answered does not, and what the service refuses.
// Of what Baton mends by itself the app is told nothing: its status says that signaling is away.

import { BatonError } from '../protocol/errors.ts'
import type { FromSignaling, SignalingErrorCode } from '../protocol/signals.ts'
import type { Timers } from '../transport/clock.ts'
import { ownOrigin } from './own-origin.ts'
import { whyUnreachable } from './why-unreachable.ts'

/** A page waits this long for a first word before it asks why there is none: a slow mobile network takes two. */
export const SIGNALING_PATIENCE_MS = 3_000

/** Then come two more dials. A service that has just started answers them, and nothing is told. */
const MORE_DIALS_MS = 500

/** What follows from these by itself: another dial, or another attempt at a link. */
const MENDED: readonly SignalingErrorCode[] = [
  'idle',
  'no-peer',
  'no-relay',
  'replaced',
  'shutting-down',
  'slow-down',
]

export class SignalingWatch {
  readonly #url: string
  readonly #timers: Timers
  readonly #tell: (message: string) => void
  readonly #end = new AbortController()
  /** `asking` is over once the app was told, or a word of the service came first. */
  #state: 'waiting' | 'asking' | 'heard' = 'waiting'
  #isForbidden = false
  #lastRefusal: SignalingErrorCode | null = null

  constructor(url: string, timers: Timers, tell: (message: string) => void) {
    this.#url = url
    this.#timers = timers
    this.#tell = tell
    timers.after(SIGNALING_PATIENCE_MS, () => this.#missed())
    document.addEventListener(
      'securitypolicyviolation',
      ({ effectiveDirective }) => {
        this.#isForbidden ||= effectiveDirective === 'connect-src'
      },
      this.#end,
    )
  }

  /** @throws BatonError `bad-argument` where the browser lets this page not connect there. */
  dial(): WebSocket {
    try {
      const socket = new WebSocket(this.#url)
      socket.addEventListener('close', () => this.#missed(), this.#end)
      return socket
    } catch (error) {
      this.end()
      throw new BatonError(
        'bad-argument',
        `This page may not connect to ${this.#url}: ${(error as Error).message} ` +
          'Give joinRoom another `signaling` URL.',
      )
    }
  }

  /** The service said something. */
  heard(message: FromSignaling): void {
    this.end()
    if (message.type === 'joined') this.#lastRefusal = null
    if (message.type !== 'error' || MENDED.includes(message.code)) return
    if (message.code === this.#lastRefusal) return
    this.#lastRefusal = message.code
    this.#tell(message.message)
  }

  /** Nothing is missed any more. */
  end(): void {
    this.#state = 'heard'
    this.#end.abort()
  }

  async #missed(): Promise<void> {
    if (this.#state !== 'waiting') return
    this.#state = 'asking'
    const why = await whyUnreachable(this.#url, {
      base: document.baseURI,
      origin: ownOrigin(),
      isForbidden: () => this.#isForbidden,
    })
    this.#timers.after(MORE_DIALS_MS, () => {
      if (this.#state !== 'asking') return
      this.#tell(`There is no signaling at ${this.#url}: ${why} Baton keeps trying.`)
    })
  }
}
