// Owns a follower's ear on its host: when to ping, how long a round trip takes, what the host's clock says, and when
// silence has lasted too long. [EL3] Only frames made by the host's own page count. It sends nothing.

import {
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_LIMIT_MS,
  PROBE_MAX_MS,
  PROBE_MIN_MS,
} from '../protocol/limits.ts'

/** Weight of a new measurement in the smoothed round trip, as TCP has it (RFC 6298). */
const SMOOTHING = 1 / 8
/** A pong's time is its sender's word. A longer round trip would let its silence go unnoticed. */
const ROUND_TRIP_MAX_MS = 2_000
/** Latency is measured this often even while other frames show that the host lives. */
const MEASURE_INTERVAL_MS = 1_000

export class HostWatch {
  #heardAtMs: number
  #pingedAtMs = -Infinity
  #roundTripMs: number | null = null
  #clockOffsetMs: number | null = null

  constructor(nowMs: number) {
    this.#heardAtMs = nowMs
  }

  /** Another host is followed: nothing that was measured of the one before counts. */
  begin(nowMs: number): void {
    this.#heardAtMs = nowMs
    this.#pingedAtMs = -Infinity
    this.#roundTripMs = null
    this.#clockOffsetMs = null
  }

  get heardAtMs(): number {
    return this.#heardAtMs
  }

  /** Smoothed milliseconds to the host and back; null before the first answer. */
  get roundTripMs(): number | null {
    return this.#roundTripMs
  }

  /** What to add to this page's clock to get the host's. */
  get clockOffsetMs(): number | null {
    return this.#clockOffsetMs
  }

  /** How long a probe waits: two round trips, within bounds. */
  get probeMs(): number {
    const twoTripsMs = Math.ceil(2 * (this.#roundTripMs ?? PROBE_MAX_MS))
    return Math.min(PROBE_MAX_MS, Math.max(PROBE_MIN_MS, twoTripsMs))
  }

  heard(nowMs: number): void {
    this.#heardAtMs = nowMs
  }

  pong(sentAtMs: number, hostClockMs: number, nowMs: number): void {
    const roundTripMs = Math.min(ROUND_TRIP_MAX_MS, Math.max(0, nowMs - sentAtMs))
    const beforeMs = this.#roundTripMs ?? roundTripMs
    this.#roundTripMs = beforeMs + SMOOTHING * (roundTripMs - beforeMs)
    this.#clockOffsetMs = hostClockMs + roundTripMs / 2 - nowMs
  }

  /** Whether a ping is due; it counts as sent. */
  duePing(nowMs: number): boolean {
    const isQuiet = nowMs - this.#heardAtMs >= HEARTBEAT_INTERVAL_MS
    const intervalMs = isQuiet ? HEARTBEAT_INTERVAL_MS : MEASURE_INTERVAL_MS
    if (nowMs - this.#pingedAtMs < intervalMs) return false
    this.#pingedAtMs = nowMs
    return true
  }

  /** A long way is no silence: the answer to the last heartbeat may still be under way. */
  isSilent(nowMs: number): boolean {
    return nowMs - this.#heardAtMs > HEARTBEAT_LIMIT_MS + 2 * (this.#roundTripMs ?? 0)
  }
}
