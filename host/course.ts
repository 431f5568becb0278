// Owns what a peer may be doing about the host that it knows, or about the lack of one, and until when. It does not
// know why the course changes.

import type { Term } from '../protocol/ids.ts'
import type { ClaimReason } from '../protocol/signals.ts'

export type Course =
  | { readonly status: 'content' }
  /** Something is wrong. At `claimAtMs` this peer claims, unless the host is heard before. */
  | { readonly status: 'doubting'; readonly reason: ClaimReason; readonly claimAtMs: number }
  /** Signaling was asked for the next reign. */
  | {
      readonly status: 'claiming'
      readonly reason: ClaimReason
      readonly term: Term
      readonly retryAtMs: number
      /** Since when signaling has owed an answer; null once it gave one, or its socket closed. */
      readonly askedAtMs: number | null
    }
  /** Out of signaling's reach. At `leadAtMs` this peer leads by its own word, unless somebody hears the host. [EL6] */
  | { readonly status: 'standing-in'; readonly reason: ClaimReason; readonly leadAtMs: number }

export const CONTENT: Course = { status: 'content' }

/** When the next step is due. */
export function dueAtMs(course: Course): number {
  switch (course.status) {
    case 'content':
      return Infinity
    case 'doubting':
      return course.claimAtMs
    case 'claiming':
      return course.retryAtMs
    case 'standing-in':
      return course.leadAtMs
  }
}

/** Whether a sign of life from the host ends it. */
export function restsOnSilence(course: Course): boolean {
  if (course.status === 'content') return false
  return course.reason === 'closed' || course.reason === 'silent'
}
