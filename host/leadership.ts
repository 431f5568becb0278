// Owns what a peer does because it leads, or is about to: nothing, taking over, hosting. One door for all
// frames that concern a leader, whichever of these it is.

import {
  BRANCHES_MET_MAX,
  BRANCH_WAIT_MS,
  MEETINGS_MAX,
  MEETING_PAUSE_MAX_MS,
} from '../protocol/limits.ts'
import type { Claim, Index, PeerId } from '../protocol/ids.ts'
import { sameClaim } from '../protocol/ids.ts'
import type { Op } from '../protocol/entry.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { Hello } from './follower.ts'
import { HostRole, type HostOutput } from './host-role.ts'
import type { Replica } from '../replica/replica.ts'
import { canFill, isBranch, lacksLess } from './offers.ts'
import { Takeover, type TakeoverOutput } from './takeover.ts'

export type LeadershipOutput =
  | HostOutput
  | { readonly type: 'set-aside'; readonly ops: readonly Op[] }
  /** A peer came with a branch that had gone its own way: rule on under a higher term, and join what both had ordered. [MG5] */
  | { readonly type: 'met' }

type State =
  | { readonly status: 'none' }
  | { readonly status: 'taking-over'; readonly takeover: Takeover }
  | { readonly status: 'hosting'; readonly role: HostRole }

export class Leadership {
  readonly #self: PeerId
  readonly #replica: Replica
  readonly #isRelayed: (peer: PeerId) => boolean
  #state: State = { status: 'none' }
  /** Hellos that came before the grant they speak of. */
  readonly #early = new Map<PeerId, Hello>()
  /** Branches met, by their ends: how often each was the reason for a new reign. */
  readonly #met = new Map<string, number>()
  #metAtMs = -Infinity
  /** Whose branch the next takeover is to join. */
  readonly #metPeers = new Set<PeerId>()
  /** Peers in order of arrival, as the last roster had it: a change of host changes nobody's seniority. */
  #seniority: readonly PeerId[] = []

  /** `isRelayed`: whether the link to a peer goes through signaling. */
  constructor(self: PeerId, replica: Replica, isRelayed: (peer: PeerId) => boolean) {
    this.#self = self
    this.#replica = replica
    this.#isRelayed = isRelayed
  }

  get isHosting(): boolean {
    return this.#state.status === 'hosting'
  }

  /** Who would lead in this host's place; null for one that does not host, or has no standby. */
  get successor(): PeerId | null {
    return this.#state.status === 'hosting' ? this.#state.role.successor : null
  }

  /** How many others could lead once they have what it takes; 0 on one that does not host. */
  get heirs(): number {
    return this.#state.status === 'hosting' ? this.#state.role.heirs : 0
  }

  get deadlineMs(): number {
    return this.#state.status === 'taking-over' ? this.#state.takeover.deadlineMs : Infinity
  }

  seniority(peers: readonly PeerId[]): void {
    this.#seniority = peers
  }

  /** A claim of this peer was granted; its log is known to be stable up to `stable`; `reachable` are those whose positions it waits for. */
  begin(
    claim: Claim,
    stable: Index,
    reachable: Iterable<PeerId>,
    nowMs: number,
  ): LeadershipOutput[] {
    const takeover = new Takeover(
      claim,
      this.#replica,
      stable,
      new Set([...reachable, ...this.#metPeers]),
      this.#metPeers,
      nowMs,
    )
    this.#metPeers.clear()
    this.#state = { status: 'taking-over', takeover }
    const early = [...this.#early].filter(([, hello]) => sameClaim(hello.claim, claim))
    this.#early.clear()
    return early.flatMap(([from, hello]) =>
      this.#carryOn(takeover.hello(from, hello, nowMs), nowMs),
    )
  }

  /** A peer greets this one as a host that it is not yet. */
  greetedEarly(from: PeerId, hello: Hello): void {
    this.#early.set(from, hello)
  }

  /** Another reign stands. */
  end(): void {
    this.#early.clear()
    this.#state = { status: 'none' }
  }

  /** A frame for whoever leads: a hello, what a follower submits, asks or reports, or a part of what was fetched. */
  receive(from: PeerId, frame: FrameBody, nowMs: number): LeadershipOutput[] {
    const state = this.#state
    switch (state.status) {
      case 'none':
        return []
      case 'taking-over':
        if (frame.type === 'part')
          return this.#carryOn(state.takeover.part(from, frame, nowMs), nowMs)
        if (frame.type !== 'hello' || !sameClaim(frame.claim, state.takeover.claim)) return []
        return this.#carryOn(state.takeover.hello(from, frame, nowMs), nowMs)
      case 'hosting':
        if (frame.type !== 'hello') return state.role.receive(from, frame, nowMs)
        if (!sameClaim(frame.claim, state.role.claim)) return []
        if (!isBranch(frame, this.#replica) && !canFill(frame, this.#replica))
          return state.role.hello(from, frame, nowMs)
        return this.#meet(from, frame, nowMs) ?? state.role.hello(from, frame, nowMs)
    }
  }

  /** A link closed, or the peer said goodbye. */
  left(peer: PeerId, nowMs: number): LeadershipOutput[] {
    this.#early.delete(peer)
    this.#metPeers.delete(peer)
    const state = this.#state
    if (state.status === 'hosting') return state.role.left(peer)
    return state.status === 'taking-over'
      ? this.#carryOn(state.takeover.left(peer, nowMs), nowMs)
      : []
  }

  /** Signaling lost a peer. */
  departed(peer: PeerId, nowMs: number): LeadershipOutput[] {
    return this.#state.status === 'hosting' ? this.#state.role.departed(peer, nowMs) : []
  }

  get isPaused(): boolean {
    return this.#state.status === 'hosting' && this.#state.role.isPaused
  }

  /** Stops ordering, or goes on. */
  pause(isPaused: boolean): LeadershipOutput[] {
    return this.#state.status === 'hosting' ? this.#state.role.pause(isPaused) : []
  }

  handOver(nowMs: number): LeadershipOutput[] {
    return this.#state.status === 'hosting' ? this.#state.role.handOver(nowMs) : []
  }

  ticked(nowMs: number): LeadershipOutput[] {
    const state = this.#state
    if (state.status === 'hosting') return state.role.ticked(nowMs)
    return state.status === 'taking-over' ? this.#carryOn(state.takeover.ticked(nowMs), nowMs) : []
  }

  /** This page slept: nobody else was silent in that time. */
  woke(nowMs: number): void {
    if (this.#state.status === 'hosting') this.#state.role.woke(nowMs)
  }

  #carryOn(outputs: readonly TakeoverOutput[], nowMs: number): LeadershipOutput[] {
    return outputs.flatMap((output) => {
      if (output.type !== 'ready') return [output]
      return this.#state.status === 'taking-over' ? this.#lead(this.#state.takeover, nowMs) : []
    })
  }

  /**
   * A branch waits for a new reign; null when it was the reason for enough of them: then its peer starts over like any
   * other. One that has streams which are lacking here is met without end, but ever more seldom: where it greets and then
   * gives nothing, the room stops for it each time.
   */
  #meet(from: PeerId, hello: Hello, nowMs: number): LeadershipOutput[] | null {
    if (nowMs - this.#metAtMs < BRANCH_WAIT_MS && this.#metPeers.has(from)) return []
    const end = `${hello.position?.claim.term} ${hello.position?.claim.host} ${hello.position?.index}`
    const times = this.#met.get(end) ?? 0
    const more = times - MEETINGS_MAX
    if (
      more >= 0 &&
      !(hello.complete && lacksLess(hello, this.#replica) && canFill(hello, this.#replica))
    )
      return null
    if (
      more >= 0 &&
      nowMs - this.#metAtMs < Math.min(MEETING_PAUSE_MAX_MS, BRANCH_WAIT_MS * 2 ** more)
    )
      return []
    if (this.#met.size === BRANCHES_MET_MAX) this.#met.clear()
    this.#met.set(end, times + 1)
    this.#metAtMs = nowMs
    this.#metPeers.add(from)
    return [{ type: 'met' }]
  }

  #lead({ claim, hellos, surpluses }: Takeover, nowMs: number): LeadershipOutput[] {
    const role = new HostRole(this.#self, claim, this.#replica, this.#seniority, this.#isRelayed)
    this.#state = { status: 'hosting', role }
    return role.lead(hellos, surpluses, nowMs)
  }
}
