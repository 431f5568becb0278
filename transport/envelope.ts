// Owns what is inside a sealed envelope: one signal of a connection attempt and its number. Whoever made it holds the
// token, and may still be anyone: all of it is checked and bounded before a browser sees it.

import { CANDIDATE_CHARS_MAX, SDP_CHARS_MAX } from './link-limits.ts'
import type { PeerSignal } from './webrtc-peer.ts'

/** Makes a relayed link: one side proposes, the other accepts with a nonce of its own. No recording can do that. */
export type RelaySignal = { readonly type: 'relay'; readonly nonce: string | null }

export type Envelope = {
  /** 1 and up, rising within an attempt and direction: what is not above the last one is a replay. */
  readonly count: number
  readonly signal: PeerSignal | RelaySignal
}

type Fields = { readonly [name: string]: unknown }

export function encodeEnvelope(envelope: Envelope): string {
  return JSON.stringify(envelope)
}

/** The envelope, or null when this is none. Never throws. */
export function parseEnvelope(text: string): Envelope | null {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    return null // not JSON: no envelope
  }
  if (!isFields(fields)) return null
  const { count, signal } = fields
  const read = isFields(signal) ? readSignal(signal) : null
  return read === null || !isCount(count) ? null : { count, signal: read }
}

function readSignal({ type, sdp, candidate, nonce }: Fields): PeerSignal | RelaySignal | null {
  switch (type) {
    case 'offer':
    case 'answer':
      return isTextOf(SDP_CHARS_MAX, sdp) ? { type, sdp } : null
    case 'candidate':
      return isFields(candidate) ? readCandidate(candidate) : null
    case 'relay':
      return nonce === null || isNonce(nonce) ? { type, nonce } : null
  }
  return null
}

/** One that names no media section would be thrown back by the browser. */
function readCandidate({ candidate, sdpMid, sdpMLineIndex }: Fields): PeerSignal | null {
  if (!isTextOf(CANDIDATE_CHARS_MAX, candidate)) return null
  const mid = typeof sdpMid === 'string' ? sdpMid : null
  const line = isLineIndex(sdpMLineIndex) ? sdpMLineIndex : null
  if (mid === null && line === null) return null
  return { type: 'candidate', candidate: { candidate, sdpMid: mid, sdpMLineIndex: line } }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isTextOf(charsMax: number, value: unknown): value is string {
  return typeof value === 'string' && value.length <= charsMax
}

function isNonce(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{16}$/.test(value)
}

/** Two bytes without a sign: a browser would fold another number into one of these. */
function isLineIndex(value: unknown): value is number {
  return typeof value === 'number' && Object.is(value, value & 0xffff)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}
