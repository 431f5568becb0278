// Owns what the relayed links of one page share: how much they may have on the way together, the pauses that signaling
// asks for, and whose turn it is when there is room again. [SG5] It does not know what they carry.

import type { Timers } from './clock.ts'
import {
  RELAY_GRANT_CHARS,
  RELAY_IN_FLIGHT_CHARS,
  RELAY_WINDOW_MAX_CHARS,
  RELAY_WINDOW_MIN_CHARS,
} from './link-limits.ts'

type Line = { readonly link: { pump(): void } }

export class RelayTraffic {
  readonly #timers: Timers
  readonly #lines = new Set<Line>()
  #charsOnTheWay = 0
  /** Null while there is no pause. */
  #endPause: (() => void) | null = null

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Characters of boxes with frames that have not arrived yet. */
  get charsOnTheWay(): number {
    return this.#charsOnTheWay
  }

  /** What another line may put on the way now. */
  get roomChars(): number {
    return this.#endPause === null ? RELAY_IN_FLIGHT_CHARS - this.#charsOnTheWay : 0
  }

  /** What each of the others may have on the way to this page. */
  get grantChars(): number {
    const share = Math.floor(RELAY_GRANT_CHARS / this.#lines.size)
    return Math.max(RELAY_WINDOW_MIN_CHARS, Math.min(RELAY_WINDOW_MAX_CHARS, share))
  }

  add(line: Line): void {
    this.#lines.add(line)
  }

  delete(line: Line): void {
    this.#lines.delete(line)
  }

  sent(chars: number): void {
    this.#charsOnTheWay += chars
  }

  arrived(chars: number): void {
    this.#charsOnTheWay -= chars
  }

  /** Signaling has more to carry than it wants to: all wait. A later word replaces an earlier one. */
  pause(ms: number): void {
    this.#endPause?.()
    this.#endPause = this.#timers.after(ms, () => {
      this.#endPause = null
      this.pump()
    })
  }

  /** There may be room: each has its turn, and another one is the first each time. */
  pump(): void {
    const [first] = this.#lines
    if (first === undefined) return
    this.#lines.delete(first)
    this.#lines.add(first)
    for (const { link } of this.#lines) link.pump()
  }
}
