// Owns who may lead: the highest claim known, what became of its host, and when this peer asks signaling to be the
// next, or leads without it. It knows neither the log nor the links: others tell it what they saw. [EL1-EL6]

import {
  CLAIM_ANSWER_MS,
  CLAIM_RETRY_MS,
  RANK_STEP_MS,
  STAND_IN_WAIT_MS,
} from '../protocol/limits.ts'
import {
  compareClaims,
  highestCredibleTerm,
  NO_TERM,
  sameClaim,
  type Claim,
  type PeerId,
  type Term,
} from '../protocol/ids.ts'
import type { ClaimReason, FromSignaling, ToSignaling } from '../protocol/signals.ts'
import type { ElectionOutput, Reach } from './election-io.ts'
import { OwnReigns } from './own-reigns.ts'
import { CONTENT, dueAtMs, restsOnSilence, type Course } from './course.ts'

type Denied = Extract<FromSignaling, { type: 'denied' }>
type Joined = Extract<FromSignaling, { type: 'joined' }>

/** How many ranks longer a peer without streams waits: it would have to lead on a tail. */
const INCOMPLETE_RANKS = 3

export class Election {
  readonly #self: PeerId
  readonly #canHost: boolean
  readonly #reach: Reach
  #claim: Claim | null = null
  #course: Course = CONTENT
  /** `mute`: its socket is open, and it answers nothing. */
  #signaling: 'up' | 'mute' | 'down' = 'down'
  /** The members that signaling tells of; this peer is not among them. */
  readonly #present = new Set<PeerId>()
  /** From the host's roster, the first standby first. */
  #succession: readonly PeerId[] = []
  /** Whether signaling was told that the host is silent. */
  #suspected = false
  readonly #ownReigns = new OwnReigns()
  /** The highest term in any log that is to be joined: the next reign is above it. [PE7] */
  #seenTerm: Term

  /** `held`: the last reign in the log that this peer brings from an earlier life. */
  constructor(self: PeerId, canHost: boolean, held: Term, reach: Reach) {
    this.#self = self
    this.#seenTerm = held
    this.#canHost = canHost
    this.#reach = reach
  }

  /** The highest reign known; null in a room that this peer has just entered. */
  get claim(): Claim | null {
    return this.#claim
  }

  /** Whether there is a socket to signaling. */
  get signalingUp(): boolean {
    return this.#signaling !== 'down'
  }

  /** Whether nothing is known to be wrong with the host. */
  get isContent(): boolean {
    return this.#course.status === 'content'
  }

  get wakeAtMs(): number {
    return dueAtMs(this.#course)
  }

  isPresent(peer: PeerId): boolean {
    return this.#present.has(peer)
  }

  succession(peers: readonly PeerId[]): void {
    this.#succession = peers
  }

  /**
   * A peer that holds nothing of the room knows its reigns by hearsay alone, and believes signaling about which one
   * stands: the reign that it heard of may have ended with everyone who was part of it.
   */
  forgetHearsay(): void {
    this.#claim = null
    this.#ownReigns.end()
    this.#course = CONTENT
  }

  signalingLost(): void {
    this.#signaling = 'down'
    this.#suspected = false
    this.#present.clear()
  }

  /** Signaling is out of reach, and no reign is known: this peer leads from its copy, unless it is told of one. [PE8] */
  alone(nowMs: number): ElectionOutput[] {
    return this.isContent ? this.#doubt('vacant', nowMs + STAND_IN_WAIT_MS, nowMs) : []
  }

  signaled(message: FromSignaling, nowMs: number, probeMs: number): ElectionOutput[] {
    if (this.#signaling === 'mute') this.#signaling = 'up'
    switch (message.type) {
      case 'joined':
        return this.#joined(message, nowMs)
      case 'peer-joined':
        this.#present.add(message.peer)
        return []
      case 'peer-left':
        this.#present.delete(message.peer)
        if (message.peer !== this.#claim?.host) return []
        if (message.why === 'bye') return this.hostSaidGoodbye(nowMs)
        return this.#doubtHost(nowMs, probeMs)
      case 'host':
        return this.#toldOfHost(message.claim, nowMs)
      case 'denied':
        return this.#denied(message, nowMs)
      case 'challenge':
        return this.#challenged(message.term)
      case 'stands':
      case 'heartbeat':
      case 'signal':
      case 'relay':
      case 'pause':
      case 'turn':
      case 'network':
      case 'error':
        return []
    }
  }

  /** Someone told of a reign. Higher ones are followed, lower ones are old news. [EL1] */
  learn(claim: Claim, nowMs: number): ElectionOutput[] {
    const before = this.#claim
    if (before !== null && compareClaims(claim, before) <= 0) return []
    const isOwn = claim.host === this.#self
    // Only signaling's answer to a claim of ours makes us host, whoever brings the news first.
    if (isOwn && !this.#ownReigns.mayBe(claim.term)) return []
    this.#claim = claim
    this.#course = CONTENT
    this.#suspected = false
    if (isOwn) return this.#toldOfOwn(claim, before, nowMs)
    this.#ownReigns.end()
    return [{ type: 'follow', claim }]
  }

  hostSaidGoodbye(nowMs: number): ElectionOutput[] {
    return this.#doubt('goodbye', nowMs + this.#rank() * RANK_STEP_MS, nowMs)
  }

  /** The host asks this peer to lead next; this peer's log is known to reach far enough. [MG1] */
  handedOver(nowMs: number): ElectionOutput[] {
    return this.#doubt('handover', nowMs, nowMs)
  }

  /** The host has been silent past the heartbeat limit. [EL3] */
  hostSilent(nowMs: number): ElectionOutput[] {
    const outputs: ElectionOutput[] = []
    if (this.#claim !== null && this.signalingUp && !this.#suspected) {
      this.#suspected = true
      outputs.push(signal({ type: 'suspect', term: this.#claim.term, suspected: true }))
    }
    if (this.isContent)
      outputs.push(...this.#doubt('silent', nowMs + this.#rank() * RANK_STEP_MS, nowMs))
    return outputs
  }

  /** A frame made by the host's page arrived: doubts that rest on its silence are void. */
  hostHeard(): ElectionOutput[] {
    const wasSuspected = this.#suspected
    this.#suspected = false
    if (restsOnSilence(this.#course)) this.#course = CONTENT
    if (!wasSuspected || this.#claim === null) return []
    return [signal({ type: 'suspect', term: this.#claim.term, suspected: false })]
  }

  /** Somebody hears the host: this peer's own link is what is bad. */
  vouched(claim: Claim): ElectionOutput[] {
    const course = this.#course
    const asksAround = course.status === 'standing-in' && course.reason === 'silent'
    if (!asksAround || !sameClaim(claim, this.#claim)) return []
    this.#course = CONTENT
    return [{ type: 'mend-link' }]
  }

  /** This peer hosts and met a branch: it rules on under a higher term. [MG5] */
  ruleOn(branchTerm: Term, nowMs: number): ElectionOutput[] {
    if (branchTerm <= highestCredibleTerm(this.#claim))
      this.#seenTerm = Math.max(this.#seenTerm, branchTerm) as Term
    return this.isContent ? this.#makeClaim('merge', nowMs) : []
  }

  ticked(nowMs: number): ElectionOutput[] {
    const course = this.#course
    if (course.status === 'content' || nowMs < dueAtMs(course)) return []
    return this.#makeClaim(course.reason, nowMs)
  }

  // --- what signaling says ---

  #joined({ members, claim, hostHere }: Joined, nowMs: number): ElectionOutput[] {
    this.#signaling = 'up'
    this.#present.clear()
    for (const { peer } of members) this.#present.add(peer)
    if (this.#course.status === 'standing-in') this.#course = CONTENT // signaling judges again
    if (this.#course.status === 'claiming') this.#course = { ...this.#course, askedAtMs: null }
    if (claim === null) return this.#toldOfNoHost(nowMs)
    if (hostHere && claim.host !== this.#self) this.#present.add(claim.host)
    return this.#toldOfHost(claim, nowMs)
  }

  #toldOfNoHost(nowMs: number): ElectionOutput[] {
    if (this.#claim !== null && !this.#isOver) return this.#correct(this.#claim)
    return this.#doubt('vacant', nowMs, nowMs)
  }

  /**
   * Signaling names the host. A peer that knows of a later reign says so; one that sees no such host here doubts that
   * there is one. [EL1i]
   */
  #toldOfHost(claim: Claim, nowMs: number): ElectionOutput[] {
    const outputs = [...this.#correctIfEarlier(claim), ...this.learn(claim, nowMs)]
    if (this.#isHostHere) return outputs
    // Where this peer hears the host over a link, the host's next frame ends the doubt.
    return [...outputs, ...this.#doubtHost(nowMs, RANK_STEP_MS)]
  }

  /** Whether the host is present, as far as signaling tells; so is no host at all. */
  get #isHostHere(): boolean {
    if (this.#claim === null) return true
    return this.#ownReigns.isReigning || this.#present.has(this.#claim.host)
  }

  /** The highest reign known is one of this peer that ended: nobody leads. [EL1h] */
  get #isOver(): boolean {
    return this.#claim?.host === this.#self && !this.#ownReigns.isReigning
  }

  #challenged(term: Term): ElectionOutput[] {
    const isOurs = this.#ownReigns.isReigning && this.#claim?.term === term
    return isOurs ? [signal({ type: 'alive', term })] : []
  }

  /** Signaling may name an earlier reign than the one that stands here: a word of it that came late. */
  #correctIfEarlier(claim: Claim | null): ElectionOutput[] {
    const own = this.#claim
    if (claim === null || own === null) return []
    return compareClaims(claim, own) < 0 ? this.#correct(own) : []
  }

  /** Signaling may have been out of reach when this reign began. Hearsay corrects nobody. */
  #correct(own: Claim): ElectionOutput[] {
    return this.#knows(own) ? [signal({ type: 'know', claim: own })] : []
  }

  /** This peer's log shows the reign, or is about to: this peer leads. */
  #knows(claim: Claim): boolean {
    return claim.host === this.#self ? this.#ownReigns.isReigning : this.#reach.isKnown(claim)
  }

  #denied(message: Denied, nowMs: number): ElectionOutput[] {
    const course = this.#course
    if (course.status !== 'claiming' || course.term !== message.term)
      return this.#correctIfEarlier(message.claim)
    switch (message.why) {
      case 'wait':
        this.#course = {
          ...course,
          askedAtMs: null,
          retryAtMs: nowMs + Math.max(1, message.retryMs),
        }
        return []
      case 'outdated':
        return this.#deniedAsOutdated(message.claim, nowMs)
      case 'host-alive':
        this.#course = CONTENT
        return [...this.hostHeard(), ...this.#toldHostLives(message.claim)]
    }
  }

  /** Another reign began since. The one that signaling names may be one of this peer that ended. */
  #deniedAsOutdated(claim: Claim | null, nowMs: number): ElectionOutput[] {
    this.#course = CONTENT
    const outputs = claim === null ? [] : this.learn(claim, nowMs)
    if (!this.#isOver) return outputs
    return [...outputs, ...this.#doubt('goodbye', nowMs + RANK_STEP_MS, nowMs)]
  }

  /**
   * Signaling knows a host that lives. Where its reign is lower than the one that this peer heard of, and this peer's
   * log shows the higher one, signaling is told; else whoever told of the higher one was wrong, or lied. [EL1g]
   */
  #toldHostLives(claim: Claim | null): ElectionOutput[] {
    const own = this.#claim
    if (claim === null || own === null || claim.host === this.#self) return [{ type: 'mend-link' }]
    if (compareClaims(claim, own) >= 0) return [{ type: 'mend-link' }]
    if (this.#knows(own)) return [...this.#correct(own), { type: 'mend-link' }]
    this.#claim = claim
    return [{ type: 'follow', claim }]
  }

  // --- doubting, claiming, standing in ---

  /** The host seems gone: it is probed, and doubted for as long as it does not answer. */
  #doubtHost(nowMs: number, probeMs: number): ElectionOutput[] {
    if (!this.isContent) return []
    const claimAtMs = nowMs + probeMs + this.#rank() * RANK_STEP_MS
    return [{ type: 'probe' }, ...this.#doubt('closed', claimAtMs, nowMs)]
  }

  #doubt(reason: ClaimReason, claimAtMs: number, nowMs: number): ElectionOutput[] {
    const { status } = this.#course
    const isActing = status === 'claiming' || status === 'standing-in'
    if (!this.#canHost || isActing) return []
    this.#course = { status: 'doubting', reason, claimAtMs }
    return claimAtMs <= nowMs ? this.#makeClaim(reason, nowMs) : []
  }

  /** Somebody may speak of an own reign that ended: it stays ended, and a new one is claimed. */
  #toldOfOwn(claim: Claim, before: Claim | null, nowMs: number): ElectionOutput[] {
    if (this.#ownReigns.begin(claim.term)) return [{ type: 'lead', claim, before }]
    this.#course = { status: 'doubting', reason: 'goodbye', claimAtMs: nowMs }
    return [{ type: 'follow', claim }]
  }

  #makeClaim(reason: ClaimReason, nowMs: number): ElectionOutput[] {
    const askedAtMs = this.#unansweredSinceMs ?? nowMs
    const isOverdue = nowMs - askedAtMs >= CLAIM_ANSWER_MS
    if (isOverdue && this.#signaling === 'up') this.#signaling = 'mute' // [EL6a]
    if (this.#signaling !== 'up') return this.#standIn(reason, nowMs)
    const term = this.#nextTerm
    const retryAtMs = nowMs + CLAIM_RETRY_MS
    this.#course = { status: 'claiming', reason, term, retryAtMs, askedAtMs }
    this.#ownReigns.asksFor(term)
    return [signal({ type: 'claim', term, reason })]
  }

  get #unansweredSinceMs(): number | null {
    return this.#course.status === 'claiming' ? this.#course.askedAtMs : null
  }

  /**
   * Without signaling a peer leads by its own word, after a wait that grows with its rank. Silence alone may be the
   * fault of one link, so the others are asked first. [EL6]
   */
  #standIn(reason: ClaimReason, nowMs: number): ElectionOutput[] {
    const isAsking = this.#course.status === 'standing-in' || reason === 'merge'
    if (!isAsking) {
      const isSilence = reason === 'silent' || reason === 'closed'
      const waitMs = isSilence ? STAND_IN_WAIT_MS : 0
      return this.#askAround(reason, nowMs + waitMs + this.#rank() * STAND_IN_WAIT_MS)
    }
    if (!this.#reach.mayStandIn()) return this.#askAround(reason, nowMs + CLAIM_RETRY_MS)
    const term = this.#nextTerm
    this.#ownReigns.asksFor(term)
    return this.learn({ term, host: this.#self }, nowMs)
  }

  #askAround(reason: ClaimReason, leadAtMs: number): ElectionOutput[] {
    this.#course = { status: 'standing-in', reason, leadAtMs }
    return [{ type: 'ask-around' }]
  }

  get #nextTerm(): Term {
    return (Math.max(this.#claim?.term ?? NO_TERM, this.#seenTerm) + 1) as Term
  }

  /** How many present peers come before this one. Who lacks the streams leaves it to those who may have them. */
  #rank(): number {
    const heirs = this.#succession.filter((peer) => peer === this.#self || this.#isHere(peer))
    const at = heirs.indexOf(this.#self)
    const before = at === -1 ? heirs.length : at
    return before + (this.#reach.isComplete() ? 0 : INCOMPLETE_RANKS)
  }

  #isHere(peer: PeerId): boolean {
    return this.#signaling === 'up' ? this.#present.has(peer) : this.#reach.isLinked(peer)
  }
}

function signal(message: ToSignaling): ElectionOutput {
  return { type: 'signal', message }
}
