// Owns one peer whole: the session that follows, the election that decides whom, and, while this peer
// leads, the host role; and which frame belongs to which. Pure: this is the machine that the simulation
// runs a thousand times and a page runs once.

import { CONNECT_AGAIN_MS, HEARTBEAT_INTERVAL_MS, SLEEP_GAP_MS } from '../protocol/limits.ts'
import { compareClaims, NO_TERM, sameClaim, type Claim, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { MessageAction, Op } from '../protocol/entry.ts'
import { isControl, type Frame, type FrameBody, type RosterItem } from '../protocol/frames.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { Election, type ElectionOutput } from '../host/election.ts'
import { HostRole, type HostOutput } from '../host/host-role.ts'
import { HostWatch } from '../host/host-watch.ts'
import { Replica } from '../host/replica.ts'
import { snapshotFor } from '../host/snapshot.ts'
import { Takeover, type TakeoverOutput } from '../host/takeover.ts'
import { Sources } from '../host/transfer.ts'
import { Outbox, type Durability } from './outbox.ts'
import { Session, type SessionOutput } from './session.ts'

/** What can happen to a peer. */
export type PeerInput =
  | { readonly type: 'submitted'; readonly action: MessageAction; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'compacted'; readonly key: string; readonly seq: Seq; readonly value: Uint8Array }
  | { readonly type: 'replay-asked'; readonly request: number; readonly queries: readonly { readonly key: string; readonly after: number }[] }
  /** `link` numbers the connections of this page; frames of an earlier one are told apart by it. */
  | { readonly type: 'link-opened'; readonly peer: PeerId; readonly link: number }
  | { readonly type: 'link-closed'; readonly peer: PeerId; readonly link: number }
  | { readonly type: 'received'; readonly peer: PeerId; readonly link: number; readonly frame: Frame }
  | { readonly type: 'signaling-closed' }
  | { readonly type: 'signaled'; readonly message: FromSignaling }
  | { readonly type: 'visibility-changed'; readonly visible: boolean }
  /** The page will not run for a while, or this peer wants to go: pass the room on first. */
  | { readonly type: 'retiring' }
  /** The page goes away at once: there is time for one message only. */
  | { readonly type: 'leaving' }
  | { readonly type: 'ticked' }

/** What a peer orders its surroundings to do. */
export type PeerOutput =
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly frame: Frame }
  | { readonly type: 'signal'; readonly message: ToSignaling }
  /** Make a link to this peer, unless there is one or one is being made. */
  | { readonly type: 'connect'; readonly peer: PeerId }
  | { readonly type: 'disconnect'; readonly peer: PeerId }
  /** What this peer follows now. `roster`: everyone the host knows, the first standby first in `standbys`. */
  | { readonly type: 'roster'; readonly members: readonly RosterItem[]; readonly standbys: readonly PeerId[] }
  | Exclude<SessionOutput, { type: 'send' }>
  /** The role ends: the room is in other hands, or nobody was there to take it. */
  | { readonly type: 'retired' }

export type PeerOptions = { readonly self: PeerId; readonly canHost: boolean; readonly visible: boolean; readonly durability: Durability }

type Leading =
  | { readonly status: 'not' }
  | { readonly status: 'taking-over'; readonly takeover: Takeover }
  | { readonly status: 'hosting'; readonly role: HostRole }

type Loopback = { readonly from: PeerId; readonly body: FrameBody }

export class Peer {
  readonly self: PeerId
  readonly #replica: Replica
  readonly #outbox: Outbox
  readonly #session: Session
  readonly #election: Election
  readonly #sources = new Sources()
  #watch: HostWatch
  #leading: Leading = { status: 'not' }
  readonly #linkByPeer = new Map<PeerId, number>()
  /** When a link to a peer may be asked for again. */
  readonly #connectAgainAtMs = new Map<PeerId, number>()
  #members: readonly RosterItem[] = []
  #standbys: readonly PeerId[] = []
  /** A hello that came before the grant it speaks of. */
  readonly #earlyHellos = new Map<PeerId, Extract<FrameBody, { type: 'hello' }>>()
  #retiring = false
  #signalingLost = false
  #lastTickMs: number
  readonly #loopback: Loopback[] = []
  #outputs: PeerOutput[] = []

  constructor(options: PeerOptions, nowMs: number) {
    this.self = options.self
    this.#replica = Replica.empty(false)
    this.#outbox = new Outbox(options.self, options.durability)
    this.#session = new Session({ self: options.self, canHost: options.canHost, visible: options.visible, outbox: this.#outbox, replica: this.#replica })
    this.#election = new Election(options.self, options.canHost)
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
    return this.#leading.status === 'hosting'
  }

  /** Messages flow, as far as this peer can tell. */
  get isLive(): boolean {
    return this.#session.liveClaim !== null && sameClaim(this.#session.liveClaim, this.#election.claim) && this.#election.isContent
  }

  get signalingUp(): boolean {
    return this.#election.signalingUp
  }

  /** Neither the host nor signaling can be reached, as far as this peer has tried. */
  get isCutOff(): boolean {
    return this.#signalingLost && !this.isHosting && !this.#linkedToHost
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

  get openReplays(): number {
    return this.#session.openReplays
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
    const takeover = this.#leading.status === 'taking-over' ? this.#leading.takeover.deadlineMs : Infinity
    const due = Math.min(this.#election.wakeAtMs, this.#session.wakeAtMs, takeover, this.#lastTickMs + HEARTBEAT_INTERVAL_MS)
    return Math.max(nowMs + 1, due)
  }

  handle(input: PeerInput, nowMs: number): PeerOutput[] {
    this.#accept(input, nowMs)
    for (let next = this.#loopback.shift(); next !== undefined; next = this.#loopback.shift()) this.#route(next.from, next.body, nowMs)
    this.#wantLinks(nowMs)
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  #accept(input: PeerInput, nowMs: number): void {
    switch (input.type) {
      case 'submitted':
        return this.#submit({ action: input.action, author: this.self, opId: this.#outbox.nextOpId, key: input.key, value: input.value })
      case 'compacted': {
        const basis = this.#session.position?.claim ?? { term: NO_TERM, host: this.self }
        return this.#submit({ action: 'compact', author: this.self, opId: this.#outbox.nextOpId, key: input.key, value: input.value, seq: input.seq, basis })
      }
      case 'replay-asked':
        return this.#fromSession(this.#session.replay(input.request, input.queries))
      case 'link-opened':
        return this.#linkOpened(input.peer, input.link, nowMs)
      case 'link-closed':
        return this.#linkClosed(input.peer, input.link, nowMs)
      case 'received':
        if (this.#linkByPeer.get(input.peer) === input.link) this.#receive(input.peer, input.frame, nowMs)
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

  #submit(op: Op): void {
    this.#outbox.add(op)
    this.#fromSession(this.#session.submit())
  }

  // --- links ---

  #linkOpened(peer: PeerId, link: number, nowMs: number): void {
    this.#linkByPeer.set(peer, link)
    this.#connectAgainAtMs.delete(peer)
    const claim = this.#election.claim
    if (claim === null) return
    this.#send([peer], { type: 'reign', claim })
    if (peer !== claim.host) return
    this.#watch.heard(nowMs)
    this.#fromSession(this.#session.linked(nowMs))
    this.#send([peer], { type: 'ping', at: nowMs })
  }

  #linkClosed(peer: PeerId, link: number, nowMs: number): void {
    if (this.#linkByPeer.get(peer) !== link) return
    this.#linkByPeer.delete(peer)
    this.#forget(peer, nowMs)
  }

  /** A peer cannot be reached, or is gone. */
  #forget(peer: PeerId, nowMs: number): void {
    this.#sources.drop(peer)
    this.#earlyHellos.delete(peer)
    if (this.#leading.status === 'hosting') this.#fromHost(this.#leading.role.left(peer))
    if (this.#leading.status === 'taking-over') this.#fromTakeover(this.#leading.takeover.left(peer, nowMs), nowMs)
    if (peer === this.#election.claim?.host) this.#session.unlinked()
  }

  /** Everyone links to the host and the standbys; a standby links to everyone. Signaling must know a peer to reach it. */
  #wantLinks(nowMs: number): void {
    const host = this.#election.claim?.host
    const wanted = new Set<PeerId>(this.#standbys)
    if (host !== undefined) wanted.add(host)
    if (this.#standbys.includes(this.self) || host === this.self) for (const { peer } of this.#members) wanted.add(peer)
    for (const peer of wanted) {
      if (peer === this.self || this.#linkByPeer.has(peer) || !this.#election.isPresent(peer)) continue
      if (nowMs < (this.#connectAgainAtMs.get(peer) ?? 0)) continue
      this.#connectAgainAtMs.set(peer, nowMs + CONNECT_AGAIN_MS)
      this.#outputs.push({ type: 'connect', peer })
    }
  }

  // --- frames ---

  #receive(from: PeerId, frame: Frame, nowMs: number): void {
    if (frame.type === 'reign') return this.#fromElection(this.#election.learn(frame.claim), nowMs)
    if (frame.type === 'hello' && this.#isNews(frame.claim)) {
      if (frame.claim.host === this.self) this.#earlyHellos.set(from, frame)
      this.#fromElection(this.#election.learn(frame.claim), nowMs)
      return
    }
    const claim = this.#election.claim
    if (claim !== null && frame.term < claim.term && frame.type !== 'goodbye') {
      return this.#send([from], { type: 'reign', claim })
    }
    // The news of a higher reign travels ahead of its frames; without it they are nobody's.
    if (frame.term > (claim?.term ?? NO_TERM) && !isControl(frame.type)) return
    if (claim !== null && from === claim.host && frame.term === claim.term) {
      this.#watch.heard(nowMs)
      this.#fromElection(this.#election.hostHeard(), nowMs)
    }
    this.#route(from, frame, nowMs)
  }

  #isNews(claim: Claim): boolean {
    const known = this.#election.claim
    return known === null || compareClaims(claim, known) > 0
  }

  #route(from: PeerId, frame: FrameBody, nowMs: number): void {
    const leading = this.#leading
    switch (frame.type) {
      case 'hello':
        if (!sameClaim(frame.claim, this.#election.claim)) return
        if (leading.status === 'hosting') this.#fromHost(leading.role.hello(from, frame, nowMs))
        else if (leading.status === 'taking-over') this.#fromTakeover(leading.takeover.hello(from, frame, nowMs), nowMs)
        return
      case 'submit':
      case 'replay':
      case 'report':
        if (leading.status === 'hosting') this.#fromHost(leading.role.receive(from, frame, nowMs))
        return
      case 'ping':
        if (leading.status === 'hosting') this.#fromHost(leading.role.receive(from, frame, nowMs))
        return this.#send([from], { type: 'pong', at: frame.at, clock: nowMs })
      case 'pong':
        if (from === this.#election.claim?.host) this.#watch.pong(frame.at, frame.clock, nowMs)
        else if (leading.status === 'hosting') this.#fromHost(leading.role.receive(from, frame, nowMs))
        return
      case 'fetch':
        return this.#sendAll(from, this.#sources.start(from, frame.request, snapshotFor(this.#replica, frame.position)))
      case 'part-taken':
        return this.#sendAll(from, this.#sources.taken(from, frame.request, frame.number))
      case 'part':
        if (leading.status === 'taking-over') return this.#fromTakeover(leading.takeover.part(from, frame, nowMs), nowMs)
        return this.#fromHostOnly(from, frame)
      case 'goodbye':
        return this.#saidGoodbye(from, nowMs)
      case 'roster':
        if (from === this.#election.claim?.host) this.#rosterCame(frame)
        return
      case 'handover':
        if (from === this.#election.claim?.host && this.#replica.lastIndex >= frame.head) this.#fromElection(this.#election.handedOver(nowMs), nowMs)
        return
      case 'welcome':
      case 'entries':
      case 'replayed':
      case 'repeated':
      case 'gap':
        return this.#fromHostOnly(from, frame)
      case 'reign':
        return
    }
  }

  #fromHostOnly(from: PeerId, frame: FrameBody): void {
    if (from === this.#election.claim?.host) this.#fromSession(this.#session.receive(frame))
  }

  #rosterCame({ members, succession, standbys }: Extract<FrameBody, { type: 'roster' }>): void {
    this.#members = members
    this.#standbys = succession.slice(0, standbys)
    this.#election.succession(succession)
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
    this.#fromElection(this.#election.signaled(message, nowMs, this.#linkedToHost ? this.#watch.probeMs : 0), nowMs)
    if (message.type !== 'peer-left') return
    if (message.why === 'bye') this.#forget(message.peer, nowMs)
    else if (this.#leading.status === 'hosting') this.#fromHost(this.#leading.role.departed(message.peer, nowMs))
  }

  get #linkedToHost(): boolean {
    const host = this.#election.claim?.host
    return host !== undefined && this.#linkByPeer.has(host)
  }

  #ticked(nowMs: number): void {
    const slept = nowMs - this.#lastTickMs > SLEEP_GAP_MS
    this.#lastTickMs = nowMs
    if (slept) {
      this.#watch.heard(nowMs)
      if (this.#leading.status === 'hosting') this.#leading.role.woke(nowMs)
    }
    if (this.#leading.status === 'hosting') this.#fromHost(this.#leading.role.ticked(nowMs))
    else if (this.#leading.status === 'taking-over') this.#fromTakeover(this.#leading.takeover.ticked(nowMs), nowMs)
    else this.#listen(nowMs)
    this.#fromElection(this.#election.ticked(nowMs), nowMs)
    this.#fromSession(this.#session.ticked(nowMs))
  }

  /** Only who has followed this room may say that its host is silent; a newcomer cannot know. */
  #listen(nowMs: number): void {
    const host = this.#election.claim?.host
    if (host === undefined) return
    if (this.#linkByPeer.has(host) && this.#watch.duePing(nowMs)) this.#send([host], { type: 'ping', at: nowMs })
    if (this.#session.position !== null && this.#watch.isSilent(nowMs)) this.#fromElection(this.#election.hostSilent(nowMs), nowMs)
  }

  #retire(nowMs: number): void {
    if (this.#leading.status !== 'hosting') return this.#retired()
    this.#retiring = true
    const to = this.#leading.role.successor
    const claim = this.#leading.role.claim
    if (to === null || !this.#election.signalingUp) return this.#retired()
    this.#outputs.push({ type: 'signal', message: { type: 'yield', term: claim.term, to } })
    this.#fromHost(this.#leading.role.handOver(nowMs))
  }

  #retired(): void {
    this.#retiring = false
    this.#outputs.push({ type: 'retired' })
  }

  #leave(): void {
    this.#outputs.push({ type: 'signal', message: { type: 'bye' } })
    this.#send([...this.#linkByPeer.keys()], { type: 'goodbye' })
  }

  // --- what the parts order ---

  #fromElection(outputs: readonly ElectionOutput[], nowMs: number): void {
    for (const output of outputs) {
      switch (output.type) {
        case 'signal':
          this.#outputs.push(output)
          break
        case 'probe':
          if (this.#linkedToHost) this.#send([this.#election.claim!.host], { type: 'ping', at: nowMs })
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
    this.#leading = { status: 'not' }
    if (this.#retiring) this.#retired()
    this.#earlyHellos.clear()
    this.#watch = new HostWatch(nowMs)
    this.#fromSession(this.#session.follow(claim, this.#linkByPeer.has(claim.host), nowMs))
  }

  /** Waits for those only that can answer: a dead host's link stays open for long. */
  #takeOver(claim: Claim, before: Claim | null, nowMs: number): void {
    const reachable = [...this.#linkByPeer.keys()].filter((peer) => this.#election.isPresent(peer) && !(peer === before?.host && this.#watch.isSilent(nowMs)))
    const takeover = new Takeover(claim, this.#replica, [this.self, ...reachable], nowMs)
    this.#leading = { status: 'taking-over', takeover }
    this.#watch = new HostWatch(nowMs)
    this.#send([...this.#linkByPeer.keys()], { type: 'reign', claim })
    this.#fromSession(this.#session.follow(claim, true, nowMs))
    for (const [peer, hello] of this.#earlyHellos) if (sameClaim(hello.claim, claim)) this.#loopback.push({ from: peer, body: hello })
    this.#earlyHellos.clear()
  }

  #fromTakeover(outputs: readonly TakeoverOutput[], nowMs: number): void {
    for (const output of outputs) {
      if (output.type === 'send') this.#send(output.to, output.body)
      else if (output.type === 'set-aside') this.#outbox.setAside(output.ops)
      else if (this.#leading.status === 'taking-over') this.#lead(this.#leading.takeover, nowMs)
    }
  }

  #lead({ claim, hellos }: Takeover, nowMs: number): void {
    const role = new HostRole(this.self, claim, this.#replica, this.#members.map(({ peer }) => peer))
    this.#leading = { status: 'hosting', role }
    this.#fromHost(role.lead(hellos, nowMs))
  }

  #fromHost(outputs: readonly HostOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'send') this.#send(output.to, output.body)
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
      if (output.type === 'live' && output.claim.host !== this.self) this.#outputs.push({ type: 'signal', message: { type: 'know', claim: output.claim } })
    }
  }

  #sendAll(to: PeerId, bodies: readonly FrameBody[]): void {
    for (const body of bodies) this.#send([to], body)
  }

  /** Frames to this peer itself never leave it; the others carry the term that this peer follows. */
  #send(to: readonly PeerId[], body: FrameBody): void {
    if (to.includes(this.self)) this.#loopback.push({ from: this.self, body })
    const others = to.filter((peer) => this.#linkByPeer.has(peer))
    if (others.length > 0) this.#outputs.push({ type: 'send', to: others, frame: { ...body, term: this.#election.claim?.term ?? NO_TERM } })
  }
}

