// Owns which part of a peer a frame is for: past the fence between reigns, then by its type.

import { sameClaim, type Claim, type PeerId, type Term } from '../protocol/ids.ts'
import type { BodyOf, Frame, FrameBody } from '../protocol/frames.ts'
import { isOfHost, judgeFrame } from './fence.ts'
import type { PeerParts } from './peer-parts.ts'
import type { Wiring } from './wiring.ts'

export class FrameDoor {
  readonly #parts: PeerParts
  readonly #wiring: Wiring
  #isHostPaused = false

  constructor(parts: PeerParts, wiring: Wiring) {
    this.#parts = parts
    this.#wiring = wiring
  }

  /** The host orders nothing for now, as its roster says. */
  get isHostPaused(): boolean {
    return this.#isHostPaused
  }

  /** A frame came over a link. */
  receive(from: PeerId, frame: Frame, nowMs: number): void {
    const { self, election, leadership, links, mandate, post, watch } = this.#parts
    links.heard(from, nowMs)
    const verdict = judgeFrame(frame, election.claim)
    switch (verdict.type) {
      case 'drop':
        return
      case 'tell':
        return post.send([from], { type: 'reign', claim: verdict.claim })
      case 'learn':
        if (frame.type === 'hello' && frame.claim.host === self) {
          mandate.greeted(from, frame.claim.term)
          leadership.greetedEarly(from, frame)
        }
        return this.#wiring.fromElection(election.learn(verdict.claim, nowMs), nowMs)
      case 'route':
        if (isOfHost(from, frame, election.claim)) {
          watch.heard(nowMs)
          this.#wiring.fromElection(election.hostHeard(), nowMs)
        }
        if (frame.type === 'ping' && this.#isRival(from, frame.term)) return this.#tellReign(from)
        if (frame.type === 'pong') mandate.peerConfirmed(from, frame.term, frame.at, nowMs)
        return this.route(from, frame, nowMs)
    }
  }

  /** A frame that counts: of this reign, or from this peer to itself. */
  route(from: PeerId, frame: FrameBody, nowMs: number): void {
    const { copies, election, mandate, post } = this.#parts
    switch (frame.type) {
      case 'hello':
        mandate.greeted(from, frame.claim.term)
        return this.#toLeader(from, frame, nowMs)
      case 'submit':
      case 'replay':
      case 'report':
        return this.#toLeader(from, frame, nowMs)
      case 'welcome':
      case 'entries':
      case 'taken':
      case 'replayed':
      case 'repeated':
      case 'gap':
        return this.#toFollower(from, frame)
      case 'part':
        this.#toLeader(from, frame, nowMs)
        return this.#toFollower(from, frame)
      case 'ping':
        this.#toLeader(from, frame, nowMs)
        return post.send([from], { type: 'pong', at: frame.at, clock: nowMs })
      case 'pong':
        this.#answered(from, frame, nowMs)
        return this.#toLeader(from, frame, nowMs)
      case 'fetch':
        return post.sendAll(from, copies.asked(from, frame, nowMs))
      case 'part-taken':
        return post.sendAll(from, copies.confirmed(from, frame.request, frame.number, nowMs))
      case 'doubt':
        return this.#doubted(from, frame.claim, nowMs)
      case 'vouch':
        if (!frame.hears) return
        return this.#wiring.fromElection(election.vouched(frame.claim), nowMs)
      case 'roster':
        return this.#isHost(from) ? this.#rosterCame(frame, nowMs) : undefined
      case 'handover':
        return this.#handedOver(from, frame, nowMs)
      case 'goodbye':
        return this.#saidGoodbye(from, nowMs)
      case 'reign':
        return
    }
  }

  /** Whoever pings in a term that another host leads takes itself for its host. [EL6e] */
  #isRival(from: PeerId, term: Term): boolean {
    const { self, election, mandate } = this.#parts
    const { claim } = election
    if (!mandate.isLeased || claim === null || claim.host === self) return false
    return from !== claim.host && term === claim.term
  }

  /** A pong would pass for that of a follower. */
  #tellReign(to: PeerId): void {
    const { election, post } = this.#parts
    if (election.claim !== null) post.send([to], { type: 'reign', claim: election.claim })
  }

  #isHost(peer: PeerId): boolean {
    return peer === this.#parts.election.claim?.host
  }

  #toLeader(from: PeerId, frame: FrameBody, nowMs: number): void {
    this.#wiring.fromLeadership(this.#parts.leadership.receive(from, frame, nowMs), nowMs)
  }

  #toFollower(from: PeerId, frame: FrameBody): void {
    if (this.#isHost(from)) this.#wiring.fromSession(this.#parts.session.receive(frame))
  }

  #answered(from: PeerId, { at, clock }: BodyOf<'pong'>, nowMs: number): void {
    const { election, mandate, watch } = this.#parts
    if (this.#isHost(from)) watch.pong(at, clock, nowMs)
    if (!election.signalingUp && mandate.isAnswer(at)) this.#wiring.confirmed(nowMs)
  }

  #doubted(from: PeerId, claim: Claim, nowMs: number): void {
    const hears = this.#hearsHostOf(claim, nowMs)
    this.#parts.post.send([from], { type: 'vouch', claim, hears })
  }

  #hearsHostOf(claim: Claim, nowMs: number): boolean {
    const { election, leadership, links, session, watch } = this.#parts
    if (!sameClaim(claim, election.claim)) return false
    if (leadership.isHosting) return true
    return session.isLive && links.has(claim.host) && !watch.isSilent(nowMs)
  }

  #rosterCame(roster: BodyOf<'roster'>, nowMs: number): void {
    const { election, leadership, links, mandate, post, session } = this.#parts
    const { members, succession, standbys, paused } = roster
    const peers = members.map(({ peer }) => peer)
    const inSync = succession.slice(0, standbys)
    this.#isHostPaused = paused
    links.roster(peers, inSync)
    const lists = (peer: PeerId) => election.isPresent(peer)
    mandate.roster(peers, { isUp: election.signalingUp, lists }, nowMs)
    election.succession(succession)
    leadership.seniority(peers)
    this.#wiring.fromSession(session.here(peers))
    post.order({ type: 'roster', members, standbys: inSync })
  }

  /** The host asks this peer to lead. */
  #handedOver(from: PeerId, { head }: BodyOf<'handover'>, nowMs: number): void {
    const { election, replica, retirement } = this.#parts
    if (!this.#isHost(from) || replica.lastIndex < head) return
    retirement.handedOverBy(from)
    this.#wiring.fromElection(election.handedOver(nowMs), nowMs)
  }

  #saidGoodbye(peer: PeerId, nowMs: number): void {
    const { election, mandate, post } = this.#parts
    this.#wiring.lost(peer, nowMs)
    mandate.left(peer)
    if (this.#isHost(peer)) this.#wiring.fromElection(election.hostSaidGoodbye(nowMs), nowMs)
    post.disconnect(peer)
  }
}
