// Owns what a session orders: frames for its host, and what its app is to be told.

import type { Claim, PeerId, Seq } from '../protocol/ids.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { Outcome } from './submission.ts'
import type { Replayed } from './replays.ts'

export type Delivery = {
  readonly key: string
  readonly seq: Seq
  readonly value: Uint8Array
  readonly author: PeerId
}

/**
 * What the app was given after `seq` no longer stands, or the app missed messages. `headSeq`: the
 * next message comes after it.
 */
export type Reset = {
  readonly type: 'reset'
  readonly seq: Seq
  readonly headSeq: Seq
  readonly keys: readonly string[] | 'all'
  readonly reason: 'missed' | 'rewound'
}

export type SessionOutput =
  | { readonly type: 'send'; readonly to: PeerId; readonly body: FrameBody }
  | { readonly type: 'deliver'; readonly messages: readonly Delivery[] }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  | ({ readonly type: 'replayed' } & Replayed)
  | Reset
  /** Messages flow, in this reign. */
  | { readonly type: 'live'; readonly claim: Claim }
  /** The host sent what no Baton sends. */
  | { readonly type: 'misbehaved'; readonly peer: PeerId; readonly what: string }
