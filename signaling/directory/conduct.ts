// Owns how one connection may behave on the wire, before anything it says is understood: how fast, and how often wrong.
// Knows no message. [SG6]

import * as limits from './service-limits.ts'

/**
 * What becomes of a frame.
 * - `pass`: it is read.
 * - `pause`: it is read, and its sender is told to wait so long.
 * - `warn`: it is dropped, and its sender is told so.
 * - `drop`: it is dropped, while the warning is still on its way.
 * - `expel`: its connection is closed.
 */
export type FrameVerdict =
  | { readonly type: 'pass' | 'warn' | 'drop' | 'expel' }
  | { readonly type: 'pause'; readonly ms: number }

const PASS: FrameVerdict = { type: 'pass' }
const WARN: FrameVerdict = { type: 'warn' }
const DROP: FrameVerdict = { type: 'drop' }
const EXPEL: FrameVerdict = { type: 'expel' }

export class Conduct {
  readonly #own: Flow
  readonly #shared: Flow
  readonly #relay: TokenBucket
  readonly #relayToOwn: TokenBucket
  #warnedAtMs = -Infinity
  #badFramesAtMs: number[] = []
  #binaryFrames = 0

  /** `shared`: what it shares with the other connections of its address. */
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
    if (!this.#own.spend(bytes, nowMs)) return this.#excess('its own', nowMs)
    if (!this.#shared.spend(bytes, nowMs)) return this.#excess("its neighbours'", nowMs)
    return PASS
  }

  /**
   * Judges a frame of a relayed link, by an allowance beside that of frames. Who is over it is told to pause. What was
   * on its way by then is carried on credit, so that an honest link loses nothing. [SG5]
   * `toOwn`: to a peer of the gateway. That peer is in this process, and its room arrives whole.
   */
  relay(bytes: number, nowMs: number, toOwn = false): FrameVerdict {
    const relay = toOwn ? this.#relayToOwn : this.#relay
    const cost = bytes + limits.RELAY_MESSAGE_BYTES
    if (!relay.spend(cost, nowMs, limits.RELAY_OVERDRAFT_BYTES))
      return this.#excess('its own', nowMs)
    const ms = relay.refilledInMs
    return ms === 0 ? PASS : { type: 'pause', ms }
  }

  #excess(fault: 'its own' | "its neighbours'", nowMs: number): FrameVerdict {
    const sinceWarningMs = nowMs - this.#warnedAtMs
    if (sinceWarningMs <= limits.SLOW_DOWN_GRACE_MS) return DROP
    if (sinceWarningMs <= limits.SLOW_DOWN_MEMORY_MS) {
      // What a neighbour does to its address costs frames, but nobody's connection.
      return fault === 'its own' ? EXPEL : DROP
    }
    this.#warnedAtMs = nowMs
    return WARN
  }

  /** A frame was binary; false when there have been too many of them. */
  toleratesBinaryFrame(): boolean {
    this.#binaryFrames += 1
    return this.#binaryFrames < limits.BINARY_FRAMES_MAX
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

  /** Counts one message of that size; false when it is too much. */
  spend(bytes: number, nowMs: number): boolean {
    return this.#messages.spend(1, nowMs) && this.#bytes.spend(bytes, nowMs)
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

  /** Spends all of `cost`, or nothing. `credit`: how far the bucket may go below empty. */
  spend(cost: number, nowMs: number, credit = 0): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#filledAtMs) * this.#perMs)
    this.#filledAtMs = nowMs
    if (cost > this.#tokens + credit) return false
    this.#tokens -= cost
    return true
  }
}
