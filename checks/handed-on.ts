// Owns which messages a page without streams let go because another host has them: a reset took
// them back, and the host that the page follows from then on had ordered them again.

import { entryOf, guestsIn } from './checker.ts'
import { forget, type Given } from './given.ts'
import { foundOnce } from './found-once.ts'

/** By page, the mids. The page keeps all that its host's log holds from the page's welcome on. */
export const handedOn = foundOnce((history): ReadonlyMap<string, ReadonlySet<string>> => {
  const guests = guestsIn(history)
  const handedOnBy = new Map<string, Set<string>>()
  const givenByGuest = new Map<string, Given[]>()
  const takenFrom = new Map<string, Set<string>>()
  const midsByBranch = new Map<string, Set<string>>()
  for (const event of history) {
    if (event.type === 'delivered') entryOf(midsByBranch, event.branch, newSet).add(event.mid)
    if (!guests.has(event.peer)) continue
    const given = entryOf(givenByGuest, event.peer, () => [])
    const taken = entryOf(takenFrom, event.peer, newSet)
    if (event.type === 'delivered') given.push(event)
    if (event.type === 'reset') for (const { mid } of forget(given, event)) taken.add(mid)
    if (event.type !== 'live') continue
    const ordered = midsByBranch.get(event.branch)
    for (const mid of taken) if (ordered?.has(mid)) entryOf(handedOnBy, event.peer, newSet).add(mid)
  }
  return handedOnBy
})

function newSet(): Set<string> {
  return new Set()
}
