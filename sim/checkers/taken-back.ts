// Owns what pages were given and had to forget again: messages of a branch that another one took the place of. What is
// promised of a branch longer than the tail is less.

import type { HistoryEvent } from '../history.ts'
import { entryOf } from './checker.ts'

/** Whether a page had to leave a branch. What had been folded there may have come back as one message more. */
export function wasLeft(history: readonly HistoryEvent[]): boolean {
  return history.some((event) => event.type === 'reset' && event.reason === 'rewound')
}

/** The mids of all messages that some page was given before a reset that rewound it to an earlier place. */
export function takenBack(history: readonly HistoryEvent[]): Set<string> {
  const gone = new Set<string>()
  const givenByPeer = new Map<string, { readonly seq: number; readonly mid: string }[]>()
  for (const event of history) {
    const given = entryOf(givenByPeer, event.peer, () => [])
    if (event.type === 'delivered') given.push(event)
    if (event.type !== 'reset' || event.reason !== 'rewound') continue
    while (given.length > 0 && given.at(-1)!.seq > event.seq) gone.add(given.pop()!.mid)
  }
  return gone
}

/** The mids of all messages that stood elsewhere on another branch: what a split had ordered was ordered anew. */
export function movedBySplits(history: readonly HistoryEvent[]): Set<string> {
  const moved = takenBack(history)
  const placeByMid = new Map<string, { readonly branch: string; readonly seq: number }>()
  for (const event of history) {
    if (event.type !== 'delivered') continue
    const first = entryOf(placeByMid, event.mid, () => event)
    if (first.branch !== event.branch && first.seq !== event.seq) moved.add(event.mid)
  }
  return moved
}

/** Messages that a tail of a simulated room holds for certain: the shortest is 512 entries long. */
const TAIL_MESSAGES = 400

/** Where in the history each page was last told that more messages than a tail holds are taken back. */
export function longBranchesLeft(history: readonly HistoryEvent[]): Map<string, number> {
  const leftAt = new Map<string, number>()
  const seqByPeer = new Map<string, number>()
  for (const [at, event] of history.entries()) {
    if (event.type === 'delivered') seqByPeer.set(event.peer, event.seq)
    if (event.type !== 'reset') continue
    if (event.reason === 'rewound' && (seqByPeer.get(event.peer) ?? 0) - event.seq > TAIL_MESSAGES) leftAt.set(event.peer, at)
    seqByPeer.set(event.peer, event.headSeq ?? event.seq)
  }
  return leftAt
}
