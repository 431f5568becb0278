// Owns what a peer does because it leads, or is about to: nothing, taking over, hosting. One door
// for all frames that concern a leader, whichever of these it is.

import { NO_TERM, sameClaim, type Claim, type PeerId, type Term } from '../protocol/ids.ts'
import type { Op } from '../protocol/entry.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { Hello } from './follower.ts'
import { HostRole, type HostOutput } from './host-role.ts'
import type { Replica } from '../replica/replica.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import type { Moments } from '../replica/surplus.ts'
import type { Licence } from './mandate.ts'
import { Meetings } from './meetings.ts'
import { bringsStreams, canFill, isBranch } from './offers.ts'
import { Takeover, type TakeoverOutput } from './takeover.ts'

export type LeadershipOutput =
  | HostOutput
  | { readonly type: 'set-aside'; readonly ops: readonly Op[] }
  /** A branch was met: rule on under a higher term, and join what both had ordered. [MG5] */
  | { readonly type: 'met'; readonly term: Term }

type State =
  | { readonly status: 'none' }
  | {
      readonly status: 'taking-over'
      readonly takeover: Takeover
      readonly writer: ReplicaWriter
    }
  | { readonly status: 'hosting'; readonly role: HostRole; readonly writer: ReplicaWriter }

const NONE: State = { status: 'none' }

export class Leadership {
  readonly #self: PeerId
  readonly #replica: Replica
  readonly #isRelayed: (peer: PeerId) => boolean
  #state: State = NONE
  /** Hellos that came before the grant they speak of. */
  readonly #early = new Map<PeerId, Hello>()
  readonly #meetings = new Meetings()
  /** Peers in order of arrival: a change of host changes nobody's seniority. */
  #seniority: readonly PeerId[] = []
  #licence: Licence = 'all'

  /** `isRelayed`: whether the link to a peer goes through signaling. */
  constructor(self: PeerId, replica: Replica, isRelayed: (peer: PeerId) => boolean) {
    this.#self = self
    this.#replica = replica
    this.#isRelayed = isRelayed
  }

  get isHosting(): boolean {
    return this.#state.status === 'hosting'
  }

  /** Its log may be another one by the next moment. */
  get isTakingOver(): boolean {
    return this.#state.status === 'taking-over'
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
    switch (this.#state.status) {
      case 'none':
        return Infinity
      case 'taking-over':
        return this.#state.takeover.deadlineMs
      case 'hosting':
        return this.#state.role.deadlineMs
    }
  }

  seniority(peers: readonly PeerId[]): void {
    this.#seniority = peers
  }

  /**
   * A claim of this peer was granted: it changes the replica now. `moments`: of the log;
   * `reachable`: the peers whose positions it waits for.
   */
  begin(
    claim: Claim,
    writer: ReplicaWriter,
    moments: Moments,
    reachable: Iterable<PeerId>,
    nowMs: number,
    licence: Licence = 'all',
  ): LeadershipOutput[] {
    this.#licence = licence
    const met = this.#meetings.reignBegins()
    const takeover = new Takeover(claim, writer, moments, [...reachable, ...met], met, nowMs)
    this.#state = { status: 'taking-over', takeover, writer }
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

  /** Another reign stands. Answers the writer of the replica, where this peer led. */
  end(): ReplicaWriter | null {
    this.#early.clear()
    return this.release()
  }

  /** This reign is over, and the replica is another's to change; null where there was none. */
  release(): ReplicaWriter | null {
    const state = this.#state
    this.#state = NONE
    return state.status === 'none' ? null : state.writer
  }

  /** A frame for whoever leads: a hello, a follower's frames, or a part of what was fetched. */
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
        return this.#greeted(state.role, from, frame, nowMs)
    }
  }

  /** A link closed, or the peer said goodbye. */
  left(peer: PeerId, nowMs: number): LeadershipOutput[] {
    this.#early.delete(peer)
    this.#meetings.left(peer)
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

  /** What it may do as a host from now on, also as one that is taking over. */
  allow(licence: Licence): LeadershipOutput[] {
    if (licence === this.#licence) return []
    this.#licence = licence
    return this.#state.status === 'hosting' ? this.#state.role.allow(licence) : []
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
      const state = this.#state
      return state.status === 'taking-over' ? this.#lead(state.takeover, state.writer, nowMs) : []
    })
  }

  /** A peer that holds what the room lacks is met, before it follows like any other. */
  #greeted(role: HostRole, from: PeerId, hello: Hello, nowMs: number): LeadershipOutput[] {
    const isMet = isBranch(hello, this.#replica) || canFill(hello, this.#replica)
    if (!isMet) return role.hello(from, hello, nowMs)
    const meeting = {
      peer: from,
      end: hello.position,
      bringsStreams: bringsStreams(hello, this.#replica),
    }
    switch (this.#meetings.judge(meeting, nowMs)) {
      case 'reign anew':
        return [{ type: 'met', term: hello.position?.claim.term ?? NO_TERM }]
      case 'wait':
        return []
      case 'enough':
        return role.hello(from, hello, nowMs)
    }
  }

  #lead(takeover: Takeover, writer: ReplicaWriter, nowMs: number): LeadershipOutput[] {
    const { claim, hellos, surpluses } = takeover
    const role = new HostRole(
      this.#self,
      claim,
      writer,
      this.#seniority,
      this.#isRelayed,
      this.#licence,
    )
    this.#state = { status: 'hosting', role, writer }
    return role.lead(hellos, surpluses, nowMs)
  }
}
