// Owns how one connection may behave on the wire, before anything it says is understood: how fast, and how
// often wrong. What it says is the directory's. [SG6]

import * as limits from './service-limits.ts'

/** `warn`: drop the frame and say so. `drop`: drop it, the warning is still on its way. `expel`: close. */
export type FrameVerdict = 'pass' | 'warn' | 'drop' | 'expel'

/** `pause`: it passes, and the sender is to wait for so long. */
export type RelayVerdict = FrameVerdict | { readonly pauseMs: number }

export class Conduct {
  readonly #own: Flow
  readonly #shared: Flow
  readonly #relay: TokenBucket
  readonly #relayToOwn: TokenBucket
  #warnedAtMs = -Infinity
  #badFramesAtMs: number[] = []
  #binaryFrames = 0

  /** `shared`: with the other connections of its address; relayed links have an allowance beside it. */
  constructor(shared: Flow, relayBytesPerSecond: number, nowMs: number) {
    this.#own = new Flow(1, nowMs)
    this.#shared = shared
    this.#relay = new TokenBucket(
      relayBytesPerSecond,
      relayBytesPerSecond * limits.RELAY_BURST_SECONDS,
      nowMs,
    )
    this.#relayToOwn = new TokenBucket(
      limits.OWN_RELAY_BYTES_PER_SECOND,
      limits.OWN_RELAY_BYTES_PER_SECOND * limits.RELAY_BURST_SECONDS,
      nowMs,
    )
  }

  /** Judges a frame by its size and time alone. */
  frame(bytes: number, nowMs: number): FrameVerdict {
    if (!this.#own.take(bytes, nowMs)) return this.#excess(true, nowMs)
    return this.#shared.take(bytes, nowMs) ? 'pass' : this.#excess(false, nowMs)
  }

  /**
   * Judges a frame of a relayed link, which has an allowance of its own. Who is over it is told to pause; what
   * was on its way then is carried on credit, so that an honest link loses nothing. [SG5]
   * `toOwn`: to a peer of the gateway, which is here already; a room that one uses arrives there whole.
   */
  relay(bytes: number, nowMs: number, toOwn = false): RelayVerdict {
    const relay = toOwn ? this.#relayToOwn : this.#relay
    if (!relay.take(bytes + limits.RELAY_MESSAGE_BYTES, nowMs, limits.RELAY_OVERDRAFT_BYTES))
      return this.#excess(true, nowMs)
    const pauseMs = relay.refilledInMs
    return pauseMs === 0 ? 'pass' : { pauseMs }
  }

  #excess(isOwnFault: boolean, nowMs: number): FrameVerdict {
    const sinceWarningMs = nowMs - this.#warnedAtMs
    if (sinceWarningMs <= limits.SLOW_DOWN_GRACE_MS) return 'drop'
    // What a neighbour does to its address costs frames, but nobody's connection.
    if (sinceWarningMs <= limits.SLOW_DOWN_MEMORY_MS) return isOwnFault ? 'expel' : 'drop'
    this.#warnedAtMs = nowMs
    return 'warn'
  }

  toleratesBinaryFrame(): boolean {
    return ++this.#binaryFrames < limits.BINARY_FRAMES_MAX
  }

  /** A frame was no message; false when there have been too many of them. */
  toleratesBadFrame(nowMs: number): boolean {
    this.#badFramesAtMs = this.#badFramesAtMs.filter(
      (atMs) => nowMs - atMs < limits.BAD_FRAMES_WINDOW_MS,
    )
    this.#badFramesAtMs.push(nowMs)
    return this.#badFramesAtMs.length < limits.BAD_FRAMES_MAX
  }
}

/** How much may be sent: messages and bytes. */
export class Flow {
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket

  /** `shares`: how many connections' worth. */
  constructor(shares: number, nowMs: number) {
    this.#messages = new TokenBucket(
      shares * limits.MESSAGES_PER_SECOND,
      shares * limits.MESSAGES_BURST,
      nowMs,
    )
    this.#bytes = new TokenBucket(
      shares * limits.BYTES_PER_SECOND,
      shares * limits.BYTES_BURST,
      nowMs,
    )
  }

  take(bytes: number, nowMs: number): boolean {
    return this.#messages.take(1, nowMs) && this.#bytes.take(bytes, nowMs)
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
