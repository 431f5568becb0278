// Owns what an election orders, and what it asks of its surroundings.

import type { Claim, PeerId } from '../protocol/ids.ts'
import type { ToSignaling } from '../protocol/signals.ts'

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

/** What the election asks of its surroundings. */
export type Reach = {
  /** Whether there is a link to that peer. */
  readonly isLinked: (peer: PeerId) => boolean
  /** Whether this peer's log has entries of that reign: then the reign is no rumour. */
  readonly isKnown: (claim: Claim) => boolean
  /** Whether this peer holds the streams. */
  readonly isComplete: () => boolean
  /** Whether this peer may lead without a grant: it holds some of the room, and reaches enough of the others. */
  readonly mayStandIn: () => boolean
}
