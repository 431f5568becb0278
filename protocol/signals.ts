// Owns what travels between a page and the signaling service, as JSON text, both directions. Signaling learns who is
// here and who hosts; what peers tell each other passes it sealed. [SG1 SG2] Knows no parser: each direction has one.

import type { Claim, PeerId, Term, Topic } from './ids.ts'

/**
 * Why a peer asks to lead: nobody ever did; the host said goodbye; it handed over; its socket closed; it is silent;
 * or the peer itself hosts and met a branch.
 */
export type ClaimReason = 'vacant' | 'goodbye' | 'handover' | 'closed' | 'silent' | 'merge'

export type ToSignaling =
  /**
   * First message of a connection. `secret`: behind the id. `claim`: the reign that this peer has followed; null before
   * the first. `held`: the term of the last reign in the log that it brings from an earlier life; 0 without one.
   */
  | {
      readonly type: 'join'
      readonly version: number
      readonly topic: Topic
      readonly peer: PeerId
      readonly secret: string
      readonly claim: Claim | null
      readonly held: Term
    }
  /** A sealed envelope for one other peer of the room. */
  | { readonly type: 'signal'; readonly to: PeerId; readonly attempt: string; readonly box: string }
  /** A sealed packet of a relayed link, for one other peer. [SG5] */
  | { readonly type: 'relay'; readonly to: PeerId; readonly session: string; readonly box: string }
  | { readonly type: 'claim'; readonly term: Term; readonly reason: ClaimReason }
  /** The host of that term is silent for me, or is so no more. */
  | { readonly type: 'suspect'; readonly term: Term; readonly suspected: boolean }
  /** The host lets `to` lead next. [MG1] */
  | { readonly type: 'yield'; readonly term: Term; readonly to: PeerId }
  /** The host's answer to a challenge: its page still runs. */
  | { readonly type: 'alive'; readonly term: Term }
  /** A higher reign that this peer has heard of over its links. */
  | { readonly type: 'know'; readonly claim: Claim }
  /** Which reign stands? `at` comes back with the answer, so that it is known how fresh that is. [EL6e] */
  | { readonly type: 'ask'; readonly at: number }
  | { readonly type: 'bye' }
  /** Shows that the page itself runs: a browser answers pings for a page that hangs. */
  | { readonly type: 'heartbeat' }

export type DeniedWhy = 'outdated' | 'host-alive' | 'wait'

/** A member as signaling lists it: `term` is the highest the peer has told, 0 for one that is new to the room. */
export type Member = { readonly peer: PeerId; readonly term: Term }

export type SignalingErrorCode =
  | 'bad-frame'
  | 'bad-json'
  | 'bad-shape'
  | 'bad-state'
  | 'version'
  | 'no-peer'
  | 'slow-down'
  | 'no-relay'
  | 'room-full'
  | 'too-many-rooms'
  | 'too-many-connections'
  | 'too-many-joins'
  | 'bad-proof'
  | 'origin'
  | 'idle'
  | 'replaced'
  | 'shutting-down'

export type FromSignaling =
  /**
   * Answer to join: the others, and the reign that stands. `hostHere`: its host is connected. `relay`: the service
   * carries relayed links.
   */
  | {
      readonly type: 'joined'
      readonly members: readonly Member[]
      readonly claim: Claim | null
      readonly hostHere: boolean
      readonly relay?: boolean
    }
  | { readonly type: 'peer-joined'; readonly peer: PeerId }
  /** A socket closed (`closed`) or its peer said goodbye (`bye`). A hint, never a verdict. [SG4] */
  | { readonly type: 'peer-left'; readonly peer: PeerId; readonly why: 'closed' | 'bye' }
  | {
      readonly type: 'signal'
      readonly from: PeerId
      readonly attempt: string
      readonly box: string
    }
  | {
      readonly type: 'relay'
      readonly from: PeerId
      readonly session: string
      readonly box: string
    }
  /** Too much is relayed: send no `relay` for so long. What is on its way is still passed on. */
  | { readonly type: 'pause'; readonly ms: number }
  /** The operator's TURN servers, and a credential for them. Another one is told before it ends. */
  | {
      readonly type: 'turn'
      readonly urls: readonly string[]
      readonly username: string
      readonly credential: string
    }
  /** To pages of its own network: where others there open what this page opened, best first; STUN servers. [SG8] */
  | {
      readonly type: 'network'
      readonly hosts: readonly string[]
      readonly stun: readonly string[]
    }
  /** A claim was granted, or a higher one became known. Told to everyone, the new host included. */
  | { readonly type: 'host'; readonly claim: Claim }
  | {
      readonly type: 'denied'
      readonly term: Term
      readonly why: DeniedWhy
      readonly claim: Claim | null
      readonly retryMs: number
    }
  /** Answer to `ask`: null where none stands, or the service does not know for certain. */
  | { readonly type: 'stands'; readonly at: number; readonly claim: Claim | null }
  /** Answer to `heartbeat`: the service runs, and the way to it and back is open. */
  | { readonly type: 'heartbeat' }
  /** Others suspect you: answer `alive` at once. */
  | { readonly type: 'challenge'; readonly term: Term }
  | { readonly type: 'error'; readonly code: SignalingErrorCode; readonly message: string }

/** Largest envelope: a session description with its candidates is 2 to 8 KiB before sealing. */
export const BOX_CHARS_MAX = 32 * 1024
/** Largest text frame either side accepts. */
export const SIGNAL_FRAME_BYTES_MAX = 64 * 1024
