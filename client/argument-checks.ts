// Owns which arguments of an app name a stream and a place in it. What they lead to is the room's business.

import { BatonError } from '../protocol/errors.ts'
import { whyNoKey } from '../protocol/key.ts'

/** @throws BatonError `bad-argument` or `key-too-long` for what can be no key. */
export function checkKey(key: unknown): void {
  if (typeof key !== 'string')
    throw new BatonError('bad-argument', `A key is a string; this one is of type ${typeof key}.`)
  const refusal = whyNoKey(key)
  if (refusal !== null) throw new BatonError(refusal.code, refusal.message)
}

/** @throws BatonError `compact-out-of-range` for what can be no seq of a message. */
export function checkFoldEnd(seq: number): void {
  if (Number.isSafeInteger(seq) && seq >= 1) return
  throw new BatonError(
    'compact-out-of-range',
    `The seq of a compaction is a whole number, 1 or more; this one is ${seq}.`,
  )
}

/** @throws BatonError `bad-argument` for what can be no start of a replay. */
export function checkAfter(after: number): void {
  if (Number.isSafeInteger(after) && after >= 0) return
  throw new BatonError(
    'bad-argument',
    `\`after\` is a whole number, 0 or more; this one is ${after}.`,
  )
}
