// Owns which of the messages that an app was given still stand after a reset.

import type { EventOf } from './checker.ts'

export type Given = Pick<EventOf<'delivered'>, 'atMs' | 'branch' | 'seq' | 'key' | 'mid'>

/**
 * Takes out of `given`, in the order of seq, what a reset takes back: the messages of its keys
 * after its seq.
 */
export function forget(
  given: Given[],
  { seq, keys }: Pick<EventOf<'reset'>, 'seq' | 'keys'>,
): Given[] {
  let start = given.length
  while (start > 0 && given[start - 1]!.seq > seq) start--
  const after = given.splice(start)
  if (keys === 'all') return after
  given.push(...after.filter(({ key }) => !keys.includes(key)))
  return after.filter(({ key }) => keys.includes(key))
}
