// Owns the envelopes that peers send each other through signaling, and the packets of relayed links. Signaling can
// neither read one, nor change it, nor pass it off as another's, another room's or another attempt's. [SG2 SG5]
// Knows no time: whether an envelope was seen before is the receiver's to check.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import { assert } from './errors.ts'
import type { PeerId, Topic } from './ids.ts'
import { BOX_CHARS_MAX } from './signals.ts'
import { utf8 } from './utf8.ts'

/** What an envelope is bound to; it opens only under the same. */
export type SealContext = {
  readonly topic: Topic
  readonly from: PeerId
  readonly to: PeerId
  readonly attempt: string
}

/** Counts the forms of the envelope. The protocol inside has a version of its own. */
const SEAL_VERSION = 1
/** Long enough to be drawn at random, for ever, under one key. */
export const NONCE_BYTES = 24
const TAG_BYTES = 16
const LENGTH_BYTES = 2
/**
 * Sizes to pad to, so that a length tells little: a heartbeat of a relayed link, a candidate, an offer, an offer with
 * its candidates, and the most that fits BOX_CHARS_MAX. With nonce and tag each is a multiple of three bytes: base64
 * then has no idle bits, and one envelope exactly one spelling.
 */
const PADDED_BYTES = [
  128,
  512,
  2_048,
  8_192,
  (BOX_CHARS_MAX / 4) * 3 - NONCE_BYTES - TAG_BYTES,
] as const
const TEXT_PADDED_BYTES = PADDED_BYTES.slice(1)
/** UTF-8 bytes of the longest text that can be sealed. */
export const SEALED_TEXT_BYTES_MAX = PADDED_BYTES[4] - LENGTH_BYTES

/** What a packet of a relayed link is bound to: `count` says which of its direction it is, from 1 on. [SG5] */
export type PacketContext = {
  readonly topic: Topic
  readonly from: PeerId
  readonly to: PeerId
  readonly session: string
  readonly count: number
}

/** The envelope in base64url. `nonce`: 24 random bytes, never used twice; `text`: at most SEALED_TEXT_BYTES_MAX. */
export function seal(
  key: Uint8Array,
  context: SealContext,
  text: string,
  nonce: Uint8Array,
): string {
  const padded = pad(utf8(text), TEXT_PADDED_BYTES)
  return sealed(key, boundTo(context), padded, nonce)
}

/** The text, or null when the envelope was sealed under another key or context, or is none at all. Never throws. */
export function open(key: Uint8Array, context: SealContext, box: string): string | null {
  const text = opened(key, boundTo(context), box)
  return text === null ? null : new TextDecoder().decode(text)
}

/** A packet of at most SEALED_TEXT_BYTES_MAX as a box in base64url. `nonce` as for `seal`. */
export function sealPacket(
  key: Uint8Array,
  context: PacketContext,
  packet: Uint8Array,
  nonce: Uint8Array,
): string {
  return sealed(key, packetBoundTo(context), pad(packet, PADDED_BYTES), nonce)
}

/** The packet, or null when the box is not that very one. Never throws. */
export function openPacket(
  key: Uint8Array,
  context: PacketContext,
  box: string,
): Uint8Array | null {
  return opened(key, packetBoundTo(context), box)
}

/** The largest packet whose box takes at most so many characters; 0 where not even the smallest fits. */
export function packetBytesIn(boxChars: number): number {
  const charsOf = (padded: number) => (boxBytes(padded) / 3) * 4
  const size = PADDED_BYTES.findLast((padded) => charsOf(padded) <= boxChars)
  return size === undefined ? 0 : size - LENGTH_BYTES
}

function sealed(key: Uint8Array, bound: Uint8Array, padded: Uint8Array, nonce: Uint8Array): string {
  const bytes = xchacha20poly1305(key, nonce, bound).encrypt(padded)
  const box = new Uint8Array(nonce.length + bytes.length)
  box.set(nonce)
  box.set(bytes, nonce.length)
  return toBase64Url(box)
}

function opened(key: Uint8Array, bound: Uint8Array, box: string): Uint8Array | null {
  const bytes = fromBase64Url(box)
  if (bytes === null) return null
  if (!PADDED_BYTES.some((padded) => bytes.length === boxBytes(padded))) return null
  const nonce = bytes.subarray(0, NONCE_BYTES)
  try {
    return unpad(xchacha20poly1305(key, nonce, bound).decrypt(bytes.subarray(NONCE_BYTES)))
  } catch {
    return null // a wrong tag: which part of the envelope is false cannot be told, and must not be
  }
}

/** How long a box is, before base64, around so many bytes. */
function boxBytes(padded: number): number {
  return NONCE_BYTES + padded + TAG_BYTES
}

function boundTo({ topic, from, to, attempt }: SealContext): Uint8Array {
  return utf8(JSON.stringify(['baton seal', SEAL_VERSION, topic, from, to, attempt]))
}

function packetBoundTo({ topic, from, to, session, count }: PacketContext): Uint8Array {
  return utf8(JSON.stringify(['baton relay', SEAL_VERSION, topic, from, to, session, count]))
}

function pad(bytes: Uint8Array, sizes: readonly number[]): Uint8Array {
  const size = sizes.find((size) => bytes.length + LENGTH_BYTES <= size)
  assert(
    size !== undefined,
    `${bytes.length} bytes were to be sealed; ${SEALED_TEXT_BYTES_MAX} fit`,
  )
  const padded = new Uint8Array(size)
  new DataView(padded.buffer).setUint16(0, bytes.length)
  padded.set(bytes, LENGTH_BYTES)
  return padded
}

function unpad(padded: Uint8Array): Uint8Array | null {
  const length = new DataView(padded.buffer, padded.byteOffset).getUint16(0)
  const bytes = padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
  return bytes.length === length ? bytes : null
}
