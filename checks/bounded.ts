// Owns the promise that memory and queues stay within their bounds: every sample is below the cap
// of what it measures.

import {
  LAG_BYTES_MAX,
  LINK_QUEUE_BYTES_MAX,
  OUTBOX_BYTES_MAX,
  RETAINED_BYTES_MAX,
  TAIL_BYTES_MAX,
} from '../protocol/limits.ts'
import { only, type Checker } from './checker.ts'

const MIB = 1024 * 1024

/**
 * How much each thing that is sampled may take. A sample of anything else is a mistake of who
 * recorded it.
 */
export const CAPS: { readonly [what: string]: number } = {
  /** Messages retained in all streams. */
  streams: RETAINED_BYTES_MAX,
  /** Raw entries kept for those who were away a moment. */
  tail: TAIL_BYTES_MAX,
  /** A sender's own operations without a receipt. */
  outbox: OUTBOX_BYTES_MAX,
  /** What a host owes one follower in the live flow. */
  lag: LAG_BYTES_MAX,
  /** What waits on one link. */
  'link-queue': LINK_QUEUE_BYTES_MAX,
  /** What waits at one socket of the signaling service. */
  'signaling-queue': MIB,
  /**
   * The scripts' memory of one page: a full room one and a half times over, its tail, and 64 MiB
   * for all else.
   */
  heap: 1.5 * RETAINED_BYTES_MAX + TAIL_BYTES_MAX + 64 * MIB,
  /**
   * All memory of the signaling service: 4,000 rooms of a few peers each at less than 32 KiB, on
   * top of Node's own 128 MiB.
   */
  'signaling-process': 256 * MIB,
}

export const bounded: Checker = (history) => {
  for (const { peer, atMs, what, bytes } of only(history, 'sample')) {
    const cap = Object.hasOwn(CAPS, what) ? CAPS[what] : undefined
    if (cap === undefined)
      return `${peer} at ${atMs} ms sampled "${what}", and nothing says how much that may take`
    if (bytes > cap)
      return `${what} of ${peer} takes ${bytes} bytes at ${atMs} ms, and ${cap} are the most`
  }
  return null
}
