// Owns who is present with what: what this page tells of itself and when, whom it asks, and when another is taken for
// gone. A question is answered as it is heard, by no timer, since those of hidden pages run once a minute at worst. Pure.

import { PRESENCE_ABSENT_MS, PRESENCE_NEW_HOST_MS } from '../../protocol/limits.ts'
import type { PeerId } from '../../protocol/ids.ts'
import type { Json, Value } from '../../protocol/value.ts'
import { textOf } from './text-of.ts'

export type PresenceTimes = { readonly intervalMs: number; readonly timeoutMs: number }

/** Either what one tells of itself, and whether the others are to do the same, or that it has left. */
type Told =
  | { readonly peer: PeerId; readonly state: Json; readonly asks: boolean }
  | { readonly peer: PeerId; readonly left: true }

type Other = {
  readonly state: unknown
  readonly text: string
  heardAtMs: number
  /** Since when the host does not list it any more; null while it does, and for who was never listed. */
  absentSinceMs: number | null
  /** It hosted until another took over: it has not merely yet to come over. */
  isReplaced: boolean
}

export class PresenceBoard<P> {
  mine: P
  readonly #times: PresenceTimes
  readonly #others = new Map<PeerId, Other>()
  #value: ReadonlyMap<PeerId, P> = new Map()
  #listed: ReadonlySet<PeerId> = new Set()
  /** Since when messages flow under the host there is now; null while none do. */
  #liveSinceMs: number | null = null
  /** Anyone's last question. */
  #askedAtMs: number
  #tickedAtMs: number
  #isOnTheWay = false
  #tellsNext = false
  #asksNext = false

  constructor(mine: P, times: PresenceTimes, nowMs: number) {
    this.mine = mine
    this.#times = times
    this.#askedAtMs = nowMs
    this.#tickedAtMs = nowMs
  }

  /** What the others tell of themselves. Keeps its identity until it changes. */
  get value(): ReadonlyMap<PeerId, P> {
    return this.#value
  }

  /** When to tick next. */
  get wakeAtMs(): number {
    let dueMs = this.#tickedAtMs + this.#times.intervalMs
    for (const other of this.#others.values()) dueMs = Math.min(dueMs, this.#goneAtMs(other))
    return dueMs
  }

  set(mine: P): void {
    this.mine = mine
    this.#tellsNext = true
  }

  /** Whoever has just come, or has missed something, tells of itself and asks everyone. */
  ask(): void {
    this.#tellsNext = true
    this.#asksNext = true
  }

  /** Messages flow, under a host that this page did not follow before. */
  live(nowMs: number): void {
    this.#liveSinceMs = nowMs
    this.#forgive(nowMs)
    this.ask()
  }

  /** No messages flow: nobody's silence means anything. */
  notLive(): void {
    this.#liveSinceMs = null
  }

  /** Another hosts in its place. */
  replaced(host: PeerId): void {
    const other = this.#others.get(host)
    if (other !== undefined) other.isReplaced = true
  }

  listed(peers: readonly PeerId[], nowMs: number): void {
    this.#listed = new Set(peers)
    for (const [peer, other] of this.#others) {
      if (this.#listed.has(peer)) other.absentSinceMs = null
      else other.absentSinceMs ??= nowMs
    }
  }

  heard(value: Value, self: PeerId, nowMs: number): void {
    const told = readTold(value)
    if (told === null) return
    const isAsked = 'asks' in told && told.asks
    if (isAsked) this.#askedAtMs = nowMs
    if (told.peer === self) return
    if (isAsked) this.#tellsNext = true
    if ('left' in told) {
      if (this.#others.delete(told.peer)) this.#changed()
      return
    }
    const text = textOf(told.state)
    const before = this.#others.get(told.peer)
    const isKnown = before?.text === text
    // Who speaks is here, listed or not.
    this.#others.set(told.peer, {
      state: isKnown ? before.state : told.state,
      text,
      heardAtMs: nowMs,
      absentSinceMs: null,
      isReplaced: false,
    })
    if (!isKnown) this.#changed()
  }

  ticked(nowMs: number): void {
    // This page slept, or its timers did: nobody else was silent in that time.
    if (nowMs - this.#tickedAtMs > 2 * this.#times.intervalMs) this.#forgive(nowMs)
    this.#tickedAtMs = nowMs
    if (this.#liveSinceMs === null) return
    if (nowMs - this.#askedAtMs >= this.#times.intervalMs) this.ask()
    let isChanged = false
    for (const [peer, other] of this.#others)
      if (nowMs >= this.#goneAtMs(other)) isChanged = this.#others.delete(peer)
    if (isChanged) this.#changed()
  }

  /** This page has left the room, or wants to know of nobody any more. */
  clear(): void {
    this.#liveSinceMs = null
    if (this.#others.size === 0) return
    this.#others.clear()
    this.#changed()
  }

  /** What to relay now, if anything: one at a time, so that fast changes become few messages. */
  next(self: PeerId): Value | null {
    if (this.#liveSinceMs === null || this.#isOnTheWay || !this.#tellsNext) return null
    const told = { peer: self, state: this.mine as Json, ...(this.#asksNext && { asks: true }) }
    this.#isOnTheWay = true
    this.#tellsNext = false
    this.#asksNext = false
    return told
  }

  /** What became of the last one is known. */
  arrived(): void {
    this.#isOnTheWay = false
  }

  #goneAtMs({ heardAtMs, absentSinceMs, isReplaced }: Other): number {
    if (this.#liveSinceMs === null) return Infinity
    const silentAtMs = heardAtMs + this.#times.timeoutMs
    if (absentSinceMs === null) return silentAtMs
    return Math.min(
      silentAtMs,
      Math.max(
        absentSinceMs + PRESENCE_ABSENT_MS,
        isReplaced ? 0 : this.#liveSinceMs + PRESENCE_NEW_HOST_MS,
      ),
    )
  }

  #forgive(nowMs: number): void {
    for (const other of this.#others.values()) other.heardAtMs = nowMs
    this.#askedAtMs = nowMs - this.#times.intervalMs // ask soon
  }

  #changed(): void {
    this.#value = new Map(Array.from(this.#others, ([peer, { state }]) => [peer, state as P]))
  }
}

export function leftNote(peer: PeerId): Value {
  return { peer, left: true }
}

/** Null for what no presence has written. */
function readTold(value: Value): Told | null {
  if (typeof value !== 'object' || value === null) return null
  const { peer, state, asks, left } = value as { readonly [field: string]: unknown }
  if (typeof peer !== 'string') return null
  if (left === true) return { peer: peer as PeerId, left }
  return state === undefined
    ? null
    : { peer: peer as PeerId, state: state as Json, asks: asks === true }
}
