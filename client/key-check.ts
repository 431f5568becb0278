// Owns which strings may name a stream.

import { BatonError } from '../protocol/errors.ts'
import { KEY_BYTES_MAX } from '../protocol/limits.ts'
import { keyTooLong } from '../host/engine.ts'

/** @throws BatonError `bad-argument` or `key-too-long` for what can be no key. */
export function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new BatonError('bad-argument', `A key is a string; this one is of type ${typeof key}.`)
  if (keyTooLong(key)) throw new BatonError('key-too-long', `A key takes at most ${KEY_BYTES_MAX} bytes; this one starts with "${key.slice(0, 40)}". Put the rest into the value.`)
  if (LONE_SURROGATE.test(key)) throw new BatonError('bad-argument', 'This key holds half of a surrogate pair, which no encoding keeps. Cut strings between characters.')
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/
