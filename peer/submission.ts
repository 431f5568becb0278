// Owns the words between whoever submits operations and the outbox: what is submitted, by which ticket, and what became
// of it.

import type { CompactOp, MessageAction, MessageOp, RefusalCode } from '../protocol/entry.ts'
import type { OpId, Seq } from '../protocol/ids.ts'

/** One operation of this page's app. */
export type Submitted =
  | {
      readonly type: 'submitted'
      readonly action: MessageAction
      readonly key: string
      readonly value: Uint8Array
    }
  | {
      readonly type: 'compacted'
      readonly key: string
      readonly seq: Seq
      readonly value: Uint8Array
    }

/** Chosen by whoever submits; its outcome names it. A peer never looks into it. */
export type Ticket = number

/**
 * What became of an own op: told once by its ticket, and once more where the room had to break its word. Then there is
 * no ticket any more.
 */
export type Outcome =
  | {
      readonly type: 'settled'
      readonly ticket: Ticket
      readonly opId: OpId
      readonly seq: Seq
    }
  | {
      readonly type: 'refused'
      readonly ticket: Ticket
      readonly opId: OpId
      readonly code: RefusalCode | 'receipt-unknown'
    }
  /** It had its receipt; then the log was cut back, and the room could not take it again. */
  | { readonly type: 'conflict'; readonly op: MessageOp | CompactOp; readonly code: RefusalCode }
