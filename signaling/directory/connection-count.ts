// Owns how many connections are open, in all and per address, and what those of one address share. Asked before the
// upgrade, so that a refusal costs no socket. [SG6]

import { Flow } from './conduct.ts'
import { ADDRESS_SHARES } from './service-limits.ts'

export class ConnectionCount {
  readonly #max: number
  readonly #perAddressMax: number
  readonly #byAddress = new Map<string, { open: number; readonly flow: Flow }>()
  #open = 0

  constructor(max: number, perAddressMax: number) {
    this.#max = max
    this.#perAddressMax = perAddressMax
  }

  /** What leaves no room for one more from there; null when there is room. */
  whatIsFull(address: string): 'service' | 'address' | null {
    if (this.#open >= this.#max) return 'service'
    const ofAddress = this.#byAddress.get(address)?.open ?? 0
    return ofAddress >= this.#perAddressMax ? 'address' : null
  }

  /** Counts one more; answers what it shares with the others of its address. */
  opened(address: string, nowMs: number): Flow {
    this.#open += 1
    const known = this.#byAddress.get(address) ?? { open: 0, flow: new Flow(ADDRESS_SHARES, nowMs) }
    known.open += 1
    this.#byAddress.set(address, known)
    return known.flow
  }

  closed(address: string): void {
    this.#open -= 1
    const known = this.#byAddress.get(address)
    if (known === undefined) return
    known.open -= 1
    if (known.open === 0) this.#byAddress.delete(address)
  }
}
