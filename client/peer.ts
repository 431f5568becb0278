// Owns one peer whole: the session that follows, the election that decides whom, and, while this peer
// leads, the host role; and which frame belongs to which. Pure: this is the machine that the simulation
// runs a thousand times and a page runs once.

import { HEARTBEAT_INTERVAL_MS, SLEEP_GAP_MS } from '../protocol/limits.ts'
import { compareClaims, NO_TERM, sameClaim, type Claim, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { Op } from '../protocol/entry.ts'
import { isControl, type Frame, type FrameBody, type RosterItem } from '../protocol/frames.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { Election, type ElectionOutput } from '../host/election.ts'
import { HostWatch } from '../host/host-watch.ts'
import { Leadership, type LeadershipOutput } from '../host/leadership.ts'
import { Replica } from '../host/replica.ts'
import { snapshotFor } from '../host/snapshot.ts'
import { Sources } from '../host/transfer.ts'
import { Outbox, type Durability } from './outbox.ts'
import type { PeerInput, PeerOutput } from './peer-io.ts'
import { PeerLinks } from './peer-links.ts'
import { Session, type SessionOutput } from './session.ts'

export type PeerOptions = { readonly self: PeerId; readonly canHost: boolean; readonly visible: boolean; readonly durability: Durability }

export class Peer {
  readonly self: PeerId
  readonly #replica: Replica
  readonly #outbox: Outbox
  readonly #session: Session
  readonly #election: Election
  readonly #sources = new Sources()
  #watch: HostWatch
  readonly #leadership: Leadership
  readonly #links = new PeerLinks()
  #members: readonly RosterItem[] = []
  #standbys: readonly PeerId[] = []
  /** A hello that came before the grant it speaks of. */
  readonly #earlyHellos = new Map<PeerId, Extract<FrameBody, { type: 'hello' }>>()
  /** Who is wanted may be another than before. */
  #standingChanged = false
  #retiring = false
  #signalingLost = false
  #lastTickMs: number
  /** Frames to this peer itself, which hosts; handled before the input that made them is over. */
  readonly #loopback: { readonly from: PeerId; readonly body: FrameBody }[] = []
  #outputs: PeerOutput[] = []

  constructor(options: PeerOptions, nowMs: number) {
    this.self = options.self
    this.#replica = Replica.empty(false)
    this.#outbox = new Outbox(options.self, options.durability)
    this.#session = new Session({ self: options.self, canHost: options.canHost, visible: options.visible, outbox: this.#outbox, replica: this.#replica })
    this.#election = new Election(options.self, options.canHost)
    this.#leadership = new Leadership(options.self, this.#replica)
    this.#watch = new HostWatch(nowMs)
    this.#lastTickMs = nowMs
  }

  // --- what the surroundings may look at ---

  get claim(): Claim | null {
    return this.#election.claim
  }

  /** What to tell signaling on joining: the highest reign known, but only by a peer that holds something of the room. [SG3] */
  get claimToTell(): Claim | null {
    return this.#session.position === null ? null : this.#election.claim
  }

  get isHosting(): boolean {
    return this.#leadership.isHosting
  }

  /** Messages flow, as far as this peer can tell. */
  get isLive(): boolean {
    return this.#session.isLive && this.#election.isContent
  }

  get signalingUp(): boolean {
    return this.#election.signalingUp
  }

  /** Neither the host nor signaling can be reached, as far as this peer has tried. */
  get isCutOff(): boolean {
    return this.#signalingLost && !this.isHosting && !this.#links.has(this.#election.claim?.host)
  }

  get lastSeq(): Seq {
    return this.#session.lastSeq
  }

  get pending(): number {
    return this.#outbox.pending
  }

  get outboxIsFull(): boolean {
    return this.#outbox.isFull
  }

  get roundTripMs(): number | null {
    return this.isHosting ? 0 : this.#watch.roundTripMs
  }

  get clockOffsetMs(): number | null {
    return this.isHosting ? 0 : this.#watch.clockOffsetMs
  }

  get replica(): Replica {
    return this.#replica
  }

  /** The number that the next op submitted here gets. */
  get nextOpId(): OpId {
    return this.#outbox.nextOpId
  }

  /** When to tick next. */
  wakeAtMs(nowMs: number): number {
    const due = Math.min(this.#election.wakeAtMs, this.#session.wakeAtMs, this.#leadership.deadlineMs, this.#lastTickMs + HEARTBEAT_INTERVAL_MS)
    return Math.max(nowMs + 1, due)
  }

  handle(input: PeerInput, nowMs: number): PeerOutput[] {
    this.#accept(input, nowMs)
    for (let next = this.#loopback.shift(); next !== undefined; next = this.#loopback.shift()) this.#route(next.from, next.body, nowMs)
    if (this.#standingChanged) this.#wantLinks(nowMs)
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  #accept(input: PeerInput, nowMs: number): void {
    switch (input.type) {
      case 'submitted':
      case 'compacted':
        this.#outbox.add(this.#opOf(input))
        return input.more === true ? undefined : this.#fromSession(this.#session.submit())
      case 'replay-asked':
        return this.#fromSession(this.#session.replay(input.request, input.queries))
      case 'link-opened':
        return this.#linkOpened(input.peer, input.link, nowMs)
      case 'link-closed':
        return this.#links.closed(input.peer, input.link) ? this.#forget(input.peer, nowMs) : undefined
      case 'received':
        if (this.#links.isCurrent(input.peer, input.link)) this.#receive(input.peer, input.frame, nowMs)
        return
      case 'signaling-closed':
        this.#signalingLost = true
        return this.#fromElection(this.#election.signalingLost(), nowMs)
      case 'signaled':
        return this.#signaled(input.message, nowMs)
      case 'visibility-changed':
        return this.#fromSession(this.#session.visible(input.visible))
      case 'retiring':
        return this.#retire(nowMs)
      case 'leaving':
        return this.#leave()
      case 'ticked':
        return this.#ticked(nowMs)
    }
  }

  #opOf(input: Extract<PeerInput, { type: 'submitted' | 'compacted' }>): Op {
    const { key, value } = input
    const name = { author: this.self, opId: this.#outbox.nextOpId }
    if (input.type === 'submitted') return { action: input.action, ...name, key, value }
    return { action: 'compact', ...name, key, value, seq: input.seq, basis: this.#session.position?.claim ?? { term: NO_TERM, host: this.self } }
  }

  // --- links ---

  #linkOpened(peer: PeerId, link: number, nowMs: number): void {
    this.#links.opened(peer, link)
    const claim = this.#election.claim
    if (claim === null) return
    this.#send([peer], { type: 'reign', claim })
    if (peer !== claim.host) return
    this.#watch.heard(nowMs)
    this.#fromSession(this.#session.linked(nowMs))
    this.#send([peer], { type: 'ping', at: nowMs })
  }

  /** A peer cannot be reached, or is gone. */
  #forget(peer: PeerId, nowMs: number): void {
    this.#sources.drop(peer)
    this.#earlyHellos.delete(peer)
    this.#standingChanged = true
    this.#fromLeadership(this.#leadership.left(peer, nowMs))
    if (peer === this.#election.claim?.host) this.#session.unlinked()
  }

  #wantLinks(nowMs: number): void {
    this.#standingChanged = false
    const standing = { self: this.self, host: this.#election.claim?.host, standbys: this.#standbys, members: this.#members.map(({ peer }) => peer) }
    const due = this.#links.due(standing, (peer) => this.#election.isPresent(peer), nowMs)
    for (const peer of due) this.#outputs.push({ type: 'connect', peer })
  }

  // --- frames ---

  #receive(from: PeerId, frame: Frame, nowMs: number): void {
    const claim = this.#election.claim
    if (frame.type === 'reign') return this.#fromElection(this.#election.learn(frame.claim), nowMs)
    if (frame.type === 'hello' && (claim === null || compareClaims(frame.claim, claim) > 0)) {
      if (frame.claim.host === this.self) this.#earlyHellos.set(from, frame)
      return this.#fromElection(this.#election.learn(frame.claim), nowMs)
    }
    if (claim !== null && frame.term < claim.term && frame.type !== 'goodbye') return this.#send([from], { type: 'reign', claim })
    if (frame.type === 'hello' && claim !== null && !sameClaim(frame.claim, claim)) return this.#send([from], { type: 'reign', claim })
    // The news of a higher reign travels ahead of its frames; without it they are nobody's.
    if (frame.term > (claim?.term ?? NO_TERM) && !isControl(frame.type)) return
    if (claim !== null && from === claim.host && frame.term === claim.term) {
      this.#watch.heard(nowMs)
      this.#fromElection(this.#election.hostHeard(), nowMs)
    }
    this.#route(from, frame, nowMs)
  }

  #route(from: PeerId, frame: FrameBody, nowMs: number): void {
    const isFromHost = from === this.#election.claim?.host
    switch (frame.type) {
      case 'hello':
      case 'submit':
      case 'replay':
      case 'report':
        return this.#fromLeadership(this.#leadership.receive(from, frame, nowMs))
      case 'ping':
        this.#fromLeadership(this.#leadership.receive(from, frame, nowMs))
        return this.#send([from], { type: 'pong', at: frame.at, clock: nowMs })
      case 'pong':
        if (isFromHost) this.#watch.pong(frame.at, frame.clock, nowMs)
        return this.#fromLeadership(this.#leadership.receive(from, frame, nowMs))
      case 'fetch':
        return this.#sendAll(from, this.#sources.start(from, frame.request, snapshotFor(this.#replica, frame.position)))
      case 'part-taken':
        return this.#sendAll(from, this.#sources.taken(from, frame.request, frame.number))
      case 'part':
        this.#fromLeadership(this.#leadership.receive(from, frame, nowMs))
        if (isFromHost) this.#fromSession(this.#session.receive(frame))
        return
      case 'goodbye':
        return this.#saidGoodbye(from, nowMs)
      case 'roster':
        return isFromHost ? this.#rosterCame(frame) : undefined
      case 'handover':
        if (isFromHost && this.#replica.lastIndex >= frame.head) this.#fromElection(this.#election.handedOver(nowMs), nowMs)
        return
      case 'welcome':
      case 'entries':
      case 'replayed':
      case 'repeated':
      case 'gap':
        return isFromHost ? this.#fromSession(this.#session.receive(frame)) : undefined
      case 'reign':
        return
    }
  }

  #rosterCame({ members, succession, standbys }: Extract<FrameBody, { type: 'roster' }>): void {
    this.#members = members
    this.#standbys = succession.slice(0, standbys)
    this.#standingChanged = true
    this.#election.succession(succession)
    this.#leadership.seniority(members.map(({ peer }) => peer))
    this.#outputs.push({ type: 'roster', members, standbys: this.#standbys })
  }

  #saidGoodbye(peer: PeerId, nowMs: number): void {
    this.#forget(peer, nowMs)
    if (peer === this.#election.claim?.host) this.#fromElection(this.#election.hostSaidGoodbye(nowMs), nowMs)
    this.#outputs.push({ type: 'disconnect', peer })
  }

  // --- signaling, time and the page ---

  #signaled(message: FromSignaling, nowMs: number): void {
    this.#signalingLost = false
    this.#standingChanged = true
    if (message.type === 'joined' && this.#session.position === null) this.#election.forgetHearsay()
    this.#fromElection(this.#election.signaled(message, nowMs, this.#links.has(this.#election.claim?.host) ? this.#watch.probeMs : 0), nowMs)
    if (message.type !== 'peer-left') return
    if (message.why === 'bye') this.#forget(message.peer, nowMs)
    else this.#fromLeadership(this.#leadership.departed(message.peer, nowMs))
  }

  #ticked(nowMs: number): void {
    const slept = nowMs - this.#lastTickMs > SLEEP_GAP_MS
    this.#lastTickMs = nowMs
    this.#standingChanged = true
    if (slept) {
      this.#watch.heard(nowMs)
      this.#leadership.woke(nowMs)
    }
    this.#fromLeadership(this.#leadership.ticked(nowMs))
    this.#listen(nowMs)
    this.#fromElection(this.#election.ticked(nowMs), nowMs)
    this.#fromSession(this.#session.ticked(nowMs))
  }

  /** Only who has followed this room may say that its host is silent; a newcomer cannot know. */
  #listen(nowMs: number): void {
    const host = this.#election.claim?.host
    if (host === undefined || host === this.self) return
    if (this.#links.has(host) && this.#watch.duePing(nowMs)) this.#send([host], { type: 'ping', at: nowMs })
    if (this.#session.position !== null && this.#watch.isSilent(nowMs)) this.#fromElection(this.#election.hostSilent(nowMs), nowMs)
  }

  #retire(nowMs: number): void {
    const { claim } = this.#election
    const to = this.#leadership.successor
    if (claim === null || to === null || !this.#election.signalingUp) return this.#retired()
    this.#retiring = true
    this.#outputs.push({ type: 'signal', message: { type: 'yield', term: claim.term, to } })
    this.#fromLeadership(this.#leadership.handOver(nowMs))
  }

  #retired(): void {
    this.#retiring = false
    this.#outputs.push({ type: 'retired' })
  }

  #leave(): void {
    this.#outputs.push({ type: 'signal', message: { type: 'bye' } })
    this.#send(this.#links.peers, { type: 'goodbye' })
  }

  // --- what the parts order ---

  #fromElection(outputs: readonly ElectionOutput[], nowMs: number): void {
    for (const output of outputs) {
      switch (output.type) {
        case 'signal':
          this.#outputs.push(output)
          break
        case 'probe':
          if (this.#election.claim !== null) this.#send([this.#election.claim.host], { type: 'ping', at: nowMs })
          break
        case 'follow':
          this.#follow(output.claim, nowMs)
          break
        case 'lead':
          this.#takeOver(output.claim, output.before, nowMs)
          break
        case 'mend-link':
          this.#watch.heard(nowMs)
          if (this.#election.claim !== null) this.#outputs.push({ type: 'disconnect', peer: this.#election.claim.host })
          break
      }
    }
  }

  #follow(claim: Claim, nowMs: number): void {
    this.#leadership.end()
    if (this.#retiring) this.#retired()
    this.#earlyHellos.clear()
    this.#watch = new HostWatch(nowMs)
    this.#fromSession(this.#session.follow(claim, this.#links.has(claim.host), nowMs))
  }

  /** Waits for those only that can answer: a dead host's link stays open for long. */
  #takeOver(claim: Claim, before: Claim | null, nowMs: number): void {
    const reachable = this.#links.peers.filter((peer) => this.#election.isPresent(peer) && !(peer === before?.host && this.#watch.isSilent(nowMs)))
    this.#leadership.begin(claim, [this.self, ...reachable], nowMs)
    this.#watch = new HostWatch(nowMs)
    this.#send(this.#links.peers, { type: 'reign', claim })
    this.#fromSession(this.#session.follow(claim, true, nowMs))
    for (const [peer, hello] of this.#earlyHellos) if (sameClaim(hello.claim, claim)) this.#loopback.push({ from: peer, body: hello })
    this.#earlyHellos.clear()
  }

  #fromLeadership(outputs: readonly LeadershipOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'send') this.#send(output.to, output.body)
      else if (output.type === 'set-aside') this.#outbox.setAside(output.ops)
      else this.#outputs.push({ type: 'disconnect', peer: output.peer })
    }
  }

  #fromSession(outputs: readonly SessionOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'send') {
        this.#send([output.to], output.body)
        continue
      }
      this.#outputs.push(output)
      if (output.type === 'misbehaved') this.#outputs.push({ type: 'disconnect', peer: output.peer }) // a new handshake mends it
      if (output.type === 'live' && output.claim.host !== this.self) this.#outputs.push({ type: 'signal', message: { type: 'know', claim: output.claim } })
    }
  }

  #sendAll(to: PeerId, bodies: readonly FrameBody[]): void {
    for (const body of bodies) this.#send([to], body)
  }

  /** Frames to this peer itself never leave it; the others carry the term that this peer follows. */
  #send(to: readonly PeerId[], body: FrameBody): void {
    if (to.includes(this.self)) this.#loopback.push({ from: this.self, body })
    const others = to.filter((peer) => this.#links.has(peer))
    if (others.length > 0) this.#outputs.push({ type: 'send', to: others, frame: { ...body, term: this.#election.claim?.term ?? NO_TERM } })
  }
}

