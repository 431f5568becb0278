// Owns the promise that once everything has healed there is one reign, one state, and nobody waits.

import type { Retained } from './history.ts'
import { only, type Checker, type EventOf } from './checker.ts'

export const converged: Checker = (history) => {
  const finals = only(history, 'final')
  const [first] = finals
  if (first === undefined) return 'nobody is left to compare'
  const gone = new Set(only(history, 'ended').map(({ peer }) => peer))
  const finished = new Set(finals.map(({ peer }) => peer))
  const absent = only(history, 'joined').find(({ peer }) => !gone.has(peer) && !finished.has(peer))
  if (absent !== undefined)
    return `${absent.peer} joined at ${absent.atMs} ms and never left, but shows no end state`
  for (const other of finals) {
    if (other.pending > 0) return `${other.peer} still waits for ${other.pending} receipts`
    if (other.branch !== first.branch)
      return `${other.peer} follows ${other.branch}, ${first.peer} follows ${first.branch}`
    if (other.lastSeq !== first.lastSeq)
      return `${other.peer} ends at seq ${other.lastSeq}, ${first.peer} at ${first.lastSeq}`
    const difference = other === first ? null : differenceOf(first, other)
    if (difference !== null) return difference
  }
  return null
}

function differenceOf(one: EventOf<'final'>, other: EventOf<'final'>): string | null {
  const mine = streamsOf(one)
  const theirs = streamsOf(other)
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    const a = mine.get(key) ?? []
    const b = theirs.get(key) ?? []
    const show = (message: Retained | undefined) =>
      message === undefined ? 'nothing' : `${message[1]} as ${message[0]}`
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      if (show(a[i]) === show(b[i])) continue
      const here = `${show(a[i])} at place ${i + 1} for ${one.peer}`
      return `"${key}" ends with ${here}, with ${show(b[i])} for ${other.peer}`
    }
  }
  return null
}

function streamsOf({ streams }: EventOf<'final'>): Map<string, readonly Retained[]> {
  return new Map(streams)
}
