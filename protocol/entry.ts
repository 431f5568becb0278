// Owns what a room's log is made of: the ops that peers submit, and the entries that the host makes of them.

import type { Claim, Index, OpId, PeerId, Seq } from './ids.ts'

/** The three actions that deliver a message and take a seq. */
export type MessageAction = 'append' | 'relay' | 'replace'
export type Action = MessageAction | 'compact'

/** What a peer submits. `(author, opId)` is its name for ever: through retries, migrations and merges. */
export type Op = MessageOp | CompactOp | VoidOp

export type MessageOp = {
  readonly action: MessageAction
  readonly author: PeerId
  readonly opId: OpId
  readonly key: string
  /** The encoded value; nobody between sender and receivers looks inside. [RE6] */
  readonly value: Uint8Array
}

export type CompactOp = {
  readonly action: 'compact'
  readonly author: PeerId
  readonly opId: OpId
  readonly key: string
  readonly value: Uint8Array
  /** Folds the key's messages up to and including this seq … */
  readonly seq: Seq
  /** … as this reign had numbered them: another branch may mean another message by the same seq. */
  readonly basis: Claim
}

/** An op that a host refused on a branch that was left: its number is used up on the branch that goes on, too. */
export type VoidOp = {
  readonly action: 'void'
  readonly author: PeerId
  readonly opId: OpId
  readonly code: RefusalCode
}

/** Bytes that an op carries for its app. */
export function payloadBytes(op: Op): number {
  return op.action === 'void' ? 0 : op.value.length + op.key.length
}

/** The same op with a value that keeps no frame alive. */
export function withOwnValue<Kept extends Op>(op: Kept): Kept {
  return op.action === 'void' ? op : { ...op, value: op.value.slice() }
}

/**
 * Why the host took an op without doing it. Such an op is in the log too, so that its number is used up for ever. The
 * last two are for ops of a branch that did not go on. [MG5]
 */
export const REFUSAL_CODES = [
  'room-full',
  'key-too-long',
  'value-too-large',
  'compact-out-of-range',
  'compact-outdated',
  'superseded',
  'not-repeated',
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

export type Entry =
  | { readonly type: 'message'; readonly index: Index; readonly seq: Seq; readonly op: MessageOp }
  | { readonly type: 'compaction'; readonly index: Index; readonly op: CompactOp }
  | {
      readonly type: 'refusal'
      readonly index: Index
      readonly author: PeerId
      readonly opId: OpId
      readonly code: RefusalCode
    }
  /** First entry of every reign: who leads from here on, and which standbys are in sync. */
  | {
      readonly type: 'reign'
      readonly index: Index
      readonly claim: Claim
      readonly inSync: readonly PeerId[]
    }
  /** The in-sync standbys from here on; the host itself is not listed. */
  | { readonly type: 'in-sync'; readonly index: Index; readonly inSync: readonly PeerId[] }

/** The op an entry came from, as (author, opId); null for the host's own entries. */
export function originOf(entry: Entry): { readonly author: PeerId; readonly opId: OpId } | null {
  switch (entry.type) {
    case 'message':
    case 'compaction':
      return entry.op
    case 'refusal':
      return entry
    case 'reign':
    case 'in-sync':
      return null
  }
}
