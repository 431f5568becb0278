// Owns what pages were given and had to forget again: messages of a branch that another one took the place of.

import type { HistoryEvent } from '../history.ts'
import { entryOf } from './checker.ts'

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
