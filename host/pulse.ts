// Owns whether a follower is well: when it was heard, whether signaling lost it, and whether it reports what it was
// sent. It knows neither who the follower is nor what that was.

import { DEPARTED_PROBE_MS, FOLLOWER_GONE_MS, FOLLOWER_LIMIT_MS } from '../protocol/limits.ts'
import type { Index } from '../protocol/ids.ts'

export type Condition = 'well' | 'silent' | 'gone'

/** What of a follower's progress shows that it is well. */
type Reports = { readonly acked: Index; readonly hasInFlight: boolean }

export class Pulse {
  #heardAtMs: number
  /** When signaling lost it: it is pinged, and counts as departed until it answers. */
  #departedAtMs: number | null = null
  #ackedBefore: Index
  #stuckSinceMs: number
  /** It answers, and reports nothing: receipts must not wait for it. */
  #isStuck = false

  constructor(acked: Index, nowMs: number) {
    this.#heardAtMs = nowMs
    this.#ackedBefore = acked
    this.#stuckSinceMs = nowMs
  }

  get isDeparted(): boolean {
    return this.#departedAtMs !== null
  }

  /** Whether a receipt may rest on it. */
  get isTrusted(): boolean {
    return !this.#isStuck && !this.isDeparted
  }

  heard(nowMs: number): void {
    this.#heardAtMs = nowMs
  }

  /** Signaling lost it. */
  departed(nowMs: number): void {
    this.#departedAtMs ??= nowMs
  }

  /** Its answer to a ping. Only that proves that it lives: other frames may have been on their way when it died. */
  answered(pingedAtMs: number): void {
    if (this.#departedAtMs === null) return
    if (pingedAtMs >= this.#departedAtMs) this.#departedAtMs = null
  }

  /** A look at the clock. */
  tick(nowMs: number, reports: Reports): Condition {
    this.#watchReports(nowMs, reports)
    const silentForMs = nowMs - this.#heardAtMs
    if (silentForMs > FOLLOWER_GONE_MS || this.#hasNotAnswered(nowMs)) return 'gone'
    return silentForMs > FOLLOWER_LIMIT_MS ? 'silent' : 'well'
  }

  /** Whoever was sent entries reports some of them now and then. */
  #watchReports(nowMs: number, { acked, hasInFlight }: Reports): void {
    if (!hasInFlight || acked > this.#ackedBefore) this.#stuckSinceMs = nowMs
    this.#ackedBefore = acked
    this.#isStuck = nowMs - this.#stuckSinceMs > FOLLOWER_LIMIT_MS
  }

  #hasNotAnswered(nowMs: number): boolean {
    const lostAtMs = this.#departedAtMs
    if (lostAtMs === null || this.#heardAtMs > lostAtMs) return false
    return nowMs - lostAtMs > DEPARTED_PROBE_MS
  }
}
