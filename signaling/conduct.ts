// Owns how one connection may behave on the wire, before anything it says is understood: how fast, and how
// often wrong. What it says is the directory's. [SG6]

import * as limits from './limits.ts'

/** `warn`: drop the frame and say so. `drop`: drop it, the warning is still on its way. `expel`: close. */
export type FrameVerdict = 'pass' | 'warn' | 'drop' | 'expel'

export class Conduct {
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  #warnedAtMs = -Infinity
  #badFramesAtMs: number[] = []

  constructor(nowMs: number) {
    this.#messages = new TokenBucket(limits.MESSAGES_PER_SECOND, limits.MESSAGES_BURST, nowMs)
    this.#bytes = new TokenBucket(limits.BYTES_PER_SECOND, limits.BYTES_BURST, nowMs)
  }

  /** Judges a frame by its size and time alone. */
  frame(bytes: number, nowMs: number): FrameVerdict {
    if (this.#messages.take(1, nowMs) && this.#bytes.take(bytes, nowMs)) return 'pass'
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

  take(cost: number, nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs)
    this.#filledAtMs = nowMs
    if (cost > this.#tokens) return false
    this.#tokens -= cost
    return true
  }
}
