// Owns the promise that nobody waits for ever, not even where nothing else happens that might wake
// the room, and that every operation of a page that lives to the end has an outcome. [MG6]

import { only, type Checker } from './checker.ts'

export const noneForgotten: Checker = (history) => {
  const waiting = only(history, 'quiet').find(({ pending }) => pending > 0)
  if (waiting !== undefined) {
    const { peer, atMs, pending } = waiting
    return `${peer} at ${atMs} ms still waits for ${pending} receipts in a room that has long been quiet`
  }
  const finished = new Set(only(history, 'final').map(({ peer }) => peer))
  const settled = new Set(
    history.flatMap((event) =>
      event.type === 'acknowledged' || event.type === 'refused' ? [event.mid] : [],
    ),
  )
  const forgotten = only(history, 'invoked').find(
    ({ peer, mid }) => finished.has(peer) && !settled.has(mid),
  )
  return forgotten === undefined
    ? null
    : `${forgotten.peer} sent ${forgotten.mid} at ${forgotten.atMs} ms and never heard of it again`
}
