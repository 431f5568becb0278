// Owns what a peer does because it leads, or is about to: nothing, taking over, hosting. One door for all
// frames that concern a leader, whichever of these it is.

import type { Claim, PeerId } from '../protocol/ids.ts'
import { sameClaim } from '../protocol/ids.ts'
import type { Op } from '../protocol/entry.ts'
import type { FrameBody } from '../protocol/frames.ts'
import { HostRole, type HostOutput } from './host-role.ts'
import type { Replica } from './replica.ts'
import { Takeover, type TakeoverOutput } from './takeover.ts'

export type LeadershipOutput = HostOutput | { readonly type: 'set-aside'; readonly ops: readonly Op[] }

type State =
  | { readonly status: 'none' }
  | { readonly status: 'taking-over'; readonly takeover: Takeover }
  | { readonly status: 'hosting'; readonly role: HostRole }

export class Leadership {
  readonly #self: PeerId
  readonly #replica: Replica
  #state: State = { status: 'none' }
  /** Peers in order of arrival, as the last roster had it: a change of host changes nobody's seniority. */
  #seniority: readonly PeerId[] = []

  constructor(self: PeerId, replica: Replica) {
    this.#self = self
    this.#replica = replica
  }

  get isHosting(): boolean {
    return this.#state.status === 'hosting'
  }

  /** Who would lead in this host's place; null for one that does not host, or has no standby. */
  get successor(): PeerId | null {
    return this.#state.status === 'hosting' ? this.#state.role.successor : null
  }

  get deadlineMs(): number {
    return this.#state.status === 'taking-over' ? this.#state.takeover.deadlineMs : Infinity
  }

  seniority(peers: readonly PeerId[]): void {
    this.#seniority = peers
  }

  /** A claim of this peer was granted; `reachable` are those whose positions it waits for. */
  begin(claim: Claim, reachable: Iterable<PeerId>, nowMs: number): void {
    this.#state = { status: 'taking-over', takeover: new Takeover(claim, this.#replica, reachable, nowMs) }
  }

  /** Another reign stands. */
  end(): void {
    this.#state = { status: 'none' }
  }

  /** A frame for whoever leads: a hello, what a follower submits, asks or reports, or a part of what was fetched. */
  receive(from: PeerId, frame: FrameBody, nowMs: number): LeadershipOutput[] {
    const state = this.#state
    switch (state.status) {
      case 'none':
        return []
      case 'taking-over':
        if (frame.type === 'part') return this.#carryOn(state.takeover.part(from, frame, nowMs), nowMs)
        if (frame.type !== 'hello' || !sameClaim(frame.claim, state.takeover.claim)) return []
        return this.#carryOn(state.takeover.hello(from, frame, nowMs), nowMs)
      case 'hosting':
        if (frame.type !== 'hello') return state.role.receive(from, frame, nowMs)
        return sameClaim(frame.claim, state.role.claim) ? state.role.hello(from, frame, nowMs) : []
    }
  }

  /** A link closed, or the peer said goodbye. */
  left(peer: PeerId, nowMs: number): LeadershipOutput[] {
    const state = this.#state
    if (state.status === 'hosting') return state.role.left(peer)
    return state.status === 'taking-over' ? this.#carryOn(state.takeover.left(peer, nowMs), nowMs) : []
  }

  /** Signaling lost a peer. */
  departed(peer: PeerId, nowMs: number): LeadershipOutput[] {
    return this.#state.status === 'hosting' ? this.#state.role.departed(peer, nowMs) : []
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

  #lead({ claim, hellos }: Takeover, nowMs: number): LeadershipOutput[] {
    const role = new HostRole(this.#self, claim, this.#replica, this.#seniority)
    this.#state = { status: 'hosting', role }
    return role.lead(hellos, nowMs)
  }
}
