// Owns the room's secret and what is derived from it. The token never leaves the pages that hold it: signaling gets the
// topic, envelopes are sealed under the key, and neither leads back. [SG1]

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64Url } from './base64url.ts'
import type { Token, Topic } from './ids.ts'
import { utf8 } from './utf8.ts'

export type RoomSecrets = {
  /** What signaling knows the room by. */
  readonly topic: Topic
  /** 32 bytes that seal what the room's peers tell each other through signaling. */
  readonly key: Uint8Array
}

/** 128 bits: nobody guesses one, and it is still short in a link. */
const TOKEN_BYTES = 16
const TOPIC_BYTES = 16
/** Fixed for ever: another salt or label would lead the holders of one token to different rooms. */
const SALT = utf8('baton/1')
const TOPIC_LABEL = utf8('topic')
const KEY_LABEL = utf8('key')

/** 128 bits are this many characters of base64url; hex and UUIDs are longer. */
const STRONG_CHARS_MIN = 22
/** 22 random characters of base64url have fewer different ones than this about never. */
const DISTINCT_CHARS_MIN = 8
/** Words of one case and what stands between them. Of forty million random tokens one looks like it. */
const WORDS = /^(?:[a-z\W_]*|[A-Z\W_]*)$/

/** A fresh secret for a new room. `random` must be cryptographic. */
export function createToken(random: (length: number) => Uint8Array): Token {
  return toBase64Url(random(TOKEN_BYTES)) as Token
}

/**
 * HKDF-SHA-256 over the token. Texts that look alike lead to one room: the token is brought to Unicode's composed form
 * first.
 */
export function deriveRoom(token: string): RoomSecrets {
  const secret = hmac(sha256, SALT, utf8(token.normalize('NFC')))
  return {
    topic: toBase64Url(expand(secret, TOPIC_LABEL).subarray(0, TOPIC_BYTES)) as Topic,
    key: expand(secret, KEY_LABEL),
  }
}

/** The first block of HKDF's expansion, 32 bytes: nothing here is longer. (RFC 5869, 2.3) */
function expand(secret: Uint8Array, label: Uint8Array): Uint8Array {
  return hmac(sha256, secret, Uint8Array.of(...label, 1))
}

/**
 * Whether a token is short or reads like words: who tries likely ones against its topic may find it. Only a hint: a
 * text cannot show how it was chosen.
 */
export function isWeakToken(token: string): boolean {
  return (
    token.length < STRONG_CHARS_MIN || new Set(token).size < DISTINCT_CHARS_MIN || WORDS.test(token)
  )
}
