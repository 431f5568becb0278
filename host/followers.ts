// Owns the host's view of each peer that follows it: how far its log is known to reach, what is on its way
// to it, and whether it is in the live flow. The slow-peer rule lives here.

import {
  FOLLOWER_GONE_MS,
  FOLLOWER_LIMIT_MS,
  DEPARTED_PROBE_MS,
  LAG_BYTES_MAX,
  LAG_ENTRIES_MAX,
  ROSTER_MAX,
  STANDBY_LAG_ENTRIES_MAX,
} from '../protocol/limits.ts'
import type { FrameBody, RosterItem } from '../protocol/frames.ts'
import type { Index, PeerId } from '../protocol/ids.ts'

export type Hello = Extract<FrameBody, { type: 'hello' }>

export class Follower {
  readonly peer: PeerId
  /** Of the connection now; answers and submissions of earlier ones are ignored. */
  nonce: number
  readonly canHost: boolean
  /** Place in the order of arrival; lower is senior. */
  readonly arrival: number
  visible: boolean
  complete: boolean
  /** Its link goes through signaling. */
  relayed = false
  /** In the live flow; else it gets nothing until it has taken what was sent. */
  live = true
  /** Its log reaches at least to here. */
  acked: Index
  sentUpTo: Index
  /** The last stable index it was told, and its own last entry: told again only while it waits for a receipt. */
  toldStable = 0
  ownLast = 0
  heardAtMs: number
  /** A replay to be answered once it is in the live flow. An honest page asks for one at a time. */
  asked: Extract<FrameBody, { type: 'replay' }> | null = null
  /** When signaling said that it left; it has a moment to prove otherwise, by its answer to the ping of then: anything else may have been on its way when it died. */
  departedAtMs: number | null = null
  #unackedBytes = 0
  #ackedBefore: Index
  #stuckSinceMs: number
  /** It answers, and takes nothing in: receipts must not wait for it. */
  #isStuck = false
  readonly #inFlight: { readonly upTo: Index; readonly bytes: number }[] = []

  constructor(peer: PeerId, hello: Hello, arrival: number, position: Index, nowMs: number) {
    this.peer = peer
    this.nonce = hello.nonce
    this.canHost = hello.canHost
    this.arrival = arrival
    this.visible = hello.visible
    this.complete = hello.complete
    this.acked = position
    this.sentUpTo = position
    this.heardAtMs = nowMs
    this.#ackedBefore = position
    this.#stuckSinceMs = nowMs
  }

  get rosterItem(): RosterItem {
    return { peer: this.peer, canHost: this.canHost, visible: this.visible }
  }

  sent(upTo: Index, bytes: number): void {
    this.sentUpTo = upTo
    this.#unackedBytes += bytes
    this.#inFlight.push({ upTo, bytes })
  }

  reported(index: Index): void {
    if (index > this.acked) this.acked = index
    while (this.#inFlight[0] !== undefined && this.#inFlight[0].upTo <= this.acked) {
      this.#unackedBytes -= this.#inFlight.shift()!.bytes
    }
  }

  /** Too far behind for the live flow: the others do not wait. */
  get lags(): boolean {
    return this.#unackedBytes > LAG_BYTES_MAX || this.sentUpTo - this.acked > LAG_ENTRIES_MAX
  }

  /** Whoever was sent entries shows now and then that it takes them in. */
  #lookAfter(nowMs: number): void {
    if (this.#inFlight.length === 0 || this.acked > this.#ackedBefore) this.#stuckSinceMs = nowMs
    this.#ackedBefore = this.acked
    this.#isStuck = nowMs - this.#stuckSinceMs > FOLLOWER_LIMIT_MS
  }

  isSilent(nowMs: number): boolean {
    return nowMs - this.heardAtMs > FOLLOWER_LIMIT_MS
  }

  /** Asked at every tick. */
  isGone(nowMs: number): boolean {
    this.#lookAfter(nowMs)
    if (nowMs - this.heardAtMs > FOLLOWER_GONE_MS) return true
    return (
      this.departedAtMs !== null &&
      this.heardAtMs <= this.departedAtMs &&
      nowMs - this.departedAtMs > DEPARTED_PROBE_MS
    )
  }

  /** Fit to hold the room: it has the streams, follows live, and is near the end. */
  isFit(head: Index, alreadyInSync: boolean): boolean {
    if (
      !this.canHost ||
      !this.complete ||
      !this.live ||
      this.#isStuck ||
      this.departedAtMs !== null
    )
      return false
    return alreadyInSync || head - this.acked <= STANDBY_LAG_ENTRIES_MAX
  }
}

/** The order in which followers would lead: visible ones first, then those with a direct link, then the senior. [EL2] */
export function bySuccession(a: Follower, b: Follower): number {
  if (a.visible !== b.visible) return a.visible ? -1 : 1
  if (a.relayed !== b.relayed) return a.relayed ? 1 : -1
  return a.arrival - b.arrival
}

/** Everyone here, in order of arrival, and who would lead after `host`: the standbys, then the others that may. */
export function rosterOf(
  followers: readonly Follower[],
  host: PeerId,
  standbys: readonly PeerId[],
): Pick<Extract<FrameBody, { type: 'roster' }>, 'members' | 'succession' | 'standbys'> {
  const members = followers
    .toSorted((a, b) => a.arrival - b.arrival)
    .map((follower) => follower.rosterItem)
    .slice(0, ROSTER_MAX)
  const others = followers
    .filter(({ peer, canHost }) => peer !== host && canHost && !standbys.includes(peer))
    .sort(bySuccession)
  const succession = [...standbys, ...others.map(({ peer }) => peer)].slice(0, ROSTER_MAX)
  return { members, succession, standbys: standbys.length }
}
