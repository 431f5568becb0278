// Owns how the parts of a peer reach each other: what one part orders, another part or the page
// carries out. It does not know what happened.

import type { Claim, PeerId } from '../protocol/ids.ts'
import type { ElectionOutput } from '../host/election-io.ts'
import type { LeadershipOutput } from '../host/leadership.ts'
import type { PeerParts } from './peer-parts.ts'
import type { SessionOutput } from './session-output.ts'

export class Wiring {
  readonly #parts: PeerParts

  constructor(parts: PeerParts) {
    this.#parts = parts
  }

  // --- orders of the election ---

  fromElection(outputs: readonly ElectionOutput[], nowMs: number): void {
    for (const output of outputs) this.#elected(output, nowMs)
  }

  #elected(output: ElectionOutput, nowMs: number): void {
    const { election, post } = this.#parts
    const { claim } = election
    switch (output.type) {
      case 'signal':
        return post.signal(output.message)
      case 'probe':
        return claim === null ? undefined : post.send([claim.host], { type: 'ping', at: nowMs })
      case 'follow':
        return this.#follow(output.claim, nowMs)
      case 'lead':
        return this.#takeOver(output.claim, output.before, nowMs)
      case 'ask-around':
        return claim === null ? undefined : post.sendAround({ type: 'doubt', claim })
      case 'mend-link':
        return this.#mendLink(claim?.host, nowMs)
    }
  }

  #follow(claim: Claim, nowMs: number): void {
    const { leadership, links, mandate, retirement, session, watch } = this.#parts
    const writer = leadership.end()
    if (writer !== null) session.regain(writer)
    mandate.follows(claim.host)
    if (retirement.isUnderWay) this.retired()
    watch.begin(nowMs)
    this.fromSession(session.follow(claim, links.has(claim.host), nowMs))
  }

  #takeOver(claim: Claim, before: Claim | null, nowMs: number): void {
    const { self, leadership, mandate, post, retirement, session, watch } = this.#parts
    const reachable = [self, ...this.#whoAnswers(before?.host, nowMs)]
    const writer = leadership.release() ?? session.release()
    mandate.reigns(before)
    const licence = mandate.isLeased ? mandate.licence(nowMs) : 'all'
    const outputs = leadership.begin(claim, writer, session.moments, reachable, nowMs, licence)
    retirement.forgetPredecessor()
    watch.begin(nowMs)
    post.sendAround({ type: 'reign', claim })
    this.fromSession(session.follow(claim, true, nowMs))
    this.fromLeadership(outputs, nowMs)
  }

  /** The peers that a takeover waits for. The link of a dead host stays open for long. */
  #whoAnswers(hostBefore: PeerId | undefined, nowMs: number): PeerId[] {
    const { election, links, retirement, watch } = this.#parts
    const present = election.signalingUp
      ? links.peers.filter((peer) => election.isPresent(peer))
      : links.heardAt(nowMs)
    const isHostStill = watch.isSilent(nowMs) || retirement.predecessor === hostBefore
    return isHostStill ? present.filter((peer) => peer !== hostBefore) : present
  }

  /**
   * Closes the link, so that a new one is made. A link in the making stays: the host is doubted
   * again before a path can be found.
   */
  #mendLink(host: PeerId | undefined, nowMs: number): void {
    const { links, post, watch } = this.#parts
    watch.heard(nowMs)
    if (host !== undefined && links.has(host)) post.disconnect(host)
  }

  // --- orders of the leadership and the session ---

  fromLeadership(outputs: readonly LeadershipOutput[], nowMs: number): void {
    for (const output of outputs) this.#led(output, nowMs)
  }

  #led(output: LeadershipOutput, nowMs: number): void {
    const { election, outbox, post } = this.#parts
    switch (output.type) {
      case 'send':
        return post.send(output.to, output.body)
      case 'set-aside':
        return outbox.setAside(output.ops)
      case 'met':
        return this.fromElection(election.ruleOn(output.term, nowMs), nowMs)
      case 'dropped':
        return post.disconnect(output.peer)
    }
  }

  fromSession(outputs: readonly SessionOutput[]): void {
    const { self, post } = this.#parts
    for (const output of outputs) {
      if (output.type === 'send') {
        post.send([output.to], output.body)
        continue
      }
      post.order(output)
      if (output.type === 'misbehaved') post.disconnect(output.peer) // a new handshake mends it
      if (output.type === 'live' && output.claim.host !== self)
        post.signal({ type: 'know', claim: output.claim })
    }
  }

  // --- what more than one door brings about ---

  /** A peer is out of reach, or gone. */
  lost(peer: PeerId, nowMs: number): void {
    const { copies, election, leadership, links, session } = this.#parts
    copies.drop(peer)
    links.review()
    this.fromLeadership(leadership.left(peer, nowMs), nowMs)
    if (peer === election.claim?.host) session.unlinked()
  }

  /** This host's reign still stands. */
  confirmed(nowMs: number): void {
    this.#parts.mandate.confirmed()
    this.mindOrdering(nowMs)
  }

  /** A host stops ordering, or goes on, as its mandate has it. */
  mindOrdering(nowMs: number): void {
    if (this.#parts.leadership.isHosting) this.#allow(nowMs)
  }

  /** A lease may end at any moment, and so is looked at before anything is done. [EL6e] */
  mindLease(nowMs: number): void {
    if (this.#parts.mandate.isLeased && this.#leads) this.#allow(nowMs)
  }

  /** Asks signaling, and everyone linked, whether this reign still stands. [EL6e] */
  renewLease(nowMs: number): void {
    const { mandate, post } = this.#parts
    if (!this.#leads || !mandate.asks(nowMs)) return
    post.signal({ type: 'ask', at: nowMs })
    post.sendAround({ type: 'ping', at: nowMs })
  }

  get #leads(): boolean {
    return this.#parts.election.claim?.host === this.#parts.self
  }

  #allow(nowMs: number): void {
    const { leadership, mandate } = this.#parts
    this.fromLeadership(leadership.allow(mandate.licence(nowMs)), nowMs)
  }

  /** A host that wants to go hands over as soon as it can. */
  handOver(nowMs: number): void {
    const { election, leadership, post, retirement } = this.#parts
    const { claim } = election
    if (claim === null) return
    const next = retirement.next(leadership, nowMs)
    switch (next.type) {
      case 'nothing':
        return
      case 'alone':
        return this.retired()
      case 'hand over':
        post.signal({ type: 'yield', term: claim.term, to: next.to })
        return this.fromLeadership(leadership.handOver(nowMs), nowMs)
    }
  }

  retired(): void {
    this.#parts.retirement.end()
    this.#parts.post.order({ type: 'retired' })
  }
}
