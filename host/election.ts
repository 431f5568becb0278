// Owns who may lead: the highest claim known, what became of its host, and when this peer asks signaling to
// be the next, or leads without it. It knows neither the log nor the links; others tell it what they saw. [EL1-EL6]

import {
  CLAIM_ANSWER_MS,
  CLAIM_RETRY_MS,
  RANK_STEP_MS,
  STAND_IN_WAIT_MS,
} from '../protocol/limits.ts'
import {
  compareClaims,
  NO_TERM,
  sameClaim,
  type Claim,
  type PeerId,
  type Term,
} from '../protocol/ids.ts'
import type { ClaimReason, FromSignaling, ToSignaling } from '../protocol/signals.ts'

export type ElectionOutput =
  | { readonly type: 'signal'; readonly message: ToSignaling }
  /** Ask the host for a sign of life, now. */
  | { readonly type: 'probe' }
  /** A higher reign stands: follow its host. */
  | { readonly type: 'follow'; readonly claim: Claim }
  /** Signaling granted this peer's claim, or this peer stands in without it. */
  | { readonly type: 'lead'; readonly claim: Claim; readonly before: Claim | null }
  /** The host lives, so it is the link that is bad. */
  | { readonly type: 'mend-link' }
  /** Ask the others whether they hear the host. [EL6] */
  | { readonly type: 'ask-around' }

/** What this peer does about the host it knows (or the lack of one). */
type Course =
  | { readonly status: 'content' }
  /** Something is wrong; at `claimAtMs` this peer claims, unless the host is heard before. */
  | { readonly status: 'doubting'; readonly reason: ClaimReason; readonly claimAtMs: number }
  | {
      readonly status: 'claiming'
      readonly reason: ClaimReason
      readonly term: Term
      readonly retryAtMs: number
    }
  /** Signaling is out of reach; at `leadAtMs` this peer leads by its own word, unless somebody hears the host. [EL6] */
  | { readonly status: 'standing-in'; readonly reason: ClaimReason; readonly leadAtMs: number }

/** How many ranks a peer without streams waits longer: it would have to make do with a tail. */
const INCOMPLETE_RANKS = 3

/** What the election asks of its surroundings. */
export type Reach = {
  /** Whether there is a link to that peer. */
  readonly isLinked: (peer: PeerId) => boolean
  /** Whether this peer's log has entries of that reign: then it is no rumour. */
  readonly isKnown: (claim: Claim) => boolean
  /** Whether this peer holds the streams. */
  readonly isComplete: () => boolean
  /** Whether this peer may lead without signaling's grant: it holds something of the room, and enough of the others are with it. */
  readonly mayStandIn: () => boolean
}

export class Election {
  readonly #self: PeerId
  readonly #canHost: boolean
  readonly #reach: Reach
  #claim: Claim | null = null
  #course: Course = { status: 'content' }
  #signalingUp = false
  /** Its socket is open, but it answers nothing. */
  #signalingMute = false
  /** Members as signaling tells them, this peer not among them. */
  readonly #present = new Set<PeerId>()
  /** As the host's roster has it, the first standby first. */
  #succession: readonly PeerId[] = []
  #suspected = false
  /** When this peer claimed what has not been answered since; null when signaling has nothing to answer yet. */
  #askedAtMs: number | null = null
  /** The highest term this peer ever asked for: a grant may arrive after the doubt behind it is gone. */
  #askedTerm = NO_TERM
  /** The highest term in which this peer led: a reign ends for good, whoever still speaks of it. */
  #ledTerm = NO_TERM

  constructor(self: PeerId, canHost: boolean, reach: Reach) {
    this.#self = self
    this.#canHost = canHost
    this.#reach = reach
  }

  /** The highest reign known; null in a room that this peer has just entered. */
  get claim(): Claim | null {
    return this.#claim
  }

  get signalingUp(): boolean {
    return this.#signalingUp
  }

  /** Whether nothing is known to be wrong with the host. */
  get isContent(): boolean {
    return this.#course.status === 'content'
  }

  get wakeAtMs(): number {
    switch (this.#course.status) {
      case 'content':
        return Infinity
      case 'doubting':
        return this.#course.claimAtMs
      case 'claiming':
        return this.#course.retryAtMs
      case 'standing-in':
        return this.#course.leadAtMs
    }
  }

  isPresent(peer: PeerId): boolean {
    return this.#present.has(peer)
  }

  succession(peers: readonly PeerId[]): void {
    this.#succession = peers
  }

  /**
   * A peer that holds nothing of the room knows its reigns by hearsay alone, and takes signaling's word for which one
   * stands: what it heard of may have ended with everyone who was part of it.
   */
  forgetHearsay(): void {
    this.#claim = null
    this.#course = { status: 'content' }
  }

  signalingLost(): void {
    this.#signalingUp = false
    this.#signalingMute = false
    this.#suspected = false
    this.#present.clear()
  }

  signaled(message: FromSignaling, nowMs: number, probeMs: number): ElectionOutput[] {
    this.#signalingMute = false
    switch (message.type) {
      case 'joined':
        return this.#joined(message, nowMs)
      case 'peer-joined':
        this.#present.add(message.peer)
        return []
      case 'peer-left':
        this.#present.delete(message.peer)
        if (message.peer !== this.#claim?.host) return []
        return message.why === 'bye'
          ? this.hostSaidGoodbye(nowMs)
          : this.#doubtHost('closed', nowMs, probeMs)
      case 'host':
        return this.#toldOfHost(message.claim, nowMs)
      case 'denied':
        return this.#denied(message, nowMs)
      case 'challenge':
        return this.#claim?.host === this.#self && this.#claim.term === message.term
          ? [signal({ type: 'alive', term: message.term })]
          : []
      case 'signal':
      case 'relay':
      case 'pause':
      case 'turn':
      case 'error':
        return []
    }
  }

  /** Someone told of a reign. Higher ones are followed, lower ones are old news. [EL1] */
  learn(claim: Claim): ElectionOutput[] {
    if (this.#claim !== null && compareClaims(claim, this.#claim) <= 0) return []
    // Only signaling's answer to a claim of ours makes us host, whoever brings the news first.
    const isGrant = claim.host === this.#self
    if (isGrant && claim.term > this.#askedTerm) return []
    const before = this.#claim
    this.#claim = claim
    this.#course = { status: 'content' }
    this.#suspected = false
    if (!isGrant) return [{ type: 'follow', claim }]
    if (claim.term <= this.#ledTerm) {
      this.#course = { status: 'doubting', reason: 'goodbye', claimAtMs: 0 }
      return [{ type: 'follow', claim }]
    }
    this.#ledTerm = claim.term
    return [{ type: 'lead', claim, before }]
  }

  hostSaidGoodbye(nowMs: number): ElectionOutput[] {
    return this.#doubt('goodbye', nowMs + this.#rank() * RANK_STEP_MS, nowMs)
  }

  /** The host asks this peer to lead next; its log is known to reach far enough. [MG1] */
  handedOver(nowMs: number): ElectionOutput[] {
    return this.#doubt('handover', nowMs, nowMs)
  }

  /** The host has been silent past the heartbeat limit. [EL3] */
  hostSilent(nowMs: number): ElectionOutput[] {
    const outputs: ElectionOutput[] = []
    if (!this.#suspected && this.#claim !== null && this.#signalingUp) {
      this.#suspected = true
      outputs.push(signal({ type: 'suspect', term: this.#claim.term, suspected: true }))
    }
    if (this.#course.status === 'content')
      outputs.push(...this.#doubt('silent', nowMs + this.#rank() * RANK_STEP_MS, nowMs))
    return outputs
  }

  /** A frame made by the host's page arrived: doubts that rest on its silence are void. */
  hostHeard(): ElectionOutput[] {
    const wasSuspected = this.#suspected
    this.#suspected = false
    if (
      this.#course.status !== 'content' &&
      (this.#course.reason === 'closed' || this.#course.reason === 'silent')
    )
      this.#course = { status: 'content' }
    return wasSuspected && this.#claim !== null
      ? [signal({ type: 'suspect', term: this.#claim.term, suspected: false })]
      : []
  }

  /** Somebody hears the host: this peer's own link is what is bad. */
  vouched(claim: Claim): ElectionOutput[] {
    if (
      this.#course.status !== 'standing-in' ||
      this.#course.reason !== 'silent' ||
      !sameClaim(claim, this.#claim)
    )
      return []
    this.#course = { status: 'content' }
    return [{ type: 'mend-link' }]
  }

  /** This peer hosts and met a branch: it rules on under a higher term. [MG5] */
  ruleOn(nowMs: number): ElectionOutput[] {
    return this.#course.status === 'content' ? this.#makeClaim('merge', nowMs) : []
  }

  ticked(nowMs: number): ElectionOutput[] {
    return nowMs >= this.wakeAtMs && this.#course.status !== 'content'
      ? this.#makeClaim(this.#course.reason, nowMs)
      : []
  }

  #joined(message: Extract<FromSignaling, { type: 'joined' }>, nowMs: number): ElectionOutput[] {
    this.#signalingUp = true
    this.#present.clear()
    if (this.#course.status === 'standing-in') this.#course = { status: 'content' } // signaling judges again
    this.#askedAtMs = null // over the socket before
    for (const { peer } of message.members) this.#present.add(peer)
    const { claim, hostHere } = message
    if (claim === null)
      return this.#claim === null ? this.#doubt('vacant', nowMs, nowMs) : this.#correct(this.#claim)
    if (hostHere && claim.host !== this.#self) this.#present.add(claim.host)
    return this.#toldOfHost(claim, nowMs)
  }

  /** Signaling names the host. A peer that knows better says so; one that sees no such host here doubts that there is one. [EL1i] */
  #toldOfHost(claim: Claim, nowMs: number): ElectionOutput[] {
    const outputs = [...this.#correctIfEarlier(claim), ...this.learn(claim)]
    const host = this.#claim?.host
    const isAway = host !== undefined && host !== this.#self && !this.#present.has(host)
    // Whoever hears the host over a link will be put at ease by its next frame.
    return isAway ? [...outputs, ...this.#doubtHost('closed', nowMs, RANK_STEP_MS)] : outputs
  }

  /** Signaling may name an earlier reign than the one that stands here, as in a word that comes late. */
  #correctIfEarlier(claim: Claim | null): ElectionOutput[] {
    return claim !== null && this.#claim !== null && compareClaims(claim, this.#claim) < 0
      ? this.#correct(this.#claim)
      : []
  }

  /** Signaling may have been out of reach while this reign began; what is no more than hearsay corrects nobody. */
  #correct(own: Claim): ElectionOutput[] {
    return this.#knows(own) ? [signal({ type: 'know', claim: own })] : []
  }

  /** Its log shows the reign, or is about to: it leads. */
  #knows(claim: Claim): boolean {
    return claim.host === this.#self || this.#reach.isKnown(claim)
  }

  #doubtHost(reason: 'closed', nowMs: number, probeMs: number): ElectionOutput[] {
    if (this.#course.status !== 'content') return []
    return [
      { type: 'probe' },
      ...this.#doubt(reason, nowMs + probeMs + this.#rank() * RANK_STEP_MS, nowMs),
    ]
  }

  #doubt(reason: ClaimReason, claimAtMs: number, nowMs: number): ElectionOutput[] {
    if (
      !this.#canHost ||
      this.#course.status === 'claiming' ||
      this.#course.status === 'standing-in'
    )
      return []
    this.#course = { status: 'doubting', reason, claimAtMs }
    return claimAtMs <= nowMs ? this.#makeClaim(reason, nowMs) : []
  }

  #makeClaim(reason: ClaimReason, nowMs: number): ElectionOutput[] {
    if (this.#course.status !== 'claiming') this.#askedAtMs = null
    this.#askedAtMs ??= nowMs
    if (nowMs - this.#askedAtMs >= CLAIM_ANSWER_MS) this.#signalingMute = true
    if (!this.#hasSignaling) return this.#standIn(reason, nowMs)
    const term = this.#nextTerm
    this.#course = { status: 'claiming', reason, term, retryAtMs: nowMs + CLAIM_RETRY_MS }
    this.#askedTerm = term
    return [signal({ type: 'claim', term, reason })]
  }

  /**
   * Without signaling a peer leads by its own word, after a wait that grows with its rank. Silence alone may be the
   * fault of one link, so the others are asked first. [EL6]
   */
  #standIn(reason: ClaimReason, nowMs: number): ElectionOutput[] {
    const { status } = this.#course
    if (status !== 'standing-in' && reason !== 'merge') {
      const wait = reason === 'silent' || reason === 'closed' ? STAND_IN_WAIT_MS : 0
      this.#course = {
        status: 'standing-in',
        reason,
        leadAtMs: nowMs + wait + this.#rank() * STAND_IN_WAIT_MS,
      }
      return [{ type: 'ask-around' }]
    }
    if (this.#reach.mayStandIn()) {
      const term = this.#nextTerm
      this.#askedTerm = term
      return this.learn({ term, host: this.#self })
    }
    this.#course = { status: 'standing-in', reason, leadAtMs: nowMs + CLAIM_RETRY_MS }
    return [{ type: 'ask-around' }]
  }

  get #hasSignaling(): boolean {
    return this.#signalingUp && !this.#signalingMute
  }

  get #nextTerm(): Term {
    return ((this.#claim?.term ?? NO_TERM) + 1) as Term
  }

  #denied(message: Extract<FromSignaling, { type: 'denied' }>, nowMs: number): ElectionOutput[] {
    if (this.#course.status !== 'claiming' || this.#course.term !== message.term)
      return this.#correctIfEarlier(message.claim)
    switch (message.why) {
      case 'wait':
        this.#askedAtMs = null
        this.#course = { ...this.#course, retryAtMs: nowMs + Math.max(1, message.retryMs) }
        return []
      case 'outdated':
        this.#course = { status: 'content' }
        if (message.claim === null || sameClaim(message.claim, this.#claim)) return []
        return this.learn(message.claim)
      case 'host-alive':
        this.#course = { status: 'content' }
        return [...this.hostHeard(), ...this.#takeWord(message.claim)]
    }
  }

  /**
   * Signaling knows a host that lives, of a lower reign than the one that this peer heard of. If its log shows that reign,
   * signaling is told; else whoever told of it was wrong, or lied. [EL1g]
   */
  #takeWord(claim: Claim | null): ElectionOutput[] {
    const own = this.#claim
    if (
      claim === null ||
      own === null ||
      claim.host === this.#self ||
      compareClaims(claim, own) >= 0
    )
      return [{ type: 'mend-link' }]
    if (this.#knows(own)) return [...this.#correct(own), { type: 'mend-link' }]
    this.#claim = claim
    return [{ type: 'follow', claim }]
  }

  /** How many present peers come before this one; who lacks the streams leaves it to those who may have them. */
  #rank(): number {
    const isHere = (peer: PeerId) =>
      this.#hasSignaling ? this.#present.has(peer) : this.#reach.isLinked(peer)
    const heirs = this.#succession.filter((peer) => peer === this.#self || isHere(peer))
    const at = heirs.indexOf(this.#self)
    return (at === -1 ? heirs.length : at) + (this.#reach.isComplete() ? 0 : INCOMPLETE_RANKS)
  }
}

function signal(message: ToSignaling): ElectionOutput {
  return { type: 'signal', message }
}
