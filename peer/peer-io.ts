// Owns what can happen to a peer, and what the peer orders in return: the whole surface between the
// pure machine and the page, or the simulation, around it.

import type { Frame, ReplayItem, RosterItem } from '../protocol/frames.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Index, PeerId } from '../protocol/ids.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import type { SessionOutput } from './session-output.ts'
import type { Submitted, Ticket } from './submission.ts'

/** `ticket`: the outcome names it. */
export type Submission = Submitted & { readonly ticket: Ticket }

export type PeerInput =
  | Submission
  /** The operations of one turn of the app: they travel as one. */
  | { readonly type: 'batch'; readonly submissions: readonly Submission[] }
  | {
      readonly type: 'replay-asked'
      readonly request: number
      readonly queries: readonly ReplayItem[]
    }
  /**
   * `link` numbers the connections of this page: frames of an earlier link do not count. `relayed`:
   * the link goes through signaling.
   */
  | {
      readonly type: 'link-opened'
      readonly peer: PeerId
      readonly link: number
      readonly relayed?: boolean
    }
  | { readonly type: 'link-closed'; readonly peer: PeerId; readonly link: number }
  | {
      readonly type: 'received'
      readonly peer: PeerId
      readonly link: number
      readonly frame: Frame
    }
  /** The service could not be reached, or its socket closed. */
  | { readonly type: 'signaling-closed' }
  | { readonly type: 'signaled'; readonly message: FromSignaling }
  | { readonly type: 'visibility-changed'; readonly visible: boolean }
  /** The page will not run for a while, or this peer wants to go: pass the room on first. */
  | { readonly type: 'retiring' }
  /** The page goes at once: there is time for one message. */
  | { readonly type: 'leaving' }
  | { readonly type: 'ticked' }

/** What an input did to the replica. A peer with a log teller says so before all else. */
export type LogOutput =
  /** Entries that came behind those told before. `own`: tickets of this page's ops, by index. */
  | {
      readonly type: 'grew'
      readonly entries: readonly Entry[]
      readonly own: ReadonlyMap<Index, Ticket>
    }
  /** Another log or other streams, or more entries than a tail keeps: read the replica anew. */
  | { readonly type: 'replaced' }

export type PeerOutput =
  | LogOutput
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly frame: Frame }
  | { readonly type: 'signal'; readonly message: ToSignaling }
  /** Make a link to this peer, unless there is one or one is being made. */
  | { readonly type: 'connect'; readonly peer: PeerId }
  | { readonly type: 'disconnect'; readonly peer: PeerId }
  /** Everyone the host knows, in order of arrival, and who stands by. */
  | {
      readonly type: 'roster'
      readonly members: readonly RosterItem[]
      readonly standbys: readonly PeerId[]
    }
  /** This peer hosts no longer: the room is in other hands, or there is nobody to take it. */
  | { readonly type: 'retired' }
  | Exclude<SessionOutput, { type: 'send' }>
