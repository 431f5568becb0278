// Owns which strings may name a stream: one rule for pages, the gateway and the engine.

import { KEY_BYTES_MAX } from './limits.ts'
import { utf8 } from './utf8.ts'

export type KeyRefusal = {
  readonly code: 'key-too-long' | 'bad-argument'
  readonly message: string
}

/** Why a string may not name a stream, in a sentence for whoever chose it; null where it may. */
export function whyNoKey(key: string): KeyRefusal | null {
  if (isTooLong(key)) {
    const start = `this one starts with "${key.slice(0, 40)}"`
    return {
      code: 'key-too-long',
      message: `A key takes at most ${KEY_BYTES_MAX} bytes; ${start}. Put the rest into the value.`,
    }
  }
  if (LONE_SURROGATE.test(key)) {
    return {
      code: 'bad-argument',
      message:
        'This key has half of a surrogate pair, and no encoding keeps that. Cut strings between characters.',
    }
  }
  return null
}

/** Whether a key is longer than it may be, in bytes. The encoder runs only where the length leaves a doubt. */
export function isTooLong(key: string): boolean {
  return key.length * 3 > KEY_BYTES_MAX && utf8(key).length > KEY_BYTES_MAX
}

const LONE_SURROGATE = /\p{Surrogate}/u
