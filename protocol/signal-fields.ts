// Owns the fields that messages of both directions are made of, and the reading of their text. Knows no message.

import { isPeerId, type Term } from './ids.ts'
import { fail, ok, type Result } from './result.ts'
import { guarded, base64urlText, uint } from './shape.ts'
import { BOX_CHARS_MAX } from './signals.ts'

/** Largest term: rising by one a millisecond it lasts 285 millennia. */
const TERM_MAX = Number.MAX_SAFE_INTEGER - 1
/** Names are drawn by pages: 16 random bytes take 22 characters. */
const NAME_CHARS_MAX = 32
/** Nesting beyond this is refused before JSON.parse sees it. */
const DEPTH_MAX = 8

const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

export const peer = guarded(isPeerId)
export const term = uint<Term>(1, TERM_MAX)
/** 0 stands for none. */
export const termOrNone = uint<Term>(0, TERM_MAX)
/** Names one attempt to connect, or one session of a relayed link. */
export const name = base64urlText(NAME_CHARS_MAX)
/** Sealed bytes. */
export const box = base64urlText(BOX_CHARS_MAX)

/** What the text says. Never throws. */
export function parseJson(json: string): Result<unknown, 'bad-json' | 'bad-shape'> {
  if (depthExceeds(json, DEPTH_MAX)) return fail('bad-shape')
  try {
    return ok(JSON.parse(json))
  } catch {
    return fail('bad-json') // the text is at fault, and the code says all a sender needs
  }
}

/** Counts brackets, also inside strings: no string of our messages holds any. */
function depthExceeds(json: string, limit: number): boolean {
  // Most messages have too few brackets for that, which is known sooner.
  if (json.split(/[[{]/, limit + 2).length < limit + 2) return false
  let depth = 0
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i)
    if (char === OPEN_LIST || char === OPEN_OBJECT) depth += 1
    else if (char === CLOSE_LIST || char === CLOSE_OBJECT) depth -= 1
    if (depth > limit) return true
  }
  return false
}
