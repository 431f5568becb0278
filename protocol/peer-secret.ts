// Owns how a page shows signaling that a peer id is its own: the id is the hash of a secret that only this page and the
// service see. Others learn ids; without the secret nobody joins under another's. [SG3d]

import { sha256 } from '@noble/hashes/sha2.js'
import { toBase64Url } from './base64url.ts'
import type { PeerId } from './ids.ts'
import { utf8 } from './utf8.ts'

/** A secret is as long as a token, and so is an id: nobody meets another's. */
const SECRET_BYTES = 16
const ID_BYTES = 16

export type PeerName = { readonly peer: PeerId; readonly secret: string }

/** A fresh name for a page that joins. `random` must be cryptographic. */
export function drawPeerName(random: (length: number) => Uint8Array): PeerName {
  const secret = toBase64Url(random(SECRET_BYTES))
  return { peer: peerIdOf(secret), secret }
}

/** The first 16 bytes of SHA-256 over the secret's text, in base64url. */
export function peerIdOf(secret: string): PeerId {
  return toBase64Url(sha256(utf8(secret)).subarray(0, ID_BYTES)) as PeerId
}
