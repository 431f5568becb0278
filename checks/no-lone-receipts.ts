// Owns the promise that in a room that is to pause no host gives receipts while it hears nobody.
// [EL6c EL6e] Whether those that it hears are enough to go on is not judged here: only the host
// knows the last membership.

import { only, type Checker } from './checker.ts'

/** As long as an answer counts. */
const ANSWER_COUNTS_MS = 2_000

export const noLoneReceipts: Checker = (history) => {
  const receipts = only(history, 'acknowledged')
  const lone = receipts.find(({ aloneMs = 0 }) => aloneMs >= ANSWER_COUNTS_MS)
  if (lone === undefined) return null
  const { peer, mid, atMs, aloneMs } = lone
  return `${peer} gave itself a receipt for ${mid} at ${atMs} ms, and had heard nobody for ${aloneMs} ms`
}
