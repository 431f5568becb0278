// Owns one follower as its host sees it: who it is, how far it is, and whether it is well. It does not know what is
// ordered, nor what is stable.

import { STANDBY_LAG_ENTRIES_MAX } from '../protocol/limits.ts'
import type { FrameBody, ReplayQuestion, RosterItem } from '../protocol/frames.ts'
import type { Index, PeerId } from '../protocol/ids.ts'
import type { Progress } from './progress.ts'
import { Pulse, type Condition } from './pulse.ts'

export type Hello = Extract<FrameBody, { type: 'hello' }>

/** What its host knows of a peer that greets, beside its hello. */
export type Admission = {
  /** Place in the order of arrival; lower is senior. */
  readonly arrival: number
  /** Its link goes through signaling. */
  readonly isRelayed: boolean
  readonly progress: Progress
}

export class Follower {
  readonly peer: PeerId
  /** Of the connection now; answers and submissions of earlier ones are ignored. */
  readonly nonce: number
  readonly canHost: boolean
  readonly arrival: number
  readonly isRelayed: boolean
  readonly progress: Progress
  readonly pulse: Pulse
  isVisible: boolean
  /** A replay to be answered in the live flow, in its turn. Honest pages ask for one at a time. */
  #asked: ReplayQuestion | null = null

  constructor(peer: PeerId, hello: Hello, admission: Admission, nowMs: number) {
    this.peer = peer
    this.nonce = hello.nonce
    this.canHost = hello.canHost
    this.arrival = admission.arrival
    this.isRelayed = admission.isRelayed
    this.progress = admission.progress
    this.pulse = new Pulse(admission.progress.acked, nowMs)
    this.isVisible = hello.visible
  }

  get rosterItem(): RosterItem {
    return { peer: this.peer, canHost: this.canHost, visible: this.isVisible }
  }

  /** Fit to hold the room: it has the streams, follows live, and is near the end. */
  isFit(head: Index, isInSync: boolean): boolean {
    const { isComplete, isLive, acked } = this.progress
    const holdsTheRoom = isComplete && isLive
    const mayLead = this.canHost && this.pulse.isTrusted
    if (!holdsTheRoom || !mayLead) return false
    return isInSync || head - acked <= STANDBY_LAG_ENTRIES_MAX
  }

  get isAsking(): boolean {
    return this.#asked !== null
  }

  asks(replay: ReplayQuestion): void {
    this.#asked = replay
  }

  /** The replay that is still to be answered; it counts as answered. */
  drainAsked(): ReplayQuestion | null {
    const asked = this.#asked
    this.#asked = null
    return asked
  }

  /** A look at the clock. A silent follower leaves the live flow. */
  tick(nowMs: number): Condition {
    const condition = this.pulse.tick(nowMs, this.progress)
    if (condition === 'silent') this.progress.cutOff()
    return condition
  }
}

/** The order in which followers would lead: the visible first, then those with a direct link, then the senior. [EL2] */
export function bySuccession(a: Follower, b: Follower): number {
  if (a.isVisible !== b.isVisible) return a.isVisible ? -1 : 1
  if (a.isRelayed !== b.isRelayed) return a.isRelayed ? 1 : -1
  return a.arrival - b.arrival
}
