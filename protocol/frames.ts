// Owns what travels between peers over a link: one union for all frames, each with the term its sender follows.
// `frame-codec.ts` turns them into bytes and back.

import type { Claim, Index, OpId, PeerId, Seq, Term } from './ids.ts'
import type { Entry, Op, RefusalCode } from './entry.ts'

/** Where a log stands: its last entry's index, and the reign that entry belongs to. */
export type Position = { readonly claim: Claim; readonly index: Index }

/** Where a reign ends in a log: index and seq of its last entry. `number`: counted from the room's first reign. */
export type ReignPlace = {
  readonly number: number
  readonly claim: Claim
  readonly index: Index
  readonly seq: Seq
}

/** A member as the host lists it, in order of arrival. */
export type RosterItem = {
  readonly peer: PeerId
  readonly canHost: boolean
  readonly visible: boolean
}

/** The last op that a log has taken from an author, and the earlier ones that it has not. */
export type OpRow = {
  readonly author: PeerId
  readonly opId: OpId
  readonly missing: readonly OpRun[]
}
/** From one number to another, both included. */
export type RunOf<N extends number = number> = { readonly from: N; readonly to: N }
export type OpRun = RunOf<OpId>
export type SeqRun = RunOf<Seq>

export type ReplayItem = { readonly key: string; readonly after: number }
export type ReplayQuestion = { readonly request: number; readonly queries: readonly ReplayItem[] }

/** Retained messages of one key as they travel: message i is `bytes[ends[i-1] .. ends[i]]`. */
export type ReplayedItem = {
  readonly key: string
  readonly seqs: Float64Array
  readonly ends: Float64Array
  readonly bytes: Uint8Array
}

/** An op that the log already held. `index`: its place; 0 when no longer known. `code`: why it was refused, or null. */
export type Repeat = {
  readonly author: PeerId
  readonly opId: OpId
  readonly index: Index
  readonly seq: Seq
  readonly code: RefusalCode | null
}

export type FrameBody =
  // --- a follower to its host ---
  /**
   * First on every connection. `nonce` names this connection in all that follows.
   * `position`: where my log stands. `stable`: up to where I know it to be stable. `complete`: I hold the streams.
   * `past`: up to where my log is of earlier lives of mine. `lacks`: messages of my log that I cannot give.
   */
  | {
      readonly type: 'hello'
      readonly claim: Claim
      readonly nonce: number
      readonly position: Position | null
      readonly headSeq: Seq
      readonly stable: Index
      readonly past: Index
      readonly complete: boolean
      readonly lacks: readonly SeqRun[]
      readonly canHost: boolean
      readonly visible: boolean
      /** Answered right behind the welcome. */
      readonly replay: ReplayQuestion | null
    }
  /** `floor`: my own ops below this number I can supply no more; the host need not wait for them. */
  | {
      readonly type: 'submit'
      readonly nonce: number
      readonly floor: OpId
      readonly ops: readonly Op[]
    }
  | {
      readonly type: 'replay'
      readonly nonce: number
      readonly request: number
      readonly queries: readonly ReplayItem[]
    }
  /** How far my log reaches, and in what condition I am. */
  | {
      readonly type: 'report'
      readonly nonce: number
      readonly index: Index
      readonly complete: boolean
      readonly visible: boolean
    }
  | { readonly type: 'ping'; readonly at: number }
  // --- the host to a follower ---
  /**
   * Answer to hello. With `resume` the entries after the follower's position come next. Without, the follower starts
   * over at `head`, where the op table holds `ops`. The follower's entries after the last place that `history` and its
   * own history share are not in this log. `lacks`: messages of the log that never came into the host's streams.
   */
  | {
      readonly type: 'welcome'
      readonly nonce: number
      readonly resume: boolean
      readonly head: Index
      readonly headSeq: Seq
      readonly lacks: readonly SeqRun[]
      readonly history: readonly ReignPlace[]
      readonly ops: readonly OpRow[]
    }
  /** Consecutive entries, and the last index that is stable. */
  | { readonly type: 'entries'; readonly stable: Index; readonly entries: readonly Entry[] }
  /**
   * The next entries are these messages of yours, `count` of them, from this op number on: their author has them. Seqs
   * and op numbers rise by one.
   */
  | {
      readonly type: 'taken'
      readonly stable: Index
      readonly index: Index
      readonly seq: Seq
      readonly opId: OpId
      readonly count: number
    }
  /** A part of the answer. Messages of one key may come in several items, in order. All parts show the same moment. */
  | {
      readonly type: 'replayed'
      readonly nonce: number
      readonly request: number
      readonly last: boolean
      readonly items: readonly ReplayedItem[]
    }
  | { readonly type: 'repeated'; readonly nonce: number; readonly repeats: readonly Repeat[] }
  /** Ops of this author were missing in between: submit again from `expected`. */
  | {
      readonly type: 'gap'
      readonly nonce: number
      readonly author: PeerId
      readonly expected: OpId
    }
  /**
   * `members`: everyone here, in order of arrival. `succession`: who would lead next; the first `standbys` of them are
   * in sync. `paused`: nothing is ordered for now. [EL6]
   */
  | {
      readonly type: 'roster'
      readonly members: readonly RosterItem[]
      readonly succession: readonly PeerId[]
      readonly standbys: number
      readonly paused: boolean
    }
  | { readonly type: 'pong'; readonly at: number; readonly clock: number }
  /** You are to lead next, once your log reaches `head`. [MG1] */
  | { readonly type: 'handover'; readonly head: Index }
  // --- between any two ---
  /** The highest reign I know of: said by a new host, and by whoever is sent a frame of a lower term. [EL1] */
  | { readonly type: 'reign'; readonly claim: Claim }
  /** I hear nothing of the host of this reign, and signaling is out of reach: do you? [EL6] */
  | { readonly type: 'doubt'; readonly claim: Claim }
  /** Answer to doubt: whether I hear that host. */
  | { readonly type: 'vouch'; readonly claim: Claim; readonly hears: boolean }
  /**
   * Send me what your log holds after the last place that it shares with mine, or all of it where I give no `ends`.
   * `ends`: where the reigns of my log end. `lacks`: messages before the shared place that I ask for as well.
   */
  | {
      readonly type: 'fetch'
      readonly request: number
      readonly ends: readonly ReignPlace[]
      readonly lacks: readonly SeqRun[]
    }
  | {
      readonly type: 'part'
      readonly request: number
      readonly number: number
      readonly last: boolean
      readonly bytes: Uint8Array
    }
  | { readonly type: 'part-taken'; readonly request: number; readonly number: number }
  /** The sender leaves for good. */
  | { readonly type: 'goodbye' }

export type Frame = FrameBody & { readonly term: Term }

export type FrameType = Frame['type']

export type BodyOf<Type extends FrameType> = Extract<FrameBody, { type: Type }>

/** Messages of one author, one after the other: the places that `taken` tells. */
export type OwnRun = Omit<BodyOf<'taken'>, 'type' | 'stable'>

/** Frames that may overtake others: they say something about now, not about a place in the order. */
export function isControl(type: FrameType): boolean {
  return CONTROL.has(type)
}

const CONTROL: ReadonlySet<FrameType> = new Set([
  'ping',
  'pong',
  'reign',
  'goodbye',
  'doubt',
  'vouch',
] as const)
