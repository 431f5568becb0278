// Owns the promise that each author's messages stand in the order in which it sent them: as they
// come, and in streams. What a split took back, or ordered elsewhere, may turn up again after later
// messages of its author: better late than lost. [MG5h] A fold stands where the messages stood that
// it stands for.

import type { Retained } from './history.ts'
import { authorOf, entryOf, invokedByMid, numberOf, streamsIn, type Checker } from './checker.ts'
import { movedBySplits } from './taken-back.ts'

/**
 * What a peer was given; `before` is the author's number that stood until then, so that a reset can
 * go back to it.
 */
type Step = { readonly seq: number; readonly author: string; readonly before: number }

export const authorOrder: Checker = (history) => {
  const invoked = invokedByMid(history)
  const isCompaction = (mid: string) => invoked.get(mid)?.action === 'compact'
  const peers = new Map<
    string,
    { readonly steps: Step[]; readonly lastByAuthor: Map<string, number> }
  >()
  const moved = movedBySplits(history)
  for (const event of history) {
    const { steps, lastByAuthor } = entryOf(peers, event.peer, () => ({
      steps: [],
      lastByAuthor: new Map(),
    }))
    if (event.type === 'reset') {
      while (steps.length > 0 && steps.at(-1)!.seq > event.seq) {
        const { author, before } = steps.pop()!
        lastByAuthor.set(author, before)
      }
    }
    if (event.type === 'delivered' && !isCompaction(event.mid)) {
      const author = authorOf(event.mid)
      const before = lastByAuthor.get(author) ?? 0
      if (numberOf(event.mid) < before && moved.has(event.mid)) continue
      if (numberOf(event.mid) < before)
        return `${event.peer} at ${event.atMs} ms was given ${event.mid} after ${author}/${before}`
      steps.push({ seq: event.seq, author, before })
      lastByAuthor.set(author, numberOf(event.mid))
    }
    const retained = streamsIn(event)
      .flatMap(([, messages]) => messages)
      .filter(([, mid]) => !isCompaction(mid) && !moved.has(mid))
    // A replay stands as it was answered: its order is judged, too.
    if (event.type === 'final') retained.sort(([a], [b]) => a - b)
    const crossed = crossedIn(retained)
    if (crossed !== null) return `${event.peer} at ${event.atMs} ms has ${crossed} in its streams`
  }
  return null
}

function crossedIn(messages: readonly Retained[]): string | null {
  const lastByAuthor = new Map<string, number>()
  for (const [seq, mid] of messages) {
    const author = authorOf(mid)
    const before = lastByAuthor.get(author) ?? 0
    if (numberOf(mid) < before) return `${mid} at ${seq} after ${author}/${before}`
    lastByAuthor.set(author, numberOf(mid))
  }
  return null
}
