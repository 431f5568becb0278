// Owns one peer whole: the session that follows, the election that decides whom, and, while this peer
// leads, the host role; and which frame belongs to which. Pure: this is the machine that the simulation
// runs a thousand times and a page runs once.

import {
  FOLLOWER_LIMIT_MS,
  HANDOVER_TIMEOUT_MS,
  HEARTBEAT_INTERVAL_MS,
  SLEEP_GAP_MS,
} from '../protocol/limits.ts'
import { NO_TERM, sameClaim, type Claim, type PeerId } from '../protocol/ids.ts'
import type { Frame, FrameBody } from '../protocol/frames.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import type { ElectionOutput } from '../host/election.ts'
import { HostWatch } from '../host/host-watch.ts'
import type { LeadershipOutput } from '../host/leadership.ts'
import { Mandate } from '../host/mandate.ts'
import { snapshotFor } from '../replica/snapshot.ts'
import { Sources } from '../replica/transfer.ts'
import { isOfHost, judgeFrame } from './fence.ts'
import type { PeerInput, PeerOutput } from './peer-io.ts'
import { PeerView, type PeerOptions } from './peer-view.ts'
import type { SessionOutput } from './session-output.ts'

export class Peer extends PeerView {
  readonly #sources = new Sources()
  readonly #mandate: Mandate
  /** It wants to go: a successor is awaited, up to a moment, or has been asked to lead. */
  #retiring: { readonly untilMs: number } | 'handing-over' | null = null
  /** The host that handed over to this peer: it has told all it had, and may stand still by now. */
  #predecessor: PeerId | null = null
  #lastTickMs: number
  /** Frames to this peer itself, which hosts; handled before the input that made them is over. */
  readonly #loopback: { readonly from: PeerId; readonly body: FrameBody }[] = []
  #outputs: PeerOutput[] = []

  constructor(options: PeerOptions, nowMs: number) {
    super(
      options,
      () => this.#mandate.mayStandIn(this.links.heardSince(this.#lastTickMs - FOLLOWER_LIMIT_MS)),
      nowMs,
    )
    this.#mandate = new Mandate(options.self, options.partition ?? 'continue')
    this.#lastTickMs = nowMs
  }

  /** When to tick next. */
  wakeAtMs(nowMs: number): number {
    const due = Math.min(
      this.election.wakeAtMs,
      this.session.wakeAtMs,
      this.leadership.deadlineMs,
      this.#lastTickMs + HEARTBEAT_INTERVAL_MS,
    )
    return Math.max(nowMs + 1, due)
  }

  handle(input: PeerInput, nowMs: number): PeerOutput[] {
    if (nowMs - this.#lastTickMs > SLEEP_GAP_MS) this.#woke(nowMs)
    this.#accept(input, nowMs)
    for (let next = this.#loopback.shift(); next !== undefined; next = this.#loopback.shift())
      this.#route(next.from, next.body, nowMs)
    this.#handOver(nowMs)
    for (const peer of this.links.due(
      this.election.claim?.host,
      (peer) => this.election.isPresent(peer),
      nowMs,
    ))
      this.#outputs.push({ type: 'connect', peer })
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  #accept(input: PeerInput, nowMs: number): void {
    switch (input.type) {
      case 'submitted':
      case 'compacted':
        this.outbox.add(
          this.outbox.opOf(
            input,
            this.session.position?.claim ?? { term: NO_TERM, host: this.self },
          ),
        )
        return input.more === true ? undefined : this.#fromSession(this.session.submit())
      case 'replay-asked':
        return this.#fromSession(this.session.replay(input.request, input.queries))
      case 'link-opened':
        this.links.opened(input.peer, input.link, input.relayed === true)
        return this.#linkOpened(input.peer, nowMs)
      case 'link-closed':
        return this.links.closed(input.peer, input.link)
          ? this.#forget(input.peer, nowMs)
          : undefined
      case 'received':
        if (this.links.isCurrent(input.peer, input.link))
          this.#receive(input.peer, input.frame, nowMs)
        return
      case 'signaling-closed':
        this.signalingLost = true
        return this.election.signalingLost()
      case 'signaled':
        return this.#signaled(input.message, nowMs)
      case 'visibility-changed':
        return this.#fromSession(this.session.visible(input.visible))
      case 'retiring':
        return this.#retire(nowMs)
      case 'leaving':
        return this.#leave()
      case 'ticked':
        return this.#ticked(nowMs)
    }
  }

  // --- links ---

  #linkOpened(peer: PeerId, nowMs: number): void {
    const claim = this.election.claim
    if (claim === null) return
    this.#send([peer], { type: 'reign', claim })
    if (peer !== claim.host) return
    this.watch.heard(nowMs)
    this.#fromSession(this.session.linked(nowMs))
    this.#send([peer], { type: 'ping', at: nowMs })
  }

  /** A peer cannot be reached, or is gone. */
  #forget(peer: PeerId, nowMs: number): void {
    this.#sources.drop(peer)
    this.links.review()
    this.#fromLeadership(this.leadership.left(peer, nowMs), nowMs)
    if (peer === this.election.claim?.host) this.session.unlinked()
  }

  // --- frames ---

  #receive(from: PeerId, frame: Frame, nowMs: number): void {
    this.links.heard(from, nowMs)
    const { claim } = this.election
    const verdict = judgeFrame(frame, claim)
    switch (verdict.type) {
      case 'drop':
        return
      case 'tell':
        return this.#send([from], { type: 'reign', claim: verdict.claim })
      case 'learn':
        if (frame.type === 'hello' && frame.claim.host === this.self)
          this.leadership.greetedEarly(from, frame)
        return this.#fromElection(this.election.learn(verdict.claim, nowMs), nowMs)
      case 'route':
        if (isOfHost(from, frame, claim)) {
          this.watch.heard(nowMs)
          this.#fromElection(this.election.hostHeard(), nowMs)
        }
        return this.#route(from, frame, nowMs)
    }
  }

  #route(from: PeerId, frame: FrameBody, nowMs: number): void {
    const isFromHost = from === this.election.claim?.host
    switch (frame.type) {
      case 'hello':
      case 'submit':
      case 'replay':
      case 'report':
        return this.#fromLeadership(this.leadership.receive(from, frame, nowMs), nowMs)
      case 'ping':
        this.#fromLeadership(this.leadership.receive(from, frame, nowMs), nowMs)
        return this.#send([from], { type: 'pong', at: frame.at, clock: nowMs })
      case 'pong':
        if (isFromHost) this.watch.pong(frame.at, frame.clock, nowMs)
        if (!this.election.signalingUp && this.#mandate.isAnswer(frame.at)) this.#confirmed(nowMs)
        return this.#fromLeadership(this.leadership.receive(from, frame, nowMs), nowMs)
      case 'fetch':
        return this.#sendAll(
          from,
          this.#sources.start(
            from,
            frame.request,
            snapshotFor(this.replica, frame.ends, frame.lacks),
          ),
        )
      case 'part-taken':
        return this.#sendAll(from, this.#sources.confirmed(from, frame.request, frame.number))
      case 'part':
        this.#fromLeadership(this.leadership.receive(from, frame, nowMs), nowMs)
        if (isFromHost) this.#fromSession(this.session.receive(frame))
        return
      case 'goodbye':
        return this.#saidGoodbye(from, nowMs)
      case 'doubt':
        return this.#send([from], {
          type: 'vouch',
          claim: frame.claim,
          hears: this.#hearsHostOf(frame.claim, nowMs),
        })
      case 'vouch':
        return frame.hears
          ? this.#fromElection(this.election.vouched(frame.claim), nowMs)
          : undefined
      case 'roster':
        return isFromHost ? this.#rosterCame(frame) : undefined
      case 'handover':
        if (!isFromHost || this.replica.lastIndex < frame.head) return
        this.#predecessor = from
        return this.#fromElection(this.election.handedOver(nowMs), nowMs)
      case 'welcome':
      case 'entries':
      case 'replayed':
      case 'repeated':
      case 'gap':
        return isFromHost ? this.#fromSession(this.session.receive(frame)) : undefined
      case 'reign':
        return
    }
  }

  #hearsHostOf(claim: Claim, nowMs: number): boolean {
    if (!sameClaim(claim, this.election.claim)) return false
    return (
      this.isHosting ||
      (this.session.isLive && this.links.has(claim.host) && !this.watch.isSilent(nowMs))
    )
  }

  #rosterCame({
    members,
    succession,
    standbys,
    paused,
  }: Extract<FrameBody, { type: 'roster' }>): void {
    const peers = members.map(({ peer }) => peer)
    const inSync = succession.slice(0, standbys)
    this.isPaused = paused
    this.links.roster(peers, inSync)
    this.#mandate.roster(peers, this.election.signalingUp)
    this.election.succession(succession)
    this.leadership.seniority(peers)
    this.#outputs.push({ type: 'roster', members, standbys: inSync })
  }

  #saidGoodbye(peer: PeerId, nowMs: number): void {
    this.#forget(peer, nowMs)
    this.#mandate.left(peer)
    if (peer === this.election.claim?.host)
      this.#fromElection(this.election.hostSaidGoodbye(nowMs), nowMs)
    this.#outputs.push({ type: 'disconnect', peer })
  }

  // --- signaling, time and the page ---

  #signaled(message: FromSignaling, nowMs: number): void {
    this.signalingLost = false
    this.links.review()
    const named = message.type === 'joined' || message.type === 'host' ? message.claim : null
    if (sameClaim(named, this.election.claim)) this.#confirmed(nowMs)
    if (message.type === 'joined' && this.session.position === null) this.election.forgetHearsay()
    this.#fromElection(
      this.election.signaled(
        message,
        nowMs,
        this.links.has(this.election.claim?.host) ? this.watch.probeMs : 0,
      ),
      nowMs,
    )
    if (message.type !== 'peer-left') return
    if (message.why === 'bye') this.#forget(message.peer, nowMs)
    else this.#fromLeadership(this.leadership.departed(message.peer, nowMs), nowMs)
  }

  #ticked(nowMs: number): void {
    this.#lastTickMs = nowMs
    this.links.review()
    this.#mindOrdering(nowMs)
    this.#fromLeadership(this.leadership.ticked(nowMs), nowMs)
    this.#listen(nowMs)
    this.#fromElection(this.election.ticked(nowMs), nowMs)
    this.#fromSession(this.session.ticked(nowMs))
  }

  /** This page slept: nobody else was silent in that time. A host asks whether it still is one before it orders what queued up. [EL5] */
  #woke(nowMs: number): void {
    this.#lastTickMs = nowMs
    this.watch.heard(nowMs)
    this.leadership.woke(nowMs)
    const { claim } = this.election
    if (claim === null || !this.isHosting) return
    this.#mandate.woke(nowMs)
    this.#mindOrdering(nowMs)
    this.#outputs.push({ type: 'signal', message: { type: 'know', claim } })
    this.#send(this.links.peers, { type: 'ping', at: nowMs })
  }

  #confirmed(nowMs: number): void {
    this.#mandate.confirmed()
    this.#mindOrdering(nowMs)
  }

  #mindOrdering(nowMs: number): void {
    if (!this.isHosting) return
    const mayOrder = this.#mandate.mayOrder(
      this.election.signalingUp,
      this.links.heardSince(nowMs - FOLLOWER_LIMIT_MS),
      nowMs,
    )
    if (mayOrder === this.leadership.isPaused)
      this.#fromLeadership(this.leadership.pause(!mayOrder), nowMs)
  }

  /** Only who has followed this room may say that its host is silent; a newcomer cannot know, but where signaling does not see that host either. */
  #listen(nowMs: number): void {
    const host = this.election.claim?.host
    if (host === undefined || host === this.self) return
    if (this.links.has(host) && this.watch.duePing(nowMs))
      this.#send([host], { type: 'ping', at: nowMs })
    const mayKnow =
      this.session.position !== null ||
      (this.election.signalingUp && !this.election.isPresent(host))
    if (mayKnow && this.watch.isSilent(nowMs))
      this.#fromElection(this.election.hostSilent(nowMs), nowMs)
  }

  #retire(nowMs: number): void {
    if (this.leadership.heirs === 0 || !this.election.signalingUp) return this.#retired()
    this.#retiring = { untilMs: nowMs + HANDOVER_TIMEOUT_MS }
    this.#handOver(nowMs)
  }

  /** Whoever may lead but has not got the streams yet is given a moment to get them. [MG1a] */
  #handOver(nowMs: number): void {
    const { claim } = this.election
    const to = this.leadership.successor
    if (this.#retiring === null || this.#retiring === 'handing-over' || claim === null) return
    if (nowMs >= this.#retiring.untilMs || this.leadership.heirs === 0) return this.#retired()
    if (to === null) return
    this.#retiring = 'handing-over'
    this.#outputs.push({ type: 'signal', message: { type: 'yield', term: claim.term, to } })
    this.#fromLeadership(this.leadership.handOver(nowMs), nowMs)
  }

  #retired(): void {
    this.#retiring = null
    this.#outputs.push({ type: 'retired' })
  }

  #leave(): void {
    this.#outputs.push({ type: 'signal', message: { type: 'bye' } })
    this.#send(this.links.peers, { type: 'goodbye' })
  }

  // --- what the parts order ---

  #fromElection(outputs: readonly ElectionOutput[], nowMs: number): void {
    for (const output of outputs) {
      switch (output.type) {
        case 'signal':
          this.#outputs.push(output)
          break
        case 'probe':
          if (this.election.claim !== null)
            this.#send([this.election.claim.host], { type: 'ping', at: nowMs })
          break
        case 'follow':
          this.#follow(output.claim, nowMs)
          break
        case 'lead':
          this.#takeOver(output.claim, output.before, nowMs)
          break
        case 'ask-around':
          if (this.election.claim !== null)
            this.#send(this.links.peers, { type: 'doubt', claim: this.election.claim })
          break
        case 'mend-link':
          this.watch.heard(nowMs)
          // One that is being made already is let be: no path is found in the time in which a silent host is doubted again.
          if (this.election.claim !== null && this.links.has(this.election.claim.host))
            this.#outputs.push({ type: 'disconnect', peer: this.election.claim.host })
          break
      }
    }
  }

  #follow(claim: Claim, nowMs: number): void {
    this.leadership.end()
    if (this.#retiring !== null) this.#retired()
    this.watch = new HostWatch(nowMs)
    this.#fromSession(this.session.follow(claim, this.links.has(claim.host), nowMs))
  }

  /** Waits for those only that can answer: a dead host's link stays open for long. */
  #takeOver(claim: Claim, before: Claim | null, nowMs: number): void {
    const isHere = this.election.signalingUp
      ? this.links.peers.filter((peer) => this.election.isPresent(peer))
      : this.links.heardSince(nowMs - FOLLOWER_LIMIT_MS)
    const reachable = isHere.filter(
      (peer) =>
        !(peer === before?.host && (peer === this.#predecessor || this.watch.isSilent(nowMs))),
    )
    this.#predecessor = null
    const outputs = this.leadership.begin(
      claim,
      this.session.stable,
      [this.self, ...reachable],
      nowMs,
    )
    this.watch = new HostWatch(nowMs)
    this.#send(this.links.peers, { type: 'reign', claim })
    this.#fromSession(this.session.follow(claim, true, nowMs))
    this.#fromLeadership(outputs, nowMs)
  }

  #fromLeadership(outputs: readonly LeadershipOutput[], nowMs: number): void {
    for (const output of outputs) {
      if (output.type === 'send') this.#send(output.to, output.body)
      else if (output.type === 'set-aside') this.outbox.setAside(output.ops)
      else if (output.type === 'met') this.#fromElection(this.election.ruleOn(nowMs), nowMs)
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
      if (output.type === 'misbehaved')
        this.#outputs.push({ type: 'disconnect', peer: output.peer }) // a new handshake mends it
      if (output.type === 'live' && output.claim.host !== this.self)
        this.#outputs.push({ type: 'signal', message: { type: 'know', claim: output.claim } })
    }
  }

  #sendAll(to: PeerId, bodies: readonly FrameBody[]): void {
    for (const body of bodies) this.#send([to], body)
  }

  /** Frames to this peer itself never leave it; the others carry the term that this peer follows. */
  #send(to: readonly PeerId[], body: FrameBody): void {
    if (to.includes(this.self)) this.#loopback.push({ from: this.self, body })
    const others = to.filter((peer) => this.links.has(peer))
    if (others.length > 0)
      this.#outputs.push({
        type: 'send',
        to: others,
        frame: { ...body, term: this.election.claim?.term ?? NO_TERM },
      })
  }
}
