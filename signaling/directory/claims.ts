// Owns the one question that signaling decides: may this peer lead now? Keeps nothing and sends nothing; the room asks
// again whenever something has changed. [SG3 EL4]

import { HANDOVER_TIMEOUT_MS } from '../../protocol/limits.ts'
import { highestCredibleTerm, type Claim, type PeerId, type Term } from '../../protocol/ids.ts'
import type { ClaimReason, DeniedWhy } from '../../protocol/signals.ts'
import { WAIT_RETRY_MS, type Limits } from './service-limits.ts'

export type Reign = { readonly claim: Claim; readonly host: HostState }

export type HostState =
  | ConnectedHost
  /** Known by a peer's word only: it may be on its way back to a service that has just started. */
  | { readonly status: 'expected'; readonly sinceMs: number }
  | { readonly status: 'gone'; readonly sinceMs: number; readonly goodbye: boolean }

export type ConnectedHost = {
  readonly status: 'connected'
  /** Since when it owes a sign of life; null when it owes none. */
  readonly challengedAtMs: number | null
  /** Whom it lets lead next. [MG1] */
  readonly heir: { readonly peer: PeerId; readonly sinceMs: number } | null
}

/** A claim and what the room knows about its chances. */
export type Petition = {
  readonly claimant: PeerId
  readonly term: Term
  readonly reason: ClaimReason
  readonly sinceMs: number
  /** The claimant holds nothing of the room, but somebody here followed the last host, or that host may be back. */
  readonly outranked: boolean
  /** More than half of the members that have followed this room suspect its host; newcomers cannot know. */
  readonly mostSuspect: boolean
}

export type Moment = {
  readonly nowMs: number
  /** Until then the service has just started, and peers come back to it. */
  readonly graceUntilMs: number
  /** Until then the service blames itself for closed sockets. */
  readonly massDropUntilMs: number
}

export type ClaimVerdict =
  | { readonly type: 'grant' }
  | { readonly type: 'deny'; readonly why: DeniedWhy; readonly retryMs: number }
  /** Not yet: judge again when something changes, at the latest then. */
  | { readonly type: 'hold'; readonly untilMs: number }

const GRANT: ClaimVerdict = { type: 'grant' }

export function judge(
  petition: Petition,
  reign: Reign | null,
  limits: Limits,
  at: Moment,
): ClaimVerdict {
  if (petition.term > highestCredibleTerm(reign?.claim ?? null)) return deny('outdated')
  if (reign === null) return waitUntil(at.graceUntilMs, at) ?? GRANT
  if (petition.term <= reign.claim.term) return deny('outdated')
  // A host that rules on under a higher term, as after two branches met, takes nothing from anybody. [MG5]
  if (petition.claimant === reign.claim.host) return GRANT
  const { host } = reign
  switch (host.status) {
    case 'connected':
      return judgeConnected(petition, host, limits, at)
    case 'expected': {
      const wait = waitUntil(host.sinceMs + limits.restartGraceMs, at)
      return wait ?? grantInTurn(petition, host.sinceMs, limits, at)
    }
    case 'gone': {
      const onlySocketClosed = petition.reason === 'closed' && !host.goodbye
      const wait = onlySocketClosed ? waitUntil(at.massDropUntilMs, at) : null
      return wait ?? grantInTurn(petition, host.sinceMs, limits, at)
    }
  }
}

/**
 * A connected host is overruled only by its own word or by most others, once it has left a challenge unanswered.
 * Both may be under way when the claim comes, over other sockets than the claimant's: so it is held a moment.
 */
function judgeConnected(
  petition: Petition,
  host: ConnectedHost,
  limits: Limits,
  at: Moment,
): ClaimVerdict {
  const { challengedAtMs, heir } = host
  // A host waits no longer than that for its heir, and then goes on.
  if (heir?.peer === petition.claimant && at.nowMs - heir.sinceMs <= HANDOVER_TIMEOUT_MS)
    return GRANT
  const heldUntilMs = petition.sinceMs + limits.challengeMs
  if (challengedAtMs === null) {
    // The host has answered, or nobody asked.
    return holdUntil(heldUntilMs, at) ?? deny('host-alive')
  }
  const challenge = holdUntil(challengedAtMs + limits.challengeMs, at)
  if (challenge !== null) return challenge
  if (petition.mostSuspect) return grantInTurn(petition, challengedAtMs, limits, at)
  return holdUntil(heldUntilMs, at) ?? deny('wait', WAIT_RETRY_MS)
}

/** A fresh tab, whose socket is often the quickest, must not outrun a standby that holds the room. */
function grantInTurn(
  petition: Petition,
  vacantSinceMs: number,
  limits: Limits,
  at: Moment,
): ClaimVerdict {
  const theirTurnMs = vacantSinceMs + limits.newcomerWaitMs - at.nowMs
  return petition.outranked && theirTurnMs > 0
    ? deny('wait', Math.min(theirTurnMs, WAIT_RETRY_MS))
    : GRANT
}

function waitUntil(untilMs: number, at: Moment): ClaimVerdict | null {
  return at.nowMs < untilMs ? deny('wait', untilMs - at.nowMs) : null
}

function holdUntil(untilMs: number, at: Moment): ClaimVerdict | null {
  return at.nowMs < untilMs ? { type: 'hold', untilMs } : null
}

function deny(why: DeniedWhy, retryMs = 0): ClaimVerdict {
  return { type: 'deny', why, retryMs }
}
