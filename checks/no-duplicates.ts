// Owns the promise that a message is given once: through retries, reconnects, replays and
// migrations.

import { entryOf, streamsIn, type Checker } from './checker.ts'
import { forget, type Given } from './given.ts'
import type { Retained } from './history.ts'

export const noDuplicates: Checker = (history) => {
  const peers = new Map<
    string,
    { readonly given: Given[]; readonly seqByMid: Map<string, number> }
  >()
  for (const event of history) {
    const { given, seqByMid } = entryOf(peers, event.peer, () => ({
      given: [],
      seqByMid: new Map(),
    }))
    if (event.type === 'reset') for (const { mid } of forget(given, event)) seqByMid.delete(mid)
    if (event.type === 'delivered') {
      const before = seqByMid.get(event.mid)
      if (before !== undefined)
        return `${event.peer} at ${event.atMs} ms was given ${event.mid} twice, as ${before} and as ${event.seq}`
      seqByMid.set(event.mid, event.seq)
      given.push(event)
    }
    const twice = repeated(streamsIn(event).flatMap(([, messages]) => messages))
    if (twice !== null)
      return `${event.peer} at ${event.atMs} ms has ${twice[2]} twice in its streams, as ${twice[0]} and as ${twice[1]}`
  }
  return null
}

function repeated(messages: readonly Retained[]): [number, number, string] | null {
  const seqByMid = new Map<string, number>()
  for (const [seq, mid] of messages) {
    const before = seqByMid.get(mid)
    if (before !== undefined) return [before, seq, mid]
    seqByMid.set(mid, seq)
  }
  return null
}
