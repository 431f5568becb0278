// Owns what travels between a page and the signaling service, as JSON text, both directions.
// Signaling learns who is here and who hosts; what peers tell each other passes it sealed. [SG1 SG2]

import { isId, isPeerId, isTopic, type Claim, type PeerId, type Term, type Topic } from './ids.ts'
import { ok, fail, type Result } from './result.ts'

/** Why a peer asks to lead: nobody ever did, the host said goodbye or handed over, its socket closed, it is silent, or it hosts and met a branch. */
export type ClaimReason = 'vacant' | 'goodbye' | 'handover' | 'closed' | 'silent' | 'merge'

export type ToSignaling =
  /** First message of a connection: which room, who, the secret behind that id, and the reign this peer knows of (null when it is new). */
  | {
      readonly type: 'join'
      readonly version: number
      readonly topic: Topic
      readonly peer: PeerId
      readonly secret: string
      readonly claim: Claim | null
    }
  /** A sealed envelope for one other peer of the room. */
  | { readonly type: 'signal'; readonly to: PeerId; readonly attempt: string; readonly box: string }
  /** A sealed packet of a relayed link, for one other peer. [SG5] */
  | { readonly type: 'relay'; readonly to: PeerId; readonly session: string; readonly box: string }
  | { readonly type: 'claim'; readonly term: Term; readonly reason: ClaimReason }
  /** The host of that term is silent for me, or is not any more. */
  | { readonly type: 'suspect'; readonly term: Term; readonly suspected: boolean }
  /** The host lets `to` lead next. [MG1] */
  | { readonly type: 'yield'; readonly term: Term; readonly to: PeerId }
  /** The host's answer to a challenge: its page still runs. */
  | { readonly type: 'alive'; readonly term: Term }
  /** A higher reign that this peer has heard of over its links. */
  | { readonly type: 'know'; readonly claim: Claim }
  | { readonly type: 'bye' }
  /** Shows that the page itself runs: a browser answers pings for a page that hangs. */
  | { readonly type: 'heartbeat' }

export type DeniedWhy = 'outdated' | 'host-alive' | 'wait'

/** A member as signaling lists it: `term` is the highest the peer has told, 0 for one that is new to the room. */
export type Member = { readonly peer: PeerId; readonly term: Term }

export type SignalingErrorCode =
  | 'bad-frame'
  | 'bad-json'
  | 'bad-shape'
  | 'bad-state'
  | 'version'
  | 'no-peer'
  | 'slow-down'
  | 'no-relay'
  | 'room-full'
  | 'too-many-rooms'
  | 'too-many-connections'
  | 'too-many-joins'
  | 'bad-proof'
  | 'origin'
  | 'idle'
  | 'replaced'
  | 'shutting-down'

export type FromSignaling =
  /** Answer to join: the others, and the reign that stands (`hostHere`: its host is connected). `relay`: it carries relayed links. */
  | {
      readonly type: 'joined'
      readonly members: readonly Member[]
      readonly claim: Claim | null
      readonly hostHere: boolean
      readonly relay?: boolean
    }
  | { readonly type: 'peer-joined'; readonly peer: PeerId }
  /** A socket closed (`closed`) or its peer said goodbye (`bye`). A hint, never a verdict. [SG4] */
  | { readonly type: 'peer-left'; readonly peer: PeerId; readonly why: 'closed' | 'bye' }
  | {
      readonly type: 'signal'
      readonly from: PeerId
      readonly attempt: string
      readonly box: string
    }
  | {
      readonly type: 'relay'
      readonly from: PeerId
      readonly session: string
      readonly box: string
    }
  /** Too much is relayed: send no `relay` for so long. What was on its way is still passed on. */
  | { readonly type: 'pause'; readonly ms: number }
  /** TURN servers of the operator's, and a credential for them that lasts for a while; it is told anew in time. */
  | {
      readonly type: 'turn'
      readonly urls: readonly string[]
      readonly username: string
      readonly credential: string
    }
  /** A claim was granted, or a higher one became known. Told to everyone, the new host included. */
  | { readonly type: 'host'; readonly claim: Claim }
  | {
      readonly type: 'denied'
      readonly term: Term
      readonly why: DeniedWhy
      readonly claim: Claim | null
      readonly retryMs: number
    }
  /** Others suspect you: answer `alive` at once. */
  | { readonly type: 'challenge'; readonly term: Term }
  | { readonly type: 'error'; readonly code: SignalingErrorCode; readonly message: string }

/** Largest envelope: a session description with its candidates is 2 to 8 KiB before sealing. */
export const BOX_CHARS_MAX = 32 * 1024
/** Largest text frame either side accepts. */
export const SIGNAL_FRAME_BYTES_MAX = 64 * 1024
/** Largest term: rising by one a millisecond it lasts 285 millennia. */
const TERM_MAX = Number.MAX_SAFE_INTEGER - 1
/** The longest wait that a page accepts from the service. */
const WAIT_MAX_MS = 60_000
/** Nesting beyond this is refused before JSON.parse sees it. */
const DEPTH_MAX = 8

const CLAIM_REASONS: readonly ClaimReason[] = [
  'vacant',
  'goodbye',
  'handover',
  'closed',
  'silent',
  'merge',
]

type Fields = { readonly [name: string]: unknown }

/** Reads a page's message. The error is the code to answer with. Never throws. */
export function parseToSignaling(text: string): Result<ToSignaling, 'bad-json' | 'bad-shape'> {
  const parsed = parseObject(text)
  if (!parsed.ok) return parsed
  const message = readToSignaling(parsed.value)
  return message === null ? fail('bad-shape') : ok(message)
}

/** Reads the service's message; null when it is none. Never throws. */
export function parseFromSignaling(text: string): FromSignaling | null {
  const parsed = parseObject(text)
  return parsed.ok ? readFromSignaling(parsed.value) : null
}

function parseObject(text: string): Result<Fields, 'bad-json' | 'bad-shape'> {
  if (depthExceeds(text, DEPTH_MAX)) return fail('bad-shape')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return fail('bad-json') // the text is at fault, and the code says all a sender needs
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? ok(value as Fields)
    : fail('bad-shape')
}

/** Counts brackets without regard to strings: a false alarm needs a string of brackets, which no message of ours has. */
function depthExceeds(text: string, limit: number): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x5b || char === 0x7b) {
      if (++depth > limit) return true
    } else if (char === 0x5d || char === 0x7d) depth--
  }
  return false
}

function readToSignaling(f: Fields): ToSignaling | null {
  switch (f['type']) {
    case 'join': {
      if (!onlyFields(f, ['version', 'topic', 'peer', 'secret', 'claim'])) return null
      const claim = readOwnClaim(f['claim'])
      if (
        !isCount(f['version']) ||
        !isTopic(f['topic']) ||
        !isPeerId(f['peer']) ||
        !isId(f['secret']) ||
        claim === undefined
      )
        return null
      return {
        type: 'join',
        version: f['version'],
        topic: f['topic'],
        peer: f['peer'],
        secret: f['secret'],
        claim,
      }
    }
    case 'signal':
      if (
        !onlyFields(f, ['to', 'attempt', 'box']) ||
        !isPeerId(f['to']) ||
        !isAttempt(f['attempt']) ||
        !isBox(f['box'])
      )
        return null
      return { type: 'signal', to: f['to'], attempt: f['attempt'], box: f['box'] }
    case 'relay':
      if (
        !onlyFields(f, ['to', 'session', 'box']) ||
        !isPeerId(f['to']) ||
        !isAttempt(f['session']) ||
        !isBox(f['box'])
      )
        return null
      return { type: 'relay', to: f['to'], session: f['session'], box: f['box'] }
    case 'claim':
      if (!onlyFields(f, ['term', 'reason']) || !isTerm(f['term']) || !isClaimReason(f['reason']))
        return null
      return { type: 'claim', term: f['term'], reason: f['reason'] }
    case 'suspect':
      if (
        !onlyFields(f, ['term', 'suspected']) ||
        !isTerm(f['term']) ||
        typeof f['suspected'] !== 'boolean'
      )
        return null
      return { type: 'suspect', term: f['term'], suspected: f['suspected'] }
    case 'yield':
      if (!onlyFields(f, ['term', 'to']) || !isTerm(f['term']) || !isPeerId(f['to'])) return null
      return { type: 'yield', term: f['term'], to: f['to'] }
    case 'alive':
      if (!onlyFields(f, ['term']) || !isTerm(f['term'])) return null
      return { type: 'alive', term: f['term'] }
    case 'know': {
      const claim = readOwnClaim(f['claim'])
      return onlyFields(f, ['claim']) && claim ? { type: 'know', claim } : null
    }
    case 'bye':
      return onlyFields(f, []) ? { type: 'bye' } : null
    case 'heartbeat':
      return onlyFields(f, []) ? { type: 'heartbeat' } : null
  }
  return null
}

/** The service may grow fields; a page ignores what it does not know. */
function readFromSignaling(f: Fields): FromSignaling | null {
  switch (f['type']) {
    case 'joined': {
      const claim = readClaimOrNull(f['claim'])
      const members = readMembers(f['members'])
      if (claim === undefined || members === null || typeof f['hostHere'] !== 'boolean') return null
      return {
        type: 'joined',
        members,
        claim,
        hostHere: f['hostHere'],
        ...(f['relay'] === true ? { relay: true } : {}),
      }
    }
    case 'peer-joined':
      return isPeerId(f['peer']) ? { type: 'peer-joined', peer: f['peer'] } : null
    case 'peer-left':
      if (!isPeerId(f['peer']) || (f['why'] !== 'closed' && f['why'] !== 'bye')) return null
      return { type: 'peer-left', peer: f['peer'], why: f['why'] }
    case 'signal':
      if (!isPeerId(f['from']) || !isAttempt(f['attempt']) || !isBox(f['box'])) return null
      return { type: 'signal', from: f['from'], attempt: f['attempt'], box: f['box'] }
    case 'relay':
      if (!isPeerId(f['from']) || !isAttempt(f['session']) || !isBox(f['box'])) return null
      return { type: 'relay', from: f['from'], session: f['session'], box: f['box'] }
    case 'pause':
      return isCount(f['ms']) ? { type: 'pause', ms: waitOf(f['ms']) } : null
    case 'turn': {
      const { urls, username, credential } = f
      if (!isStrings(urls) || typeof username !== 'string' || typeof credential !== 'string')
        return null
      return { type: 'turn', urls, username, credential }
    }
    case 'host': {
      const claim = readClaimOrNull(f['claim'])
      return claim ? { type: 'host', claim } : null
    }
    case 'denied': {
      const claim = readClaimOrNull(f['claim'])
      const why = f['why']
      if (!isTerm(f['term']) || claim === undefined || !isCount(f['retryMs'])) return null
      if (why !== 'outdated' && why !== 'host-alive' && why !== 'wait') return null
      return { type: 'denied', term: f['term'], why, claim, retryMs: waitOf(f['retryMs']) }
    }
    case 'challenge':
      return isTerm(f['term']) ? { type: 'challenge', term: f['term'] } : null
    case 'error':
      if (typeof f['code'] !== 'string' || typeof f['message'] !== 'string') return null
      return { type: 'error', code: f['code'] as SignalingErrorCode, message: f['message'] }
  }
  return null
}

/** undefined when it is neither a claim nor null. */
function readClaimOrNull(value: unknown): Claim | null | undefined {
  if (value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) return undefined
  const { term, host } = value as Fields
  return isTerm(term) && isPeerId(host) ? { term, host } : undefined
}

/** A page's claim has no field too many either. */
function readOwnClaim(value: unknown): Claim | null | undefined {
  const claim = readClaimOrNull(value)
  return claim && !Object.keys(value as object).every((name) => name === 'term' || name === 'host')
    ? undefined
    : claim
}

function readMembers(value: unknown): Member[] | null {
  if (!Array.isArray(value)) return null
  const members: Member[] = []
  for (const item of value as unknown[]) {
    if (typeof item !== 'object' || item === null) return null
    const { peer, term } = item as Fields
    if (!isPeerId(peer) || !(term === 0 || isTerm(term))) return null
    members.push({ peer, term: term as Term })
  }
  return members
}

function onlyFields(fields: Fields, allowed: readonly string[]): boolean {
  return Object.keys(fields).every((name) => name === 'type' || allowed.includes(name))
}

function isCount(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)
  )
}

/** No wait that comes over a wire is longer: a timer of 2^31 ms would fire at once. */
function waitOf(ms: number): number {
  return Math.min(ms, WAIT_MAX_MS)
}

function isTerm(value: unknown): value is Term {
  return isCount(value) && value >= 1 && value <= TERM_MAX
}

function isAttempt(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,32}$/.test(value)
}

function isBox(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= BOX_CHARS_MAX && /^[A-Za-z0-9_-]+$/.test(value)
  )
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isClaimReason(value: unknown): value is ClaimReason {
  return CLAIM_REASONS.includes(value as ClaimReason)
}
