// Owns what pages were given and had to forget again: messages of a branch that another one took
// the place of. What is promised of a branch longer than the tail is less.

import type { HistoryEvent } from './history.ts'
import { entryOf, only } from './checker.ts'
import { foundOnce } from './found-once.ts'

/**
 * Whether a page had to leave a branch. What had been folded there may have come back as one
 * message more.
 */
export function wasLeft(history: readonly HistoryEvent[]): boolean {
  return history.some((event) => event.type === 'reset' && event.reason === 'rewound')
}

/**
 * The mids of all messages that some page was given before a reset that rewound it to an earlier
 * place.
 */
export const takenBack = foundOnce((history): ReadonlySet<string> => {
  const gone = new Set<string>()
  const givenByPeer = new Map<string, { readonly seq: number; readonly mid: string }[]>()
  for (const event of history) {
    const given = entryOf(givenByPeer, event.peer, () => [])
    if (event.type === 'delivered') given.push(event)
    if (event.type !== 'reset' || event.reason !== 'rewound') continue
    while (given.length > 0 && given.at(-1)!.seq > event.seq) gone.add(given.pop()!.mid)
  }
  return gone
})

/**
 * The mids of all messages that stood elsewhere on another branch: what a split had ordered was
 * ordered anew.
 */
export function movedBySplits(history: readonly HistoryEvent[]): Set<string> {
  const moved = new Set(takenBack(history))
  const placeByMid = new Map<string, { readonly branch: string; readonly seq: number }>()
  for (const event of history) {
    if (event.type !== 'delivered') continue
    const first = entryOf(placeByMid, event.mid, () => event)
    if (first.branch !== event.branch && first.seq !== event.seq) moved.add(event.mid)
  }
  return moved
}

/**
 * Of what apps hear of, so much a tail of a simulated room holds for certain: the shortest is 512
 * entries long.
 */
const TAIL_HEARD = 400

/**
 * Where in the history each page was last told that more than a tail holds is taken back: messages,
 * and what else may stand between them.
 */
export const longBranchesLeft = foundOnce((history): ReadonlyMap<string, number> => {
  const leftAt = new Map<string, number>()
  const compactions = compactionsIn(history)
  /** Refusals and compactions that anybody heard of. */
  let others = 0
  const givenByPeer = new Map<string, { readonly seq: number; readonly others: number }[]>()
  for (const [at, event] of history.entries()) {
    const given = entryOf(givenByPeer, event.peer, () => [])
    if (event.type === 'delivered') given.push({ seq: event.seq, others })
    if (event.type === 'refused' || (event.type === 'acknowledged' && compactions.has(event.mid)))
      others++
    if (event.type !== 'reset') continue
    const last = given.at(-1)?.seq ?? 0
    while ((given.at(-1)?.seq ?? 0) > event.seq) given.pop()
    const heard = Math.max(0, last - event.seq) + others - (given.at(-1)?.others ?? 0)
    if (event.reason === 'rewound' && heard > TAIL_HEARD) leftAt.set(event.peer, at)
    given.push({ seq: event.headSeq ?? event.seq, others })
  }
  return leftAt
})

/**
 * The folds that came as messages: those of branches of which whoever held them had let go some, or
 * was never given some.
 */
export const foldsThatCame = foundOnce((history): ReadonlySet<string> => {
  const compactions = compactionsIn(history)
  return new Set(
    only(history, 'delivered').flatMap(({ mid }) => (compactions.has(mid) ? [mid] : [])),
  )
})

const compactionsIn = foundOnce((history): ReadonlySet<string> => {
  return new Set(
    only(history, 'invoked').flatMap(({ mid, action }) => (action === 'compact' ? [mid] : [])),
  )
})
