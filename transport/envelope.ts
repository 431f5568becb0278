// Owns what is inside a sealed envelope: one signal of a connection attempt and its number. Whoever made it holds the
// token, and may still be anyone: all of it is checked and bounded before a browser sees it.

import { guarded, looseShape, nullable, text, uint, union, type Shape } from '../protocol/shape.ts'
import { CANDIDATE_CHARS_MAX, SDP_CHARS_MAX } from './link-limits.ts'
import type { IceCandidate, PeerSignal } from './webrtc-peer.ts'

/** Makes a relayed link: one side proposes, the other accepts with a nonce of its own. No recording can do that. */
export type RelaySignal = { readonly type: 'relay'; readonly nonce: string | null }

export type Envelope = {
  /** 1 and up, rising within an attempt and direction: what is not above the last one is a replay. */
  readonly count: number
  readonly signal: PeerSignal | RelaySignal
}

export function encodeEnvelope(envelope: Envelope): string {
  return JSON.stringify(envelope)
}

/** The envelope, or null when this is none. Never throws. */
export function parseEnvelope(json: string): Envelope | null {
  try {
    return envelope(JSON.parse(json)) ?? null
  } catch {
    return null // not JSON: no envelope
  }
}

/** Two bytes without a sign: a browser would fold another number into one of these. */
const lineIndex = uint(0, 0xffff)
const nonce = guarded(
  (value): value is string => typeof value === 'string' && /^[\w-]{16}$/.test(value),
)
const description = looseShape({ sdp: textOf(SDP_CHARS_MAX) })
const candidateFields = looseShape(
  { candidate: textOf(CANDIDATE_CHARS_MAX) },
  { sdpMid: text, sdpMLineIndex: lineIndex },
)

/** One that names no media section would be thrown back by the browser. */
const candidate: Shape<IceCandidate> = (value) => {
  const fields = candidateFields(value)
  if (fields === undefined) return undefined
  const { candidate, sdpMid = null, sdpMLineIndex = null } = fields
  if (sdpMid === null && sdpMLineIndex === null) return undefined
  return { candidate, sdpMid, sdpMLineIndex }
}

const envelope = looseShape<Envelope>({
  count: uint(1, Number.MAX_SAFE_INTEGER),
  signal: union<Envelope['signal']>({
    offer: description,
    answer: description,
    candidate: looseShape({ candidate }),
    relay: looseShape({ nonce: nullable(nonce) }),
  }),
})

function textOf(charsMax: number): Shape<string> {
  return guarded((value): value is string => typeof value === 'string' && value.length <= charsMax)
}
