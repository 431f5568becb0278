// Owns the one question that signaling decides: may this peer lead now? Keeps nothing and sends nothing;
// room.ts asks again whenever something has changed. [SG3 EL4]

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
  /** The claimant holds nothing of the room, while somebody who followed the last host is here, or the host itself may be back. */
  readonly outranked: boolean
  /** More than half of the members that have followed this room suspect its host; newcomers cannot know. */
  readonly mostSuspect: boolean
}

export type Moment = {
  readonly nowMs: number
  /** Until then the service has just started. */
  readonly settledAtMs: number
  /** Until then the service blames itself for closed sockets. */
  readonly massDropUntilMs: number
}

export type Verdict =
  | { readonly type: 'grant' }
  | { readonly type: 'deny'; readonly why: DeniedWhy; readonly retryMs: number }
  /** Not yet: judge again when something changes, at the latest then. */
  | { readonly type: 'hold'; readonly untilMs: number }

const GRANT: Verdict = { type: 'grant' }

export function judge(
  petition: Petition,
  reign: Reign | null,
  limits: Limits,
  at: Moment,
): Verdict {
  if (petition.term > highestCredibleTerm(reign?.claim ?? null)) return deny('outdated')
  if (reign === null) return waitUntil(at.settledAtMs, at) ?? GRANT
  if (petition.term <= reign.claim.term) return deny('outdated')
  // A host that rules on under a higher term, as after two branches met, takes nothing from anybody. [MG5]
  if (petition.claimant === reign.claim.host) return GRANT
  const { host } = reign
  switch (host.status) {
    case 'connected':
      return judgeConnected(petition, host, limits, at)
    case 'expected':
      return (
        waitUntil(host.sinceMs + limits.restartGraceMs, at) ??
        grantInTurn(petition, host.sinceMs, limits, at)
      )
    case 'gone': {
      const onlySocketClosed = petition.reason === 'closed' && !host.goodbye
      return (
        (onlySocketClosed ? waitUntil(at.massDropUntilMs, at) : null) ??
        grantInTurn(petition, host.sinceMs, limits, at)
      )
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
): Verdict {
  const { challengedAtMs, heir } = host
  // The host waits no longer than that for its heir, and then goes on.
  if (heir?.peer === petition.claimant && at.nowMs - heir.sinceMs <= HANDOVER_TIMEOUT_MS)
    return GRANT
  if (challengedAtMs === null) {
    const untilMs = petition.sinceMs + limits.challengeMs
    return at.nowMs < untilMs ? { type: 'hold', untilMs } : deny('host-alive') // it answered, or nobody asked
  }
  const challengeEndsAtMs = challengedAtMs + limits.challengeMs
  if (at.nowMs < challengeEndsAtMs) return { type: 'hold', untilMs: challengeEndsAtMs }
  if (petition.mostSuspect) return grantInTurn(petition, challengedAtMs, limits, at)
  const untilMs = petition.sinceMs + limits.challengeMs
  return at.nowMs < untilMs ? { type: 'hold', untilMs } : deny('wait', WAIT_RETRY_MS)
}

/** A fresh tab, whose socket is often the quickest, must not outrun a standby that holds the room. */
function grantInTurn(
  petition: Petition,
  vacantSinceMs: number,
  limits: Limits,
  at: Moment,
): Verdict {
  const theirTurnMs = vacantSinceMs + limits.newcomerWaitMs - at.nowMs
  return petition.outranked && theirTurnMs > 0
    ? deny('wait', Math.min(theirTurnMs, WAIT_RETRY_MS))
    : GRANT
}

function waitUntil(untilMs: number, at: Moment): Verdict | null {
  return at.nowMs < untilMs ? deny('wait', untilMs - at.nowMs) : null
}

function deny(why: DeniedWhy, retryMs = 0): Verdict {
  return { type: 'deny', why, retryMs }
}
