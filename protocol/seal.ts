// Owns the envelopes that peers send each other through signaling. Signaling can neither read one, nor
// change it, nor pass it off as another's, another room's or another attempt's: all of that is
// authenticated with the text. [SG2] Whether it was seen before is the receiver's to check.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import { assert } from './errors.ts'
import type { PeerId, Topic } from './ids.ts'
import { BOX_CHARS_MAX } from './signals.ts'

/** What an envelope is bound to; it opens only under the same. */
export type SealContext = {
  readonly topic: Topic
  readonly from: PeerId
  readonly to: PeerId
  readonly attempt: string
}

/** Counts the forms of the envelope itself; the protocol inside has a version of its own to disagree about aloud. */
const SEAL_VERSION = 1
/** Long enough to be drawn at random, for ever, under one key. */
export const NONCE_BYTES = 24
const TAG_BYTES = 16
const LENGTH_BYTES = 2
/**
 * Texts are padded to one of these, so that a length tells little: a candidate, an offer, an offer with its
 * candidates, and the most that fits BOX_CHARS_MAX. With nonce and tag each is a multiple of three bytes:
 * base64 then has no idle bits, and one envelope exactly one spelling.
 */
const PADDED_BYTES = [512, 2_048, 8_192, (BOX_CHARS_MAX / 4) * 3 - NONCE_BYTES - TAG_BYTES] as const
/** UTF-8 bytes of the longest text that can be sealed. */
export const SEALED_TEXT_BYTES_MAX = PADDED_BYTES[3] - LENGTH_BYTES

/** The envelope in base64url. `nonce`: 24 random bytes, never used twice; `text`: at most SEALED_TEXT_BYTES_MAX. */
export function seal(key: Uint8Array, context: SealContext, text: string, nonce: Uint8Array): string {
  const sealed = xchacha20poly1305(key, nonce, boundTo(context)).encrypt(pad(new TextEncoder().encode(text)))
  const box = new Uint8Array(nonce.length + sealed.length)
  box.set(nonce)
  box.set(sealed, nonce.length)
  return toBase64Url(box)
}

/** The text, or null when the envelope was sealed under another key or context, or is none at all. Never throws. */
export function open(key: Uint8Array, context: SealContext, box: string): string | null {
  const bytes = fromBase64Url(box)
  if (bytes === null || !PADDED_BYTES.some((size) => bytes.length === NONCE_BYTES + size + TAG_BYTES)) return null
  try {
    return unpad(xchacha20poly1305(key, bytes.subarray(0, NONCE_BYTES), boundTo(context)).decrypt(bytes.subarray(NONCE_BYTES)))
  } catch {
    return null // a wrong tag: which part of the envelope is false cannot be told, and must not be
  }
}

function boundTo({ topic, from, to, attempt }: SealContext): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(['baton seal', SEAL_VERSION, topic, from, to, attempt]))
}

function pad(text: Uint8Array): Uint8Array {
  const size = PADDED_BYTES.find((bytes) => text.length + LENGTH_BYTES <= bytes)
  assert(size !== undefined, `a text of ${text.length} bytes was to be sealed; ${SEALED_TEXT_BYTES_MAX} fit`)
  const padded = new Uint8Array(size)
  new DataView(padded.buffer).setUint16(0, text.length)
  padded.set(text, LENGTH_BYTES)
  return padded
}

function unpad(padded: Uint8Array): string | null {
  const length = new DataView(padded.buffer, padded.byteOffset).getUint16(0)
  const text = padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
  return text.length === length ? new TextDecoder().decode(text) : null
}
