// Owns the service's door: what pages write becomes a message, or an error code.

import { isId, isTopic, type Claim } from './ids.ts'
import { fail, ok, type Result } from './result.ts'
import { bool, count, guarded, nullable, shape, union, word } from './shape.ts'
import { box, name, parseJson, peer, term, termOrNone } from './signal-fields.ts'
import type { ClaimReason, ToSignaling } from './signals.ts'

/** Reads a page's message. The error is the code to answer with. Never throws. */
export function parseToSignaling(text: string): Result<ToSignaling, 'bad-json' | 'bad-shape'> {
  const parsed = parseJson(text)
  if (!parsed.ok) return parsed
  const message = toSignaling(parsed.value)
  return message === undefined ? fail('bad-shape') : ok(message)
}

const topic = guarded(isTopic)
const secret = guarded(isId)
const claim = shape<Claim>({ term, host: peer })
const reason = word<ClaimReason>(['vacant', 'goodbye', 'handover', 'closed', 'silent', 'merge'])

/** A page's message has no field too many. */
const toSignaling = union<ToSignaling>({
  join: shape({ version: count, topic, peer, secret, claim: nullable(claim), held: termOrNone }),
  signal: shape({ to: peer, attempt: name, box }),
  relay: shape({ to: peer, session: name, box }),
  claim: shape({ term, reason }),
  suspect: shape({ term, suspected: bool }),
  yield: shape({ term, to: peer }),
  alive: shape({ term }),
  know: shape({ claim }),
  ask: shape({ at: count }),
  bye: shape({}),
  heartbeat: shape({}),
})
