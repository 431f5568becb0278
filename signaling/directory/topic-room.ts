// Owns one topic: who is here, which reign stands, who suspects its host, and which claims await a verdict.
// It lives in memory only. [SG3 SG4]

import { assert } from '../../protocol/errors.ts'
import {
  compareClaims,
  highestCredibleTerm,
  NO_TERM,
  sameClaim,
  type Claim,
  type PeerId,
  type Term,
} from '../../protocol/ids.ts'
import type { ClaimReason, DeniedWhy, FromSignaling, ToSignaling } from '../../protocol/signals.ts'
import { judge, type ConnectedHost, type Moment, type Petition, type Reign } from './claims.ts'
import type { ConnectionId, Send } from './directory-io.ts'
import { Lessor } from './lessor.ts'
import type { Limits } from './service-limits.ts'
import { refusal } from './refusals.ts'

type RoomMember = {
  readonly peer: PeerId
  readonly connection: ConnectionId
  /** The highest term that the peer told or was granted: a sign that it holds the room. Being told a term is none. */
  term: Term
  /** The term of the last reign in the log that it brought from an earlier life; no sign that this reign stands. [PE7] */
  readonly held: Term
  suspects: boolean
  claim: HeldClaim | null
}

/** Whether it followed this room, in this life or an earlier one. */
function holdsRoom({ term, held }: RoomMember): boolean {
  return term > NO_TERM || held > NO_TERM
}

type HeldClaim = {
  readonly term: Term
  readonly reason: ClaimReason
  readonly sinceMs: number
  judgeAtMs: number
}

/** What matters inside the room only; the directory handles the rest. */
export type RoomMessage = Exclude<ToSignaling, { readonly type: 'join' | 'bye' | 'heartbeat' }>

type Join = Extract<ToSignaling, { readonly type: 'join' }>
type ClaimMessage = Extract<ToSignaling, { readonly type: 'claim' }>
type SuspectMessage = Extract<ToSignaling, { readonly type: 'suspect' }>
type HostMessage = Extract<ToSignaling, { readonly type: 'alive' | 'yield' }>

const CONNECTED: ConnectedHost = { status: 'connected', challengedAtMs: null, heir: null }

export class TopicRoom {
  readonly #limits: Limits
  readonly #send: Send
  readonly #members = new Map<PeerId, RoomMember>()
  #reign: Reign | null = null
  readonly #lessor = new Lessor()

  constructor(limits: Limits, send: Send) {
    this.#limits = limits
    this.#send = send
  }

  get size(): number {
    return this.#members.size
  }

  /** Whether the host's socket just closed: its page may live and be back in a moment. */
  get hostMayReturn(): boolean {
    return this.#reign?.host.status === 'gone' && !this.#reign.host.goodbye
  }

  /**
   * Whether it is remembered though nobody is in it: its host may be back, or may rest on what it was
   * told. [SG3c]
   */
  staysEmpty(nowMs: number): boolean {
    return this.hostMayReturn || this.#lessor.isOut(nowMs)
  }

  has(peer: PeerId): boolean {
    return this.#members.has(peer)
  }

  /** When held claims must be judged again; Infinity when none is held. */
  judgeAtMs(): number {
    return Math.min(
      ...Array.from(this.#members.values(), ({ claim }) => claim?.judgeAtMs ?? Infinity),
    )
  }

  /** Lets a peer in. One that is here already changes its connection unheard; the former connection is returned. */
  join(
    peer: PeerId,
    connection: ConnectionId,
    { claim, held }: Pick<Join, 'claim' | 'held'>,
    at: Moment,
  ): ConnectionId | null {
    const before = this.#members.get(peer)
    const member: RoomMember = {
      peer,
      connection,
      term: before?.term ?? NO_TERM,
      held: held > highestCredibleTerm(null) ? NO_TERM : held,
      suspects: before?.suspects ?? false,
      claim: null,
    }
    this.#members.set(peer, member)
    if (before === undefined) this.#broadcast({ type: 'peer-joined', peer }, peer)
    // A page that joins runs.
    if (this.#reign?.claim.host === peer) this.#vindicate(this.#reign.claim, CONNECTED)
    if (claim !== null) this.#learn(member, claim, at)
    this.#send(connection, this.#welcome(peer))
    return before?.connection ?? null
  }

  leave(peer: PeerId, why: 'closed' | 'bye', at: Moment): void {
    this.#members.delete(peer)
    if (why === 'bye') this.#lessor.isDone(peer)
    this.#broadcast({ type: 'peer-left', peer, why })
    if (this.#reign?.claim.host === peer) {
      this.#reign = {
        claim: this.#reign.claim,
        host: { status: 'gone', sinceMs: at.nowMs, goodbye: why === 'bye' },
      }
    }
    this.#endUnfoundedChallenge()
    this.judgeClaims(at)
  }

  receive(peer: PeerId, message: RoomMessage, at: Moment): void {
    const member = this.#members.get(peer)
    assert(member !== undefined, 'a connection has joined a room that its peer is not in')
    switch (message.type) {
      case 'signal': {
        const { to, attempt, box } = message
        return this.#passOn(member, to, { type: 'signal', from: peer, attempt, box })
      }
      case 'relay': {
        const { to, session, box } = message
        if (!this.#limits.relay) return this.#send(member.connection, refusal('no-relay'))
        return this.#passOn(member, to, { type: 'relay', from: peer, session, box })
      }
      case 'know':
        this.#learn(member, message.claim, at)
        return this.#tellTruth(member)
      case 'ask':
        return this.#answer(member, message.at, at)
      case 'claim':
        this.#hold(member, message, at)
        return this.judgeClaims(at)
      case 'suspect':
        return this.#hearSuspicion(member, message, at)
      case 'alive':
      case 'yield':
        return this.#hearHost(member, message, at)
    }
  }

  /** Judges every held claim, in the order in which their peers joined. */
  judgeClaims(at: Moment): void {
    for (const member of this.#members.values()) {
      if (member.claim === null) continue
      const verdict = judge(this.#petition(member, member.claim), this.#reign, this.#limits, at)
      if (verdict.type === 'grant') return this.#crown(member, member.claim.term, at)
      if (verdict.type === 'hold') member.claim.judgeAtMs = verdict.untilMs
      else this.#deny(member, member.claim, verdict.why, verdict.retryMs)
    }
  }

  /** A repeated claim keeps its place in time: repeated often enough, a claim would else never be answered. */
  #hold(member: RoomMember, { term, reason }: ClaimMessage, { nowMs }: Moment): void {
    if (member.claim?.term === term) return
    member.claim = { term, reason, sinceMs: nowMs, judgeAtMs: nowMs }
  }

  #petition(member: RoomMember, { term, reason, sinceMs }: HeldClaim): Petition {
    const others = [...this.#members.values()].filter(
      ({ peer }) => peer !== this.#reign?.claim.host,
    )
    const followers = others.filter(({ term }) => term > NO_TERM)
    const suspecting = followers.filter(({ suspects }) => suspects)
    const isNew = !holdsRoom(member)
    return {
      claimant: member.peer,
      term,
      reason,
      sinceMs,
      outranked: isNew && (this.hostMayReturn || others.some(holdsRoom)),
      mostSuspect: suspecting.length * 2 > followers.length,
    }
  }

  #crown(member: RoomMember, term: Term, at: Moment): void {
    member.claim = null
    member.term = term
    this.#enthrone({ term, host: member.peer }, at)
  }

  /** A peer has told which reign it follows. The highest that anybody knows stands, if it is credible. [SG3 SG3e] */
  #learn(member: RoomMember, claim: Claim, at: Moment): void {
    if (claim.term > highestCredibleTerm(this.#reign?.claim ?? null)) return
    if (claim.term > member.term) member.term = claim.term
    if (claim.host !== member.peer) this.#lessor.isDone(member.peer)
    if (this.#reign === null || compareClaims(claim, this.#reign.claim) > 0)
      this.#enthrone(claim, at, member.peer)
  }

  #enthrone(claim: Claim, at: Moment, knownTo?: PeerId): void {
    this.#reign = {
      claim,
      host: this.#members.has(claim.host) ? CONNECTED : { status: 'expected', sinceMs: at.nowMs },
    }
    for (const member of this.#members.values()) member.suspects = false
    this.#broadcast({ type: 'host', claim }, knownTo)
    this.#denyAll('outdated')
  }

  #hearSuspicion(member: RoomMember, { term, suspected }: SuspectMessage, at: Moment): void {
    const claim = this.#reign?.claim
    if (term !== claim?.term || member.peer === claim.host) return this.#tellTruth(member)
    member.term = term
    member.suspects = suspected
    if (suspected) this.#challengeHost(at)
    else this.#endUnfoundedChallenge()
    this.judgeClaims(at)
  }

  #hearHost(member: RoomMember, message: HostMessage, at: Moment): void {
    if (this.#reign?.host.status !== 'connected') return this.#tellTruth(member)
    const { claim, host } = this.#reign
    if (!sameClaim(claim, { term: message.term, host: member.peer })) return this.#tellTruth(member)
    if (message.type === 'alive') {
      if (host.challengedAtMs !== null) this.#vindicate(claim, { ...host, challengedAtMs: null })
      return
    }
    this.#reign = { claim, host: { ...host, heir: { peer: message.to, sinceMs: at.nowMs } } }
    this.judgeClaims(at)
  }

  /** The host has shown that it lives. Suspicions stay; the next peer that tells one challenges the host afresh. */
  #vindicate(claim: Claim, host: ConnectedHost): void {
    this.#reign = { claim, host }
    this.#denyAll('host-alive')
  }

  #challengeHost({ nowMs }: Moment): void {
    if (this.#reign?.host.status !== 'connected') return
    const { claim, host } = this.#reign
    if (host.challengedAtMs !== null) return
    this.#reign = { claim, host: { ...host, challengedAtMs: nowMs } }
    const member = this.#members.get(claim.host)
    if (member !== undefined) this.#send(member.connection, { type: 'challenge', term: claim.term })
  }

  #endUnfoundedChallenge(): void {
    if (this.#reign?.host.status !== 'connected') return
    const { claim, host } = this.#reign
    const suspected = [...this.#members.values()].some(({ suspects }) => suspects)
    if (!suspected) this.#reign = { claim, host: { ...host, challengedAtMs: null } }
  }

  #denyAll(why: DeniedWhy): void {
    for (const member of this.#members.values())
      if (member.claim !== null) this.#deny(member, member.claim, why, 0)
  }

  #deny(member: RoomMember, { term }: HeldClaim, why: DeniedWhy, retryMs: number): void {
    member.claim = null
    this.#send(member.connection, {
      type: 'denied',
      term,
      why,
      claim: this.#reign?.claim ?? null,
      retryMs,
    })
  }

  #welcome(peer: PeerId): FromSignaling {
    const others = [...this.#members.values()].filter((member) => member.peer !== peer)
    const claim = this.#reign?.claim ?? null
    const hostHere = claim !== null && this.#members.has(claim.host)
    return {
      type: 'joined',
      members: others.map((member) => ({ peer: member.peer, term: member.term })),
      claim,
      hostHere,
      relay: this.#limits.relay,
    }
  }

  #answer({ peer, connection }: RoomMember, asked: number, at: Moment): void {
    const claim = this.#reign?.claim ?? null
    const stands = claim?.host !== peer || this.#leases(peer, at) ? claim : null
    this.#send(connection, { type: 'stands', at: asked, claim: stands })
  }

  /** Just after its start the service cannot know who holds a lease of before. [SG3f] */
  #leases(host: PeerId, { nowMs, graceUntilMs }: Moment): boolean {
    return nowMs >= graceUntilMs && this.#lessor.lease(host, nowMs)
  }

  #tellTruth(member: RoomMember): void {
    if (this.#reign !== null)
      this.#send(member.connection, { type: 'host', claim: this.#reign.claim })
  }

  #broadcast(message: FromSignaling, except?: PeerId): void {
    for (const { peer, connection } of this.#members.values())
      if (peer !== except) this.#send(connection, message)
  }

  #passOn(from: RoomMember, to: PeerId, message: FromSignaling): void {
    const receiver = this.#members.get(to)
    if (receiver === undefined || receiver === from)
      return this.#send(from.connection, refusal('no-peer'))
    this.#send(receiver.connection, message)
  }
}
