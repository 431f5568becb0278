// Owns the links to other peers: who attempts a connection with whom, how many at a time, which of two that
// cross stands, and what happens to an old link when a new one opens. Where no direct path is found in time it
// makes a link through signaling, and goes on trying. [SG2 SG5] What signals travel in, it gets and gives as
// sealed envelopes; whether to try again where there is no link at all is its owner's business.

import { toBase64Url } from '../protocol/base64url.ts'
import type { PeerId, Topic } from '../protocol/ids.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { NONCE_BYTES, open, seal, type SealContext } from '../protocol/seal.ts'
import { Attempt } from './attempt.ts'
import type { RandomBytes, Timers } from './clock.ts'
import { Detours } from './detours.ts'
import { parseEnvelope, type RelaySignal } from './envelope.ts'
import {
  ATTEMPTS_MAX,
  CONNECTING_MAX,
  CREATION_WINDOW_MS,
  CREATIONS_MAX,
  PAST_ATTEMPTS_MAX,
  RELAY_PATIENCE_MS,
} from './link-limits.ts'
import type { Link } from './link.ts'
import { RelayAttempt } from './relay-attempt.ts'
import { RelayTraffic } from './relay-traffic.ts'
import { TAMPERED } from './relayed-link.ts'
import type { CreatePeer } from './webrtc-peer.ts'

/** What carries a link: a connection of its own, or the signaling service. */
export type Path = 'direct' | 'relayed'

/** What of signaling's messages concerns links. */
export type LinkMessage = Extract<
  FromSignaling,
  { type: 'signal' | 'relay' | 'pause' | 'joined' | 'peer-joined' | 'peer-left' }
>

export type ConnectorOptions = {
  readonly self: PeerId
  readonly topic: Topic
  /** The room's key: what does not open under it never reaches the browser. */
  readonly key: Uint8Array
  readonly random: RandomBytes
  readonly timers: Timers
  readonly createPeer: CreatePeer
  readonly sendSignal: (to: PeerId, attempt: string, box: string) => void
  /** Brings a box of a relayed link. */
  readonly sendBox: (to: PeerId, session: string, box: string) => void
  /** A link is open. An earlier one to the same peer closes right after, with `replaced`. */
  readonly onLink: (peer: PeerId, link: Link, path: Path) => void
  /** An attempt came to nothing and there is no link either. */
  readonly onFailed: (peer: PeerId, reason: string) => void
  /**
   * What signaling brought was not what the other side sent: a relayed link has ended over it, or an envelope was
   * dropped. The latter may be a stranger's, and is told of once only.
   */
  readonly onTampered: (peer: PeerId, what: 'link' | 'envelope') => void
}

/** Attempt names need only be new; 96 bits are. */
const ATTEMPT_ID_BYTES = 12

export class Connector {
  readonly #options: ConnectorOptions
  /** Attempts that are not open yet, the longest waiting first. */
  readonly #attempts = new Map<PeerId, Attempt>()
  /** Relayed links that are not open yet. */
  readonly #relays = new Map<PeerId, RelayAttempt>()
  readonly #linked = new Map<PeerId, Attempt | RelayAttempt>()
  readonly #detours: Detours
  readonly #traffic: RelayTraffic
  readonly #pastIds = new Set<string>()
  /** Whether signaling carries relayed links, as it said last. */
  #canRelay = false
  #creationsLeft = CREATIONS_MAX
  #unreadable = 0
  /** Whose envelopes did not open; the first who hears of it is told why nothing came of an attempt. */
  readonly #garbled = new Set<PeerId>()
  #isStarting = false
  #isClosed = false

  constructor(options: ConnectorOptions) {
    this.#options = options
    this.#detours = new Detours(options.timers)
    this.#traffic = new RelayTraffic(options.timers)
  }

  /** Envelopes that were sealed under another key, for other eyes, or held no signal. */
  get unreadableEnvelopes(): number {
    return this.#unreadable
  }

  /** Starts an attempt, unless there is one already, or an open link. */
  connect(peer: PeerId): void {
    if (
      this.#isClosed ||
      this.#attempts.has(peer) ||
      this.#relays.has(peer) ||
      this.#linked.has(peer)
    )
      return
    if (this.#canRelay && this.#detours.has(peer)) this.#propose(peer)
    else this.#attempt(peer)
  }

  get canRelay(): boolean {
    return this.#canRelay
  }

  /** Signaling said something of links, or of who is here. */
  signaled(message: LinkMessage): void {
    switch (message.type) {
      case 'signal':
        return this.receive(message.from, message.attempt, message.box)
      case 'relay':
        return this.#receiveBox(message.from, message.session, message.box)
      case 'pause':
        return this.#traffic.pause(message.ms)
      case 'joined':
        return this.#signalingJoined(message.relay === true)
      case 'peer-joined':
        return this.#peerJoined(message.peer)
      case 'peer-left':
        return this.#peerLeft(message.peer, message.why)
    }
  }

  /** Takes an envelope that signaling brought. */
  receive(from: PeerId, attemptId: string, box: string): void {
    if (this.#isClosed) return
    const text = open(this.#options.key, this.#contextOf(from, this.#options.self, attemptId), box)
    const envelope = text === null ? null : parseEnvelope(text)
    if (envelope === null) {
      if (this.#unreadable++ === 0) this.#options.onTampered(from, 'envelope')
      if (this.#garbled.size < PAST_ATTEMPTS_MAX) this.#garbled.add(from)
      return
    }
    const { count, signal } = envelope
    if (signal.type === 'relay') return this.#receiveRelay(from, attemptId, signal)
    const attempt =
      this.#find(from, attemptId) ??
      (signal.type === 'offer' ? this.#answer(from, attemptId) : null)
    if (attempt instanceof Attempt) attempt.receive(count, signal)
  }

  /** Says again what attempts in progress have said: for a signaling socket that is open anew. */
  repeatSignals(): void {
    for (const attempt of [...this.#attempts.values(), ...this.#relays.values()]) attempt.repeat()
  }

  /** No relayed link goes on without a socket; for those that come back in time it is a pause. */
  signalingLost(): void {
    for (const linked of this.#linked.values()) if (linked instanceof RelayAttempt) linked.mute()
  }

  /** Ends link and attempt alike. */
  disconnect(peer: PeerId, reason: string): void {
    const ending = [this.#attempts.get(peer), this.#relays.get(peer), this.#linked.get(peer)]
    this.#attempts.delete(peer)
    this.#relays.delete(peer)
    this.#linked.delete(peer)
    this.#detours.rest(peer)
    for (const attempt of ending) attempt?.end(reason)
  }

  close(): void {
    this.#isClosed = true
    for (const peer of [...this.#attempts.keys(), ...this.#relays.keys(), ...this.#linked.keys()])
      this.disconnect(peer, 'closed')
  }

  #find(peer: PeerId, id: string): Attempt | RelayAttempt | undefined {
    return [this.#attempts.get(peer), this.#relays.get(peer), this.#linked.get(peer)].find(
      (attempt) => attempt?.id === id,
    )
  }

  #attempt(peer: PeerId): void {
    const attempt = this.#add(peer, this.#newId(), true)
    // Not called off when it opens: what it asks for is nothing to a peer that has a link.
    this.#options.timers.after(RELAY_PATIENCE_MS, () => {
      if (this.#attempts.get(peer) === attempt) this.#propose(peer)
    })
  }

  #newId(): string {
    return toBase64Url(this.#options.random(ATTEMPT_ID_BYTES))
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
    const { createPeer, key, random, self, sendSignal, timers } = this.#options
    const context = this.#contextOf(self, peer, id)
    const attempt: Attempt = new Attempt({
      id,
      initiator,
      timers,
      createPeer: () => createPeer({ initiator }),
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
    const replaced = [this.#relays.get(peer), this.#linked.get(peer)]
    this.#attempts.delete(peer)
    this.#relays.delete(peer)
    this.#detours.forget(peer)
    this.#linked.set(peer, attempt)
    this.#options.onLink(peer, link, 'direct')
    for (const old of replaced) old?.end('replaced')
    this.#startSoon()
  }

  #ended(peer: PeerId, attempt: Attempt, reason: string): void {
    this.#remember(attempt.id)
    if (this.#linked.get(peer) === attempt) this.#linked.delete(peer)
    if (this.#attempts.get(peer) === attempt) {
      this.#attempts.delete(peer)
      this.#detours.found(peer)
      if (this.#linked.has(peer)) this.#tryDirectLater(peer)
      else this.#propose(peer)
      this.#tellIfCutOff(peer, reason)
    }
    this.#startSoon()
  }

  #tellIfCutOff(peer: PeerId, reason: string): void {
    if (this.#linked.has(peer) || this.#relays.has(peer) || this.#attempts.has(peer)) return
    const isGarbled = this.#garbled.delete(peer)
    this.#options.onFailed(
      peer,
      isGarbled
        ? `${reason}; what signaling brought from it did not open: it was changed, or sealed by another token`
        : reason,
    )
  }

  // --- relayed links ---

  /** Signaling has let this page in, and says whether it relays. */
  #signalingJoined(canRelay: boolean): void {
    this.#canRelay = canRelay
    for (const peer of [...this.#linked.keys()]) this.#propose(peer)
  }

  #peerJoined(peer: PeerId): void {
    this.#relays.get(peer)?.repeat()
    if (this.#linked.has(peer)) this.#propose(peer)
  }

  /** A peer's socket to signaling has closed, perhaps for a moment only, or its peer said goodbye. */
  #peerLeft(peer: PeerId, why: 'closed' | 'bye'): void {
    const linked = this.#linked.get(peer)
    if (why === 'bye') this.#detours.forget(peer)
    if (!(linked instanceof RelayAttempt)) return
    if (why === 'bye') linked.end('left')
    else linked.mute()
  }

  /** Takes a box of a relayed link; one of a link that is no more is dropped. */
  #receiveBox(from: PeerId, session: string, box: string): void {
    for (const relay of [this.#relays.get(from), this.#linked.get(from)])
      if (relay instanceof RelayAttempt) relay.receiveBox(session, box)
  }

  /** Asks for a link through signaling, where there is none that works. */
  #propose(peer: PeerId): void {
    const linked = this.#linked.get(peer)
    const isLinked = linked !== undefined && (linked instanceof Attempt || linked.isOpen)
    if (!isLinked && this.#canRelay && !this.#isClosed && !this.#relays.has(peer))
      this.#addRelay(peer, this.#newId(), true)
  }

  #receiveRelay(from: PeerId, id: string, signal: RelaySignal): void {
    const own = this.#relays.get(from)
    if (own?.id === id) return own.receive(signal)
    if (
      signal.nonce !== null ||
      !this.#canRelay ||
      this.#pastIds.has(id) ||
      this.#find(from, id) !== undefined ||
      this.#relays.size >= ATTEMPTS_MAX
    )
      return
    if (own?.initiator === true && this.#options.self < from) return // both proposed at once: the lower id's stands
    this.#relays.delete(from)
    own?.end('replaced')
    this.#addRelay(from, id, false)
  }

  #addRelay(peer: PeerId, id: string, initiator: boolean): void {
    const { key, random, self, sendSignal, sendBox, timers, topic } = this.#options
    const context = this.#contextOf(self, peer, id)
    const relay: RelayAttempt = new RelayAttempt({
      id,
      initiator,
      self,
      peer,
      topic,
      key,
      random,
      timers,
      traffic: this.#traffic,
      send: (text) => sendSignal(peer, id, seal(key, context, text, random(NONCE_BYTES))),
      sendBox: (session, box) => sendBox(peer, session, box),
      onOpen: (link) => this.#relayOpened(peer, relay, link),
      onEnd: (reason) => this.#relayEnded(peer, relay, reason),
    })
    this.#relays.set(peer, relay)
  }

  #relayOpened(peer: PeerId, relay: RelayAttempt, link: Link): void {
    const replaced = this.#linked.get(peer)
    this.#relays.delete(peer)
    this.#linked.set(peer, relay)
    this.#options.onLink(peer, link, 'relayed')
    replaced?.end('replaced')
    if (!this.#attempts.has(peer)) this.#tryDirectLater(peer)
  }

  #relayEnded(peer: PeerId, relay: RelayAttempt, reason: string): void {
    this.#remember(relay.id)
    if (this.#linked.get(peer) === relay) this.#linked.delete(peer)
    if (reason === TAMPERED) this.#options.onTampered(peer, 'link')
    if (this.#relays.get(peer) !== relay) return
    this.#relays.delete(peer)
    this.#detours.forget(peer) // nothing comes of it: the next attempt is a direct one
    this.#tellIfCutOff(peer, reason)
  }

  /** Who proposed the relayed link looks for a direct path, now and then. */
  #tryDirectLater(peer: PeerId): void {
    const isOurs = () => {
      const linked = this.#linked.get(peer)
      return linked instanceof RelayAttempt && linked.initiator && !this.#attempts.has(peer)
    }
    if (isOurs())
      this.#detours.afterwards(peer, () => isOurs() && void this.#add(peer, this.#newId(), true))
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
