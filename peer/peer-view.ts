// Owns the parts that make a peer, and what its surroundings may look at. What happens to it is peer.ts's.

import type { Claim, OpId, PeerId, Seq } from '../protocol/ids.ts'
import { Election, type Reach } from '../host/election.ts'
import { HostWatch } from '../host/host-watch.ts'
import { Leadership } from '../host/leadership.ts'
import type { Partition } from '../host/mandate.ts'
import { Replica } from '../replica/replica.ts'
import { Outbox, type Durability } from './outbox.ts'
import { PeerLinks } from './peer-links.ts'
import { Session } from './session.ts'

/** `holdsStreams`: keeps a full replica even if it cannot host; who can host always does. */
export type PeerOptions = {
  readonly self: PeerId
  readonly canHost: boolean
  readonly holdsStreams?: boolean
  readonly visible: boolean
  readonly durability: Durability
  readonly partition?: Partition
}

export class PeerView {
  readonly self: PeerId
  readonly replica = Replica.empty(false)
  protected readonly outbox: Outbox
  protected readonly session: Session
  protected readonly election: Election
  protected readonly leadership: Leadership
  protected readonly links: PeerLinks
  protected watch: HostWatch
  protected signalingLost = false
  /** The host orders nothing for now. */
  protected isPaused = false

  constructor(
    { self, canHost, holdsStreams = false, visible, durability }: PeerOptions,
    mayStandIn: () => boolean,
    nowMs: number,
  ) {
    const reach: Reach = {
      isLinked: (peer) => this.links.has(peer),
      isKnown: (claim) => this.replica.endOf(claim) !== null,
      isComplete: () => this.replica.complete,
      mayStandIn: () => this.session.position !== null && mayStandIn(),
    }
    this.self = self
    this.outbox = new Outbox(self, durability)
    this.session = new Session({
      self,
      canHost,
      holdsStreams,
      visible,
      outbox: this.outbox,
      replica: this.replica,
    })
    this.election = new Election(self, canHost, reach)
    this.leadership = new Leadership(self, this.replica, (peer) => this.links.isRelayed(peer))
    this.links = new PeerLinks(self)
    this.watch = new HostWatch(nowMs)
  }

  get claim(): Claim | null {
    return this.election.claim
  }

  /** What to tell signaling on joining: the highest reign known, but only by a peer that holds something of the room. [SG3] */
  get claimToTell(): Claim | null {
    return this.session.position === null ? null : this.election.claim
  }

  get isHosting(): boolean {
    return this.leadership.isHosting
  }

  /** Messages flow, as far as this peer can tell. */
  get isLive(): boolean {
    return this.session.isLive && this.election.isContent && !this.isPaused
  }

  get signalingUp(): boolean {
    return this.election.signalingUp
  }

  /** Neither the host nor signaling can be reached, as far as this peer has tried. */
  get isCutOff(): boolean {
    return this.signalingLost && !this.isHosting && !this.links.has(this.election.claim?.host)
  }

  get lastSeq(): Seq {
    return this.session.lastSeq
  }

  get pending(): number {
    return this.outbox.pending
  }

  /** Ops of a log that was left, of which the room has not said yet what became of them. */
  get aside(): number {
    return this.outbox.aside
  }

  get outboxIsFull(): boolean {
    return this.outbox.isFull
  }

  get roundTripMs(): number | null {
    return this.isHosting ? 0 : this.watch.roundTripMs
  }

  get clockOffsetMs(): number | null {
    return this.isHosting ? 0 : this.watch.clockOffsetMs
  }

  /** The number that the next op submitted here gets. */
  get nextOpId(): OpId {
    return this.outbox.nextOpId
  }
}
