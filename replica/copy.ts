// Owns what a stored copy is: all that a peer needs to come back as one that slept. How it lies on a disk is not known
// here, nor what the peer makes of it. [PE4]

import type { Op, RefusalCode } from '../protocol/entry.ts'
import type { Index, OpId, PeerId } from '../protocol/ids.ts'
import type { CompleteState } from './former-copy.ts'

/** An op that is to get into the room, under the name that it has for ever. */
export type PromisedOp = {
  readonly op: Op
  /** What the app of that life has heard of it. */
  readonly heard: 'nothing' | 'settled' | 'refused'
  /** Whether it was ever submitted to a host, which may have taken it. */
  readonly wasSent: boolean
}

/** What an app was told is over, refused or in conflict: it stays so, whatever comes of the op later. [MG5i] */
export type OverOp = { readonly author: PeerId; readonly opId: OpId; readonly code: RefusalCode }

export type StoredCopy = {
  readonly state: CompleteState
  /** Up to here the log was known to be stable. */
  readonly stable: Index
  /** Set-aside ops before own ones, in the order in which they are submitted. */
  readonly promised: readonly PromisedOp[]
  /** The oldest first. */
  readonly over: readonly OverOp[]
  /** The ids under which peers wrote this copy, the oldest first: the last one is of the life just before. */
  readonly lives: readonly PeerId[]
}

/** What lay on a device. Without a whole copy there may be ops of earlier lives all the same. */
export type OpenedCopy = Omit<StoredCopy, 'state'> & { readonly state: CompleteState | null }
