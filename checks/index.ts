// Owns the list of all checkers, one per guarantee, and the verdict on a run.

import type { HistoryEvent } from './history.ts'
import { agreement } from './agreement.ts'
import { authorOrder } from './author-order.ts'
import { availability } from './availability.ts'
import { bounded } from './bounded.ts'
import type { Checker } from './checker.ts'
import { converged } from './converged.ts'
import { kept } from './kept.ts'
import { forHolders } from './lives.ts'
import { noCreation } from './no-creation.ts'
import { noDuplicates } from './no-duplicates.ts'
import { noGaps } from './no-gaps.ts'
import { noGhosts } from './no-ghosts.ts'
import { noLoneReceipts } from './no-lone-receipts.ts'
import { noneForgotten } from './none-forgotten.ts'
import { nothingTakenBack } from './nothing-taken-back.ts'
import { oneHost } from './one-host.ts'
import { oneOutcome } from './one-outcome.ts'
import { voidBecause } from './progress.ts'
import { replayIsFold } from './replay-is-fold.ts'
import { silenceTold } from './silence-told.ts'
import { totalOrder } from './total-order.ts'

export const CHECKERS = {
  noCreation: forHolders(noCreation),
  noDuplicates: forHolders(noDuplicates),
  agreement: forHolders(agreement),
  totalOrder,
  noGaps: forHolders(noGaps),
  authorOrder: forHolders(authorOrder),
  kept: forHolders(kept),
  replayIsFold: forHolders(replayIsFold),
  noGhosts: forHolders(noGhosts),
  oneHost,
  noLoneReceipts,
  converged,
  noneForgotten,
  nothingTakenBack: forHolders(nothingTakenBack),
  oneOutcome: forHolders(oneOutcome),
  silenceTold,
  availability,
  bounded,
} as const satisfies { readonly [name: string]: Checker }

export type CheckerName = keyof typeof CHECKERS

export type Finding = { readonly checker: CheckerName; readonly what: string }

/** `void`: nothing is broken, but the run proves nothing. */
export type Verdict =
  | { readonly verdict: 'ok' }
  | { readonly verdict: 'broken'; readonly findings: readonly Finding[] }
  | { readonly verdict: 'void'; readonly why: string }

/** Asks all checkers, or those named, and then whether the run proves anything. */
export function judge(
  history: readonly HistoryEvent[],
  checkers: readonly CheckerName[] = Object.keys(CHECKERS) as CheckerName[],
): Verdict {
  const findings = checkers.flatMap((checker): Finding[] => {
    const what = CHECKERS[checker](history)
    return what === null ? [] : [{ checker, what }]
  })
  if (findings.length > 0) return { verdict: 'broken', findings }
  const why = voidBecause(history)
  return why === null ? { verdict: 'ok' } : { verdict: 'void', why }
}
