// Owns the fence between reigns: which frames are whose business, by the claims behind them. [EL1]

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
  /** It speaks of a reign that this peer may not have heard of. */
  | { readonly type: 'learn'; readonly claim: Claim }
  /** Its sender follows a lower reign: tell it of this one. */
  | { readonly type: 'tell'; readonly claim: Claim }

const ROUTE: Verdict = { type: 'route' }
const DROP: Verdict = { type: 'drop' }

/** What to do with a frame at a peer that follows `claim`. */
export function judgeFrame(frame: Frame, claim: Claim | null): Verdict {
  if (
    (frame.type === 'reign' || frame.type === 'hello') &&
    frame.claim.term > highestCredibleTerm(claim)
  )
    return DROP
  if (frame.type === 'reign') return { type: 'learn', claim: frame.claim }
  if (frame.type === 'hello' && (claim === null || compareClaims(frame.claim, claim) > 0))
    return { type: 'learn', claim: frame.claim }
  if (claim !== null && frame.term < claim.term && frame.type !== 'goodbye')
    return { type: 'tell', claim }
  if (frame.type === 'hello' && claim !== null && !sameClaim(frame.claim, claim))
    return { type: 'tell', claim }
  // The news of a higher reign travels ahead of its frames; without it they are nobody's.
  return frame.term > (claim?.term ?? NO_TERM) && !isControl(frame.type) ? DROP : ROUTE
}

/** Whether a frame was made by the host of the reign that is followed. */
export function isOfHost(from: PeerId, frame: Frame, claim: Claim | null): boolean {
  return claim !== null && from === claim.host && frame.term === claim.term
}
