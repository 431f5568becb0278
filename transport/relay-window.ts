// Owns what one relayed link has on the way, and how much it may: as the other side grants, and as the page's links
// share. [SG5] It is counted in characters of boxes with frames. It does not know what is in them.

import { RELAY_WINDOW_MIN_CHARS } from './link-limits.ts'
import type { RelayTraffic } from './relay-traffic.ts'

/** `count`: which box of the link it is, from 1. */
type Box = { readonly count: number; readonly chars: number }

export class RelayWindow {
  readonly #traffic: RelayTraffic
  /** Boxes that the other side has not received yet, the oldest first. */
  readonly #onTheWay: Box[] = []
  #charsOnTheWay = 0
  #grantedChars = RELAY_WINDOW_MIN_CHARS

  constructor(traffic: RelayTraffic) {
    this.#traffic = traffic
  }

  get roomChars(): number {
    return Math.min(this.#grantedChars - this.#charsOnTheWay, this.#traffic.roomChars)
  }

  sent(count: number, chars: number): void {
    this.#onTheWay.push({ count, chars })
    this.#charsOnTheWay += chars
    this.#traffic.sent(chars)
  }

  granted(chars: number): void {
    this.#grantedChars = chars
  }

  /** The other side has all boxes up to this one; or the link is over, and nobody waits for them. */
  arrivedUpTo(count: number): void {
    while (this.#onTheWay.length > 0 && this.#onTheWay[0]!.count <= count) {
      const { chars } = this.#onTheWay.shift()!
      this.#charsOnTheWay -= chars
      this.#traffic.arrived(chars)
    }
  }
}
