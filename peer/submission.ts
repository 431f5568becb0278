// Owns the words between whoever submits operations and the outbox: what is submitted, by which
// ticket, and what became of it.

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

/** Chosen by whoever submits an op, and named by the outcome. A peer never reads it. */
export type Ticket = number

/** What became of an own op. It is told once, by its ticket; a conflict comes on top. */
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
  /**
   * The op has no ticket: it had its receipt, or is of an earlier life. Then the room refused it, or cannot say what
   * became of it.
   */
  | {
      readonly type: 'conflict'
      readonly op: MessageOp | CompactOp
      readonly code: RefusalCode | 'receipt-unknown'
    }
