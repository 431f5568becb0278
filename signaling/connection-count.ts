// Owns how many connections are open, in all and per address. Counted before the upgrade, so that a refusal
// costs no socket. [SG6]

export class ConnectionCount {
  readonly #max: number
  readonly #perAddressMax: number
  readonly #openByAddress = new Map<string, number>()
  #open = 0

  constructor(max: number, perAddressMax: number) {
    this.#max = max
    this.#perAddressMax = perAddressMax
  }

  /** What leaves no room for one more from there; null when there is room. */
  whatIsFull(address: string): 'service' | 'address' | null {
    if (this.#open >= this.#max) return 'service'
    return (this.#openByAddress.get(address) ?? 0) >= this.#perAddressMax ? 'address' : null
  }

  opened(address: string): void {
    this.#open += 1
    this.#openByAddress.set(address, (this.#openByAddress.get(address) ?? 0) + 1)
  }

  closed(address: string): void {
    this.#open -= 1
    const left = (this.#openByAddress.get(address) ?? 0) - 1
    if (left > 0) this.#openByAddress.set(address, left)
    else this.#openByAddress.delete(address)
  }
}
