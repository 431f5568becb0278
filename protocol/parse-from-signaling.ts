// Owns a page's door: what the service writes becomes a message, or nothing. A later service may say more than this
// page knows, so other fields are ignored.

import type { Claim } from './ids.ts'
import { count, bool, guarded, list, looseShape, nullable, text, union, word } from './shape.ts'
import type { Shape } from './shape.ts'
import { box, name, parseJson, peer, term, termOrNone } from './signal-fields.ts'
import type { DeniedWhy, FromSignaling, Member, SignalingErrorCode } from './signals.ts'

/** The longest wait that a page accepts from the service. */
const WAIT_MAX_MS = 60_000

/** Reads the service's message; null when it is none. Never throws. */
export function parseFromSignaling(text: string): FromSignaling | null {
  const parsed = parseJson(text)
  if (!parsed.ok) return null
  return fromSignaling(parsed.value) ?? null
}

const claim = looseShape<Claim>({ term, host: peer })
const member = looseShape<Member>({ peer, term: termOrNone })
const deniedWhy = word<DeniedWhy>(['outdated', 'host-alive', 'wait'])
/** A service that carries no relayed links may also say nothing of them. */
const carriesRelays = guarded((value): value is true => value === true)
/** The sentence beside a code explains it to a page that does not know the code. */
const errorCode = text as Shape<SignalingErrorCode>
/** A longer wait is cut, since a timer of 2^31 ms would fire at once. */
const waitMs: Shape<number> = (value) => {
  const ms = count(value)
  return ms === undefined ? undefined : Math.min(ms, WAIT_MAX_MS)
}

const fromSignaling = union<FromSignaling>({
  joined: looseShape(
    { members: list(member), claim: nullable(claim), hostHere: bool },
    { relay: carriesRelays },
  ),
  'peer-joined': looseShape({ peer }),
  'peer-left': looseShape({ peer, why: word(['closed', 'bye']) }),
  signal: looseShape({ from: peer, attempt: name, box }),
  relay: looseShape({ from: peer, session: name, box }),
  pause: looseShape({ ms: waitMs }),
  turn: looseShape({ urls: list(text), username: text, credential: text }),
  network: looseShape({ hosts: list(text), stun: list(text) }),
  host: looseShape({ claim }),
  denied: looseShape({ term, why: deniedWhy, claim: nullable(claim), retryMs: waitMs }),
  stands: looseShape({ at: count, claim: nullable(claim) }),
  heartbeat: looseShape({}),
  challenge: looseShape({ term }),
  error: looseShape({ code: errorCode, message: text }),
})
