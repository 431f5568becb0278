// Owns who is present with what: what this page tells of itself and when, when it asks everyone, and when another is
// taken for gone. A question is answered as it is heard, by no timer: hidden pages' timers run once a minute at worst.
// Pure.

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
  /** Since when the host lists this peer no longer; null while it does, and for who was never listed. */
  absentSinceMs: number | null
  /** This peer hosted until another took over: nobody waits for it to come over to the new host. */
  isReplaced: boolean
}

export class PresenceBoard<P> {
  mine: P
  readonly #times: PresenceTimes
  readonly #others = new Map<PeerId, Other>()
  #value: ReadonlyMap<PeerId, P> = new Map()
  /** Since when messages flow under the present host; null while none do. */
  #liveSinceMs: number | null = null
  /** Anyone's last question. */
  #askedAtMs: number
  #tickedAtMs: number
  /** What was told last has no outcome yet. */
  #isOnTheWay = false
  #toTell: 'nothing' | 'state' | 'state and question' = 'nothing'

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
    this.#tellState()
  }

  /** Whoever has just come, or has missed something, tells of itself and asks everyone. */
  ask(): void {
    this.#toTell = 'state and question'
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
    const listed = new Set(peers)
    for (const [peer, other] of this.#others) {
      if (listed.has(peer)) other.absentSinceMs = null
      else other.absentSinceMs ??= nowMs
    }
  }

  heard(value: Value, self: PeerId, nowMs: number): void {
    const told = readTold(value)
    if (told === null) return
    const isAsked = 'asks' in told && told.asks
    if (isAsked) this.#askedAtMs = nowMs
    if (told.peer === self) return
    if (isAsked) this.#tellState()
    if ('left' in told) this.#left(told.peer)
    else this.#told(told.peer, told.state, nowMs)
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

  /** This page has left the room. */
  clear(): void {
    this.#liveSinceMs = null
    if (this.#others.size === 0) return
    this.#others.clear()
    this.#changed()
  }

  /** What to relay now, if anything: one at a time, so that fast changes become few messages. */
  next(self: PeerId): Value | null {
    const isFree = this.#liveSinceMs !== null && !this.#isOnTheWay
    if (!isFree || this.#toTell === 'nothing') return null
    const isQuestion = this.#toTell === 'state and question'
    this.#isOnTheWay = true
    this.#toTell = 'nothing'
    return { peer: self, state: this.mine as Json, ...(isQuestion && { asks: true }) }
  }

  /** What became of the last message is known. */
  arrived(): void {
    this.#isOnTheWay = false
  }

  #tellState(): void {
    if (this.#toTell === 'nothing') this.#toTell = 'state'
  }

  #left(peer: PeerId): void {
    if (this.#others.delete(peer)) this.#changed()
  }

  /** Who speaks is here, listed or not. */
  #told(peer: PeerId, state: Json, nowMs: number): void {
    const text = textOf(state)
    const before = this.#others.get(peer)
    const isKnown = before?.text === text
    this.#others.set(peer, {
      state: isKnown ? before.state : state,
      text,
      heardAtMs: nowMs,
      absentSinceMs: null,
      isReplaced: false,
    })
    if (!isKnown) this.#changed()
  }

  #goneAtMs({ heardAtMs, absentSinceMs, isReplaced }: Other): number {
    if (this.#liveSinceMs === null) return Infinity
    const silentAtMs = heardAtMs + this.#times.timeoutMs
    if (absentSinceMs === null) return silentAtMs
    const missedAtMs = absentSinceMs + PRESENCE_ABSENT_MS
    const heardOfAllAtMs = isReplaced ? 0 : this.#liveSinceMs + PRESENCE_NEW_HOST_MS
    return Math.min(silentAtMs, Math.max(missedAtMs, heardOfAllAtMs))
  }

  /** Nobody was silent until now. */
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
  if (state === undefined) return null
  return { peer: peer as PeerId, state: state as Json, asks: asks === true }
}
