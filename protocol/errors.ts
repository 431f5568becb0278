// Owns the closed list of what can go wrong for an app, and what each means for a retry.

export type ErrorCode =
  /** The room was left or closed; join again for a new one. */
  | 'closed'
  /** The token is not usable. */
  | 'bad-token'
  /** An argument has the wrong type or form. */
  | 'bad-argument'
  /** The value cannot be written as JSON and is no Uint8Array. */
  | 'bad-value'
  /** The key is over its limit. */
  | 'key-too-long'
  /** The value is over its limit. */
  | 'value-too-large'
  /** The room holds as many keys or bytes as it may; compact or replace first. */
  | 'room-full'
  /** A compaction names a seq that the room has not reached, or below 1. */
  | 'compact-out-of-range'
  /** A compaction was made on messages that a migration has since renumbered; fold again and repeat it. */
  | 'compact-outdated'
  /** A replace was made on one side of a split, and the side that goes on had changed its key meanwhile. */
  | 'superseded'
  /** A relay reached those on its sender's side of a split; it is not repeated for the others. */
  | 'not-repeated'
  /** This page has as many unfinished operations as it may. */
  | 'queue-full'
  /** The room dealt with the operation while this page was cut off; its outcome is no longer known. */
  | 'receipt-unknown'
  /** The signaling service refuses, or was never reached: the message says why. Baton keeps trying. */
  | 'signaling'
  /** No connection to the host came about. */
  | 'unreachable'
  /** What signaling brought from a peer was changed, repeated, lost or swapped on its way, and was dropped. */
  | 'tampered'
  /** A TURN server gave no relayed address: its credential is refused or expired, or it does not answer. */
  | 'turn-failed'
  /** The signaling service speaks another version of the protocol; a reload brings the script that fits. */
  | 'version-mismatch'
  /** A page of this room sent what no Baton sends. */
  | 'peer-misbehaved'

/** For these the same call is worth making again later. */
const RETRYABLE: readonly ErrorCode[] = [
  'room-full',
  'compact-outdated',
  'queue-full',
  'signaling',
  'unreachable',
  'tampered',
  'turn-failed',
]

/**
 * What every failing call of Baton rejects with or throws.
 *
 * @example
 * room.append('notes', note).catch((error) => {
 *   if (error instanceof BatonError && error.code === 'room-full') compactNotes()
 * })
 */
export class BatonError extends Error {
  override readonly name = 'BatonError'
  readonly code: ErrorCode
  /** Whether the same call may succeed later. */
  readonly retryable: boolean

  /** @param message What happened, with values, and what to do next. */
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
    this.retryable = RETRYABLE.includes(code)
  }
}

/** A check of our own reasoning: a failure is a bug in Baton, never bad input. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`Baton has a bug: ${claim}`)
}
