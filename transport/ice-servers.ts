// Owns which STUN and TURN servers new connections use: the app's own, and those that signaling tells of: STUN in the
// page's own network [SG8], TURN with credentials that are renewed now and then [SG5]. It says once
// for each credential that nothing came of it. It makes no connection.

import type { FromSignaling } from '../protocol/signals.ts'

export class IceServers {
  readonly #own: readonly RTCIceServer[]
  readonly #onFailed: (why: string) => void
  #nearby: readonly RTCIceServer[] = []
  #minted: readonly RTCIceServer[] = []
  #isTold = false

  constructor(own: readonly RTCIceServer[], onFailed: (why: string) => void) {
    this.#own = own
    this.#onFailed = onFailed
  }

  get servers(): readonly RTCIceServer[] {
    return [...this.#own, ...this.#nearby, ...this.#minted]
  }

  found({ stun }: FromSignaling & { readonly type: 'network' }): void {
    this.#nearby = stun.map((urls) => ({ urls }))
  }

  renew({ urls, username, credential }: FromSignaling & { readonly type: 'turn' }): void {
    this.#minted = [{ urls: [...urls], username, credential }]
    this.#isTold = false
  }

  /** A connection got no relayed address from any of them. */
  failed(why: string): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#onFailed(
      `No TURN server gave this page an address (${why}), so no connection uses one. ` +
        'Check that the credential has not expired, that the secret is the same on both sides, ' +
        'and that this network lets pages reach the server.',
    )
  }
}
