// Owns the presence of a simulated page: the board that a real page has, over its simulated peer.
// It looks at the clock whenever its page does anything, which is as often as that page's timers
// fire.

import { PRESENCE_INTERVAL_MS, PRESENCE_TIMEOUT_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { Value } from '../protocol/value.ts'
import type { Peer } from '../peer/peer.ts'
import { PresenceBoard } from '../client/shared/presence-board.ts'

export class PagePresence {
  readonly #peer: Peer
  readonly #board: PresenceBoard<string>
  readonly #isHere: (peer: PeerId) => boolean
  /** The reign in which messages flow; 0 while none do. */
  #term = 0
  #hostId: PeerId | null = null
  #shown: ReadonlyMap<PeerId, string> = new Map()
  /** The first page that went from this board while it was here. */
  flickered: PeerId | null = null

  /** `isHere`: whether a page has not ended. */
  constructor(peer: Peer, mine: string, isHere: (peer: PeerId) => boolean, nowMs: number) {
    this.#peer = peer
    this.#isHere = isHere
    this.#board = new PresenceBoard(
      mine,
      { intervalMs: PRESENCE_INTERVAL_MS, timeoutMs: PRESENCE_TIMEOUT_MS },
      nowMs,
    )
  }

  get mine(): string {
    return this.#board.mine
  }

  get others(): ReadonlyMap<PeerId, string> {
    return this.#board.value
  }

  set(mine: string): void {
    this.#board.set(mine)
  }

  listed(members: readonly PeerId[], nowMs: number): void {
    this.#board.listed(
      members.filter((peer) => peer !== this.#peer.self),
      nowMs,
    )
  }

  heard(value: Value, nowMs: number): void {
    this.#board.heard(value, this.#peer.self, nowMs)
  }

  reset(): void {
    this.#board.ask()
  }

  arrived(): void {
    this.#board.arrived()
  }

  /** What became of its peer, and of time. Returns what to relay now, if anything. */
  look(nowMs: number): Value | null {
    const { isLive, claim } = this.#peer
    const term = isLive ? claim!.term : 0
    if (term !== this.#term) {
      this.#term = term
      if (term === 0) this.#board.notLive()
      else this.#lives(claim!.host, nowMs)
    }
    if (nowMs >= this.#board.wakeAtMs) this.#board.ticked(nowMs)
    this.#compare()
    return this.#board.next(this.#peer.self)
  }

  #lives(host: PeerId, nowMs: number): void {
    if (this.#hostId !== null && this.#hostId !== host) this.#board.replaced(this.#hostId)
    this.#hostId = host
    this.#board.live(nowMs)
  }

  #compare(): void {
    const now = this.others
    if (now === this.#shown) return
    for (const peer of this.#shown.keys())
      if (!now.has(peer) && this.#isHere(peer)) this.flickered ??= peer
    this.#shown = now
  }
}
