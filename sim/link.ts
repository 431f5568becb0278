// Owns what a simulated link is: two pages, and each direction with what is on its way. What
// happens to links is the network's.

import type { Page } from './page.ts'
import type { Random } from './random.ts'

/** One direction of a link. */
export type Way = {
  /** When the last frame of each lane arrives: data, control. Lanes overtake each other. */
  readonly arrivalMs: [number, number]
  readonly queue: readonly [Uint8Array[], Uint8Array[]]
  /** Nothing passes until then. */
  cutUntilMs: number
  /** What was held comes this long after the cut is over. */
  recoveryMs: number
  /** The sender crashed: what would arrive later than this never left its machine. */
  endsAtMs: number
}

export type Link = {
  readonly id: number
  readonly pages: readonly [Page, Page]
  readonly openedAtMs: number
  /** Whether each end still takes the link for open. */
  readonly isOpen: [boolean, boolean]
  /** Whether each end has been told that it is. */
  readonly isTold: [boolean, boolean]
  readonly ways: readonly [Way, Way]
  slowness: number
  slowUntilMs: number
  /** Frames that one direction holds at most, before its sender gives the link up. */
  queueMax: number
  readonly random: Random
}

export const QUEUE_FRAMES_MAX = 100_000

export function linkBetween(
  id: number,
  pages: readonly [Page, Page],
  openedAtMs: number,
  slowness: number,
  random: Random,
): Link {
  return {
    id,
    pages,
    openedAtMs,
    isOpen: [true, true],
    isTold: [false, false],
    ways: [emptyWay(), emptyWay()],
    slowness,
    slowUntilMs: Infinity,
    queueMax: QUEUE_FRAMES_MAX,
    random,
  }
}

export function otherEnd(link: Link, page: Page): Page {
  return link.pages[0] === page ? link.pages[1] : link.pages[0]
}

/** Which end of the link a page is. */
export function endOf(link: Link, page: Page): 0 | 1 {
  return link.pages[0] === page ? 0 : 1
}

function emptyWay(): Way {
  return { arrivalMs: [0, 0], queue: [[], []], cutUntilMs: 0, recoveryMs: 0, endsAtMs: Infinity }
}
