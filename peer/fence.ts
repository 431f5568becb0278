// Owns the fence between reigns: which frames count at a peer, by the claims behind them. [EL1]

import {
  compareClaims,
  highestCredibleTerm,
  NO_TERM,
  sameClaim,
  type Claim,
  type PeerId,
} from '../protocol/ids.ts'
import { isControl, type Frame } from '../protocol/frames.ts'

export type Verdict =
  | { readonly type: 'route' }
  | { readonly type: 'drop' }
  /** The frame speaks of a reign that this peer may not have heard of. */
  | { readonly type: 'learn'; readonly claim: Claim }
  /** The sender follows a lower reign: tell it of this one. */
  | { readonly type: 'tell'; readonly claim: Claim }

const ROUTE: Verdict = { type: 'route' }
const DROP: Verdict = { type: 'drop' }

/** What to do with a frame at a peer that follows `claim`. */
export function judgeFrame(frame: Frame, claim: Claim | null): Verdict {
  if (frame.type === 'reign' || frame.type === 'hello') {
    if (frame.claim.term > highestCredibleTerm(claim)) return DROP
    const isNews = frame.type === 'reign' || isHigher(frame.claim, claim)
    if (isNews) return { type: 'learn', claim: frame.claim }
  }
  if (claim !== null && speaksOfLower(frame, claim)) return { type: 'tell', claim }
  // The news of a higher reign travels ahead of its frames. Without the news they are nobody's.
  const isAhead = frame.term > (claim?.term ?? NO_TERM)
  return isAhead && !isControl(frame.type) ? DROP : ROUTE
}

function isHigher(claim: Claim, known: Claim | null): boolean {
  return known === null || compareClaims(claim, known) > 0
}

/** The sender follows a lower reign than `claim`. A late goodbye counts all the same. [EL1d] */
function speaksOfLower(frame: Frame, claim: Claim): boolean {
  if (frame.type === 'hello' && !sameClaim(frame.claim, claim)) return true
  return frame.term < claim.term && frame.type !== 'goodbye'
}

/** Whether a frame was made by the host of the reign that is followed. */
export function isOfHost(from: PeerId, frame: Frame, claim: Claim | null): boolean {
  return claim !== null && from === claim.host && frame.term === claim.term
}
