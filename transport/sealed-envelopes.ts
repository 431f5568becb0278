// Owns the seal on what this page says to others through signaling, and on what it is told: under the room's key, for
// one peer and one attempt. [SG2] It counts what did not open, and knows from whom it seemed to come.

import type { PeerId, Topic } from '../protocol/ids.ts'
import { NONCE_BYTES, open, seal } from '../protocol/seal.ts'
import type { RandomBytes } from './clock.ts'
import { parseEnvelope, type Envelope } from './envelope.ts'
import { PAST_ATTEMPTS_MAX } from './link-limits.ts'

export type SealOptions = {
  readonly self: PeerId
  readonly topic: Topic
  /** The room's key: what does not open under it never reaches the browser. */
  readonly key: Uint8Array
  readonly random: RandomBytes
}

export class SealedEnvelopes {
  readonly #options: SealOptions
  #unreadable = 0
  /** Whose envelopes did not open. */
  readonly #garbled = new Set<PeerId>()

  constructor(options: SealOptions) {
    this.#options = options
  }

  /** How many were sealed under another key, for other eyes, or held no signal. */
  get unreadable(): number {
    return this.#unreadable
  }

  seal(to: PeerId, attempt: string, text: string): string {
    const { self, topic, key, random } = this.#options
    return seal(key, { topic, from: self, to, attempt }, text, random(NONCE_BYTES))
  }

  /** What is inside, or null. */
  open(from: PeerId, attempt: string, box: string): Envelope | null {
    const { self, topic, key } = this.#options
    const text = open(key, { topic, from, to: self, attempt }, box)
    const envelope = text === null ? null : parseEnvelope(text)
    if (envelope === null) this.#count(from)
    return envelope
  }

  /** Whether an envelope of this peer did not open since this was last asked. */
  drainGarbled(peer: PeerId): boolean {
    return this.#garbled.delete(peer)
  }

  #count(from: PeerId): void {
    this.#unreadable++
    if (this.#garbled.size < PAST_ATTEMPTS_MAX) this.#garbled.add(from)
  }
}
