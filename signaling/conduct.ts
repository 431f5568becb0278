// Owns how one connection may behave on the wire, before anything it says is understood: how fast, and how
// often wrong. What it says is the directory's. [SG6]

import * as limits from './limits.ts'

/** `warn`: drop the frame and say so. `drop`: drop it, the warning is still on its way. `expel`: close. */
export type FrameVerdict = 'pass' | 'warn' | 'drop' | 'expel'

/** `pause`: it passes, and the sender is to wait for so long. */
export type RelayVerdict = FrameVerdict | { readonly pauseMs: number }

export class Conduct {
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  readonly #relay: TokenBucket
  #warnedAtMs = -Infinity
  #badFramesAtMs: number[] = []

  constructor(relayBytesPerSecond: number, nowMs: number) {
    this.#messages = new TokenBucket(limits.MESSAGES_PER_SECOND, limits.MESSAGES_BURST, nowMs)
    this.#bytes = new TokenBucket(limits.BYTES_PER_SECOND, limits.BYTES_BURST, nowMs)
    this.#relay = new TokenBucket(relayBytesPerSecond, relayBytesPerSecond * limits.RELAY_BURST_SECONDS, nowMs)
  }

  /** Judges a frame by its size and time alone. */
  frame(bytes: number, nowMs: number): FrameVerdict {
    return this.#messages.take(1, nowMs) && this.#bytes.take(bytes, nowMs) ? 'pass' : this.#excess(nowMs)
  }

  /**
   * Judges a frame of a relayed link, which has an allowance of its own. Who is over it is told to pause; what
   * was on its way then is carried on credit, so that an honest link loses nothing. [SG5]
   */
  relay(bytes: number, nowMs: number): RelayVerdict {
    if (!this.#relay.take(bytes + limits.RELAY_MESSAGE_BYTES, nowMs, limits.RELAY_OVERDRAFT_BYTES)) return this.#excess(nowMs)
    const pauseMs = this.#relay.refilledInMs
    return pauseMs === 0 ? 'pass' : { pauseMs }
  }

  #excess(nowMs: number): FrameVerdict {
    const sinceWarningMs = nowMs - this.#warnedAtMs
    if (sinceWarningMs <= limits.SLOW_DOWN_GRACE_MS) return 'drop'
    if (sinceWarningMs <= limits.SLOW_DOWN_MEMORY_MS) return 'expel'
    this.#warnedAtMs = nowMs
    return 'warn'
  }

  /** A frame was no message; false when there have been too many of them. */
  toleratesBadFrame(nowMs: number): boolean {
    this.#badFramesAtMs = this.#badFramesAtMs.filter((atMs) => nowMs - atMs < limits.BAD_FRAMES_WINDOW_MS)
    this.#badFramesAtMs.push(nowMs)
    return this.#badFramesAtMs.length < limits.BAD_FRAMES_MAX
  }
}

class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #filledAtMs: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#tokens = burst
    this.#filledAtMs = nowMs
  }

  /** How long until it owes nothing any more. */
  get refilledInMs(): number {
    return Math.ceil(Math.max(0, -this.#tokens) / this.#perMs)
  }

  /** Takes, or leaves all as it is; `credit` is how far it may go below empty. */
  take(cost: number, nowMs: number, credit = 0): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs)
    this.#filledAtMs = nowMs
    if (cost > this.#tokens + credit) return false
    this.#tokens -= cost
    return true
  }
}
