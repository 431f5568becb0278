// Owns the links to other peers: who attempts a connection with whom, how many at a time, which of two that
// cross stands, and what happens to an old link when a new one opens. What signals travel in, it gets and
// gives as sealed envelopes; whether to try again is its owner's business. [SG2]

import { toBase64Url } from '../protocol/base64url.ts'
import type { PeerId, Topic } from '../protocol/ids.ts'
import { NONCE_BYTES, open, seal, type SealContext } from '../protocol/seal.ts'
import { Attempt } from './attempt.ts'
import type { RandomBytes, Timers } from './clock.ts'
import { parseEnvelope } from './envelope.ts'
import { ATTEMPTS_MAX, CONNECTING_MAX, CREATION_WINDOW_MS, CREATIONS_MAX, PAST_ATTEMPTS_MAX } from './limits.ts'
import type { Link } from './link.ts'
import type { CreatePeer } from './webrtc-peer.ts'

export type ConnectorOptions = {
  readonly self: PeerId
  readonly topic: Topic
  /** The room's key: what does not open under it never reaches the browser. */
  readonly key: Uint8Array
  readonly random: RandomBytes
  readonly timers: Timers
  readonly createPeer: CreatePeer
  readonly iceServers: readonly RTCIceServer[]
  readonly sendSignal: (to: PeerId, attempt: string, box: string) => void
  /** A link is open. An earlier one to the same peer closes right after, with `replaced`. */
  readonly onLink: (peer: PeerId, link: Link) => void
  /** An attempt came to nothing and there is no link either. */
  readonly onFailed: (peer: PeerId, reason: string) => void
}

/** Attempt names need only be new; 96 bits are. */
const ATTEMPT_ID_BYTES = 12

export class Connector {
  readonly #options: ConnectorOptions
  /** Attempts that are not open yet, the longest waiting first. */
  readonly #attempts = new Map<PeerId, Attempt>()
  readonly #linked = new Map<PeerId, Attempt>()
  readonly #pastIds = new Set<string>()
  #creationsLeft = CREATIONS_MAX
  #unreadable = 0
  #isStarting = false
  #isClosed = false

  constructor(options: ConnectorOptions) {
    this.#options = options
  }

  /** Envelopes that were sealed under another key, for other eyes, or held no signal. */
  get unreadableEnvelopes(): number {
    return this.#unreadable
  }

  /** Starts an attempt, unless there is one already, or an open link. */
  connect(peer: PeerId): void {
    if (this.#isClosed || this.#attempts.has(peer) || this.#linked.has(peer)) return
    this.#add(peer, toBase64Url(this.#options.random(ATTEMPT_ID_BYTES)), true)
  }

  /** Takes an envelope that signaling brought. */
  receive(from: PeerId, attemptId: string, box: string): void {
    if (this.#isClosed) return
    const text = open(this.#options.key, this.#contextOf(from, this.#options.self, attemptId), box)
    const envelope = text === null ? null : parseEnvelope(text)
    if (envelope === null) {
      this.#unreadable++
      return
    }
    const attempt = this.#find(from, attemptId) ?? (envelope.signal.type === 'offer' ? this.#answer(from, attemptId) : null)
    attempt?.receive(envelope)
  }

  /** Says again what attempts in progress have said: for a signaling socket that is open anew. */
  repeatSignals(): void {
    for (const attempt of this.#attempts.values()) attempt.repeat()
  }

  /** Ends link and attempt alike. */
  disconnect(peer: PeerId, reason: string): void {
    const ending = [this.#attempts.get(peer), this.#linked.get(peer)]
    this.#attempts.delete(peer)
    this.#linked.delete(peer)
    for (const attempt of ending) attempt?.end(reason)
  }

  close(): void {
    this.#isClosed = true
    for (const peer of [...this.#attempts.keys(), ...this.#linked.keys()]) this.disconnect(peer, 'closed')
  }

  #find(peer: PeerId, id: string): Attempt | undefined {
    return [this.#attempts.get(peer), this.#linked.get(peer)].find((attempt) => attempt?.id === id)
  }

  /** The attempt that answers an offer, or null where the offer does not stand. */
  #answer(from: PeerId, id: string): Attempt | null {
    if (this.#pastIds.has(id) || this.#attempts.size >= ATTEMPTS_MAX) return null
    const own = this.#attempts.get(from)
    if (own !== undefined) {
      // Both offered at once: the lower id's offer stands, and each side knows it. Ours gives way where it still
      // waits to be made; where it has its answer, or is one, another offer says that the other side gave it up.
      const isCrossing = own.initiator && own.status === 'connecting' && !own.isDescribed
      if (isCrossing && this.#options.self < from) return null
      this.#attempts.delete(from)
      own.end('replaced')
    }
    return this.#add(from, id, false)
  }

  #add(peer: PeerId, id: string, initiator: boolean): Attempt {
    const { createPeer, iceServers, key, random, self, sendSignal, timers } = this.#options
    const context = this.#contextOf(self, peer, id)
    const attempt: Attempt = new Attempt({
      id,
      initiator,
      timers,
      createPeer: () => createPeer({ initiator, iceServers }),
      send: (text) => sendSignal(peer, id, seal(key, context, text, random(NONCE_BYTES))),
      onOpen: (link) => this.#opened(peer, attempt, link),
      onEnd: (reason) => this.#ended(peer, attempt, reason),
    })
    this.#attempts.set(peer, attempt)
    this.#startSoon()
    return attempt
  }

  /** In a microtask: an attempt that fails at once must not tell its owner inside the owner's call. */
  #startSoon(): void {
    if (this.#isStarting) return
    this.#isStarting = true
    queueMicrotask(() => {
      this.#isStarting = false
      this.#startWaiting()
    })
  }

  #startWaiting(): void {
    const attempts = [...this.#attempts.values()]
    const free = CONNECTING_MAX - attempts.filter(({ status }) => status === 'connecting').length
    const waiting = attempts.filter(({ status }) => status === 'waiting')
    for (const attempt of waiting.slice(0, Math.min(free, this.#creationsLeft))) {
      this.#creationsLeft--
      this.#options.timers.after(CREATION_WINDOW_MS, () => {
        this.#creationsLeft++
        this.#startSoon()
      })
      attempt.start()
    }
  }

  #opened(peer: PeerId, attempt: Attempt, link: Link): void {
    const replaced = this.#linked.get(peer)
    this.#attempts.delete(peer)
    this.#linked.set(peer, attempt)
    this.#options.onLink(peer, link)
    replaced?.end('replaced')
    this.#startSoon()
  }

  #ended(peer: PeerId, attempt: Attempt, reason: string): void {
    this.#remember(attempt.id)
    if (this.#linked.get(peer) === attempt) this.#linked.delete(peer)
    if (this.#attempts.get(peer) === attempt) {
      this.#attempts.delete(peer)
      if (!this.#linked.has(peer)) this.#options.onFailed(peer, reason)
    }
    this.#startSoon()
  }

  #remember(attemptId: string): void {
    this.#pastIds.add(attemptId)
    if (this.#pastIds.size <= PAST_ATTEMPTS_MAX) return
    const [oldest] = this.#pastIds
    this.#pastIds.delete(oldest as string)
  }

  #contextOf(from: PeerId, to: PeerId, attempt: string): SealContext {
    return { topic: this.#options.topic, from, to, attempt }
  }
}
