// Owns one peer whole: the session that follows, the election that decides whom, and, while this
// peer leads, the host role. Pure: the simulation runs this machine a thousand times, a page once.

import {
  NO_TERM,
  sameClaim,
  type Claim,
  type PeerId,
  type Seq,
  type Term,
} from '../protocol/ids.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { LIVES_MAX } from '../protocol/limits.ts'
import type { Replica } from '../replica/replica.ts'
import type { StoredCopy } from '../replica/copy.ts'
import { FrameDoor } from './frame-door.ts'
import type { PeerInput, PeerOutput, Submission } from './peer-io.ts'
import { partsOf, type PeerOptions, type PeerParts } from './peer-parts.ts'
import { Wiring } from './wiring.ts'

export class Peer {
  readonly #parts: PeerParts
  readonly #wiring: Wiring
  readonly #door: FrameDoor
  #isSignalingLost = false

  constructor(options: PeerOptions, nowMs: number) {
    this.#parts = partsOf(options, nowMs)
    this.#wiring = new Wiring(this.#parts)
    this.#door = new FrameDoor(this.#parts, this.#wiring)
  }

  handle(input: PeerInput, nowMs: number): PeerOutput[] {
    const { self, logTeller, post, ticks } = this.#parts
    if (ticks.slept(nowMs)) this.#woke(nowMs)
    this.#wiring.mindLease(nowMs)
    this.#accept(input, nowMs)
    this.#wiring.mindLease(nowMs)
    for (let frame = post.nextToSelf(); frame !== undefined; frame = post.nextToSelf())
      this.#door.route(self, frame, nowMs)
    this.#wiring.handOver(nowMs)
    this.#wiring.renewLease(nowMs)
    this.#connect(nowMs)
    const outputs = post.drain()
    return logTeller === null ? outputs : logTeller.tell(outputs)
  }

  /** When to tick next. */
  wakeAtMs(nowMs: number): number {
    const { election, leadership, session, ticks } = this.#parts
    const { nextMs } = ticks
    const dueMs = Math.min(election.wakeAtMs, session.wakeAtMs, leadership.deadlineMs, nextMs)
    return Math.max(nowMs + 1, dueMs)
  }

  #accept(input: PeerInput, nowMs: number): void {
    const { links, session } = this.#parts
    switch (input.type) {
      case 'submitted':
      case 'compacted':
        return this.#submitted([input])
      case 'batch':
        return this.#submitted(input.submissions)
      case 'replay-asked':
        return this.#wiring.fromSession(session.replay(input.request, input.queries))
      case 'link-opened':
        links.opened(input.peer, input.link, input.relayed === true)
        return this.#linkOpened(input.peer, nowMs)
      case 'link-closed':
        if (links.closed(input.peer, input.link)) this.#wiring.lost(input.peer, nowMs)
        return
      case 'received':
        if (!links.isCurrent(input.peer, input.link)) return
        return this.#door.receive(input.peer, input.frame, nowMs)
      case 'signaling-closed':
        this.#isSignalingLost = true
        return this.#signalingLost(nowMs)
      case 'signaled':
        if (input.message.type === 'stands') return this.#stands(input.message, nowMs)
        return this.#signaled(input.message, nowMs)
      case 'visibility-changed':
        return this.#wiring.fromSession(session.visible(input.visible))
      case 'retiring':
        return this.#retire(nowMs)
      case 'leaving':
        return this.#leave()
      case 'ticked':
        return this.#ticked(nowMs)
    }
  }

  // --- the page ---

  #submitted(submissions: readonly Submission[]): void {
    for (const submission of submissions) this.#add(submission)
    this.#wiring.fromSession(this.#parts.session.submit())
  }

  #add(input: Submission): void {
    const { self, logTeller, outbox, session } = this.#parts
    const basis = session.position?.claim ?? { term: NO_TERM, host: self }
    const op = outbox.opOf(input, basis)
    outbox.add(op, input.ticket)
    logTeller?.submitted(op.opId, input.ticket)
  }

  #retire(nowMs: number): void {
    const { election, leadership, retirement } = this.#parts
    if (leadership.heirs === 0 || !election.signalingUp) return this.#wiring.retired()
    retirement.begin(nowMs)
    this.#wiring.handOver(nowMs)
  }

  #leave(): void {
    const { post } = this.#parts
    post.signal({ type: 'bye' })
    post.sendAround({ type: 'goodbye' })
  }

  // --- links and signaling ---

  #linkOpened(peer: PeerId, nowMs: number): void {
    const { election, post, session, watch } = this.#parts
    const { claim } = election
    if (claim === null) return
    post.send([peer], { type: 'reign', claim })
    if (peer !== claim.host) return
    watch.heard(nowMs)
    this.#wiring.fromSession(session.linked(nowMs))
    post.send([peer], { type: 'ping', at: nowMs })
  }

  #connect(nowMs: number): void {
    const { election, links, post, session } = this.#parts
    const isPresent = (peer: PeerId) => election.isPresent(peer)
    for (const peer of links.due(election.claim?.host, !session.arrival.isOver, isPresent, nowMs))
      post.order({ type: 'connect', peer })
  }

  /** A page that brings a copy opens its room without signaling. [PE8] */
  #signalingLost(nowMs: number): void {
    const { election, session } = this.#parts
    election.signalingLost()
    if (session.position === null || election.claim !== null) return
    this.#wiring.fromElection(election.alone(nowMs), nowMs)
  }

  /** Signaling's answer: which reign stands. */
  #stands({ at, claim }: Extract<FromSignaling, { type: 'stands' }>, nowMs: number): void {
    const { election, mandate } = this.#parts
    if (sameClaim(claim, election.claim)) mandate.signalingConfirmed(at, nowMs)
  }

  #signaled(message: FromSignaling, nowMs: number): void {
    const { election, leadership, links, mandate, session, watch } = this.#parts
    this.#isSignalingLost = false
    links.review()
    const named = message.type === 'joined' || message.type === 'host' ? message.claim : null
    if (sameClaim(named, election.claim)) this.#wiring.confirmed(nowMs)
    if (message.type === 'joined') mandate.signalingFound()
    if (message.type === 'joined' && !session.knowsFirstHand) election.forgetHearsay()
    const probeMs = links.has(election.claim?.host) ? watch.probeMs : 0
    this.#wiring.fromElection(election.signaled(message, nowMs, probeMs), nowMs)
    if (message.type !== 'peer-left') return
    if (message.why === 'bye') {
      mandate.left(message.peer)
      this.#wiring.lost(message.peer, nowMs)
    } else this.#wiring.fromLeadership(leadership.departed(message.peer, nowMs), nowMs)
  }

  // --- time ---

  #ticked(nowMs: number): void {
    const { copies, election, leadership, links, post, session, ticks } = this.#parts
    ticks.looked(nowMs)
    links.review()
    this.#wiring.mindOrdering(nowMs)
    this.#wiring.fromLeadership(leadership.ticked(nowMs), nowMs)
    this.#listen(nowMs)
    this.#wiring.fromElection(election.ticked(nowMs), nowMs)
    this.#wiring.fromSession(session.ticked(nowMs))
    const answer = copies.ticked(nowMs)
    if (answer !== null) post.sendAll(answer.to, answer.parts)
  }

  /**
   * This page slept, and nobody was silent in that time. A host asks whether it still is the host
   * before it orders what queued up. [EL5]
   */
  #woke(nowMs: number): void {
    const { election, leadership, mandate, post, ticks, watch } = this.#parts
    ticks.looked(nowMs)
    watch.heard(nowMs)
    leadership.woke(nowMs)
    const { claim } = election
    if (claim === null || !leadership.isHosting) return
    mandate.woke(nowMs)
    this.#wiring.mindOrdering(nowMs)
    post.signal({ type: 'know', claim })
    post.sendAround({ type: 'ping', at: nowMs })
  }

  /** Pings the host, and says when it is silent for too long. */
  #listen(nowMs: number): void {
    const { self, election, links, post, watch } = this.#parts
    const host = election.claim?.host
    if (host === undefined || host === self) return
    if (links.has(host) && watch.duePing(nowMs)) post.send([host], { type: 'ping', at: nowMs })
    if (this.#mayDoubt(host) && watch.isSilent(nowMs))
      this.#wiring.fromElection(election.hostSilent(nowMs), nowMs)
  }

  /** A newcomer cannot know that the host is silent, unless signaling misses it, too. [EL3a] */
  #mayDoubt(host: PeerId): boolean {
    const { election, session } = this.#parts
    if (session.knowsFirstHand) return true
    return election.signalingUp && !election.isPresent(host)
  }

  // --- what surroundings may look at ---

  /** What this peer has promised, and what its app was told is over. [PE5] */
  get outbox(): Pick<StoredCopy, 'promised' | 'over'> {
    return this.#parts.outbox.stored
  }

  /** Another number whenever there is something else to store of the outbox. */
  get outboxMark(): number {
    return this.#parts.outbox.mark
  }

  /** What a later life needs of this one; null without the streams of a room, and while this peer takes over. [PE4] */
  get copy(): StoredCopy | null {
    const { copy, leadership, outbox, session, writer } = this.#parts
    const lives = [...(copy?.lives ?? []), this.self].slice(-LIVES_MAX)
    const state = leadership.isTakingOver ? null : writer.completeState
    if (state === null) return null
    return { lives, state, stable: session.moments.stable, ...outbox.stored }
  }

  get self(): PeerId {
    return this.#parts.self
  }

  get replica(): Replica {
    return this.#parts.replica
  }

  get claim(): Claim | null {
    return this.#parts.election.claim
  }

  /** The reign to tell signaling on joining; null while this peer holds nothing. [SG3] */
  get claimToTell(): Claim | null {
    return this.#parts.session.knowsFirstHand ? this.claim : null
  }

  /** The term of the last reign in the log that this peer brought from an earlier life, until it is live. [PE7] */
  get held(): Term {
    const { replica, session } = this.#parts
    return session.knowsFirstHand ? NO_TERM : (replica.history.latest?.term ?? NO_TERM)
  }

  get isHosting(): boolean {
    return this.#parts.leadership.isHosting
  }

  /** Messages flow, as far as this peer can tell. */
  get isLive(): boolean {
    const { election, session } = this.#parts
    return session.isLive && election.isContent && !this.#door.isHostPaused
  }

  get signalingUp(): boolean {
    return this.#parts.election.signalingUp
  }

  /** Neither the host nor signaling is within reach, as far as this peer has tried. */
  get isCutOff(): boolean {
    return this.#isSignalingLost && !this.isHosting && !this.#parts.links.has(this.claim?.host)
  }

  get lastSeq(): Seq {
    return this.#parts.session.lastSeq
  }

  /** Own ops without a final outcome. */
  get pending(): number {
    return this.#parts.outbox.pending
  }

  /** Ops of a log that was left that are not back in the log yet. */
  get aside(): number {
    return this.#parts.outbox.aside
  }

  get outboxIsFull(): boolean {
    return this.#parts.outbox.isFull
  }

  get roundTripMs(): number | null {
    return this.isHosting ? 0 : this.#parts.watch.roundTripMs
  }

  get clockOffsetMs(): number | null {
    return this.isHosting ? 0 : this.#parts.watch.clockOffsetMs
  }
}
