// Owns the links to other peers: who attempts a connection with whom, which of two that cross stands, and what becomes
// of an old link when a new one opens. Where no direct path is found in time it makes a link through signaling, and
// goes on trying. [SG2 SG5] It does not know what is said in a link, nor whether to try again where there is none.

import { toBase64Url } from '../protocol/base64url.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { Attempt } from './attempt.ts'
import type { Timers } from './clock.ts'
import { Detours } from './detours.ts'
import type { RelaySignal } from './envelope.ts'
import { ATTEMPTS_MAX, RELAY_PATIENCE_MS } from './link-limits.ts'
import type { Link } from './link.ts'
import { RelayAttempt } from './relay-attempt.ts'
import { RelayTraffic } from './relay-traffic.ts'
import { TAMPERED } from './relayed-link.ts'
import { SealedEnvelopes, type SealOptions } from './sealed-envelopes.ts'
import { isNothing, namedIn, Standings } from './standing.ts'
import { Starts } from './starts.ts'
import type { CreatePeer } from './webrtc-peer.ts'

/** What carries a link: a connection of its own, or the signaling service. */
export type Path = 'direct' | 'relayed'

/** What of signaling's messages concerns links. */
export type LinkMessage = Extract<
  FromSignaling,
  { type: 'signal' | 'relay' | 'pause' | 'joined' | 'peer-joined' | 'peer-left' }
>

export type ConnectorOptions = SealOptions & {
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
const GARBLED =
  'what signaling brought from it did not open: it was changed, or sealed by another token'

export class Connector {
  readonly #options: ConnectorOptions
  readonly #standings = new Standings()
  readonly #starts: Starts
  readonly #envelopes: SealedEnvelopes
  readonly #detours: Detours
  readonly #traffic: RelayTraffic
  /** Whether signaling carries relayed links, as it said last. */
  #canRelay = false
  #isClosed = false

  constructor(options: ConnectorOptions) {
    this.#options = options
    this.#starts = new Starts(options.timers)
    this.#envelopes = new SealedEnvelopes(options)
    this.#detours = new Detours(options.timers)
    this.#traffic = new RelayTraffic(options.timers)
  }

  get canRelay(): boolean {
    return this.#canRelay
  }

  /** Envelopes that were sealed under another key, for other eyes, or held no signal. */
  get unreadableEnvelopes(): number {
    return this.#envelopes.unreadable
  }

  /** Starts an attempt, unless there is one already, or an open link. */
  connect(peer: PeerId): void {
    if (this.#isClosed || !isNothing(this.#standings.with(peer))) return
    if (this.#canRelay && this.#detours.has(peer)) this.#propose(peer)
    else this.#attempt(peer)
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

  /** Signaling brought an envelope. */
  receive(from: PeerId, id: string, box: string): void {
    if (this.#isClosed) return
    const envelope = this.#envelopes.open(from, id, box)
    if (envelope === null) {
      if (this.#envelopes.unreadable === 1) this.#options.onTampered(from, 'envelope')
      return
    }
    const { count, signal } = envelope
    if (signal.type === 'relay') return this.#receiveRelay(from, id, signal)
    if (signal.type === 'offer') this.#receiveOffer(from, id)
    const attempt = namedIn(this.#standings.with(from), id)
    if (attempt?.path === 'direct') attempt.receive(count, signal)
  }

  /** Says again what attempts in progress have said: for a signaling socket that is open anew. */
  repeatSignals(): void {
    for (const { direct, relay } of this.#standings.all) {
      direct?.repeat()
      relay?.repeat()
    }
  }

  /** No relayed link goes on without a socket; for those that come back in time it is a pause. */
  signalingLost(): void {
    for (const { link } of this.#standings.all) if (link?.path === 'relayed') link.mute()
  }

  /** Ends link and attempt alike. */
  disconnect(peer: PeerId, reason: string): void {
    const { direct, relay, link } = this.#standings.clear(peer)
    this.#detours.rest(peer)
    direct?.end(reason)
    relay?.end(reason)
    link?.end(reason)
  }

  close(): void {
    this.#isClosed = true
    for (const peer of this.#standings.peers) this.disconnect(peer, 'closed')
  }

  #newId(): string {
    return toBase64Url(this.#options.random(ATTEMPT_ID_BYTES))
  }

  // --- direct paths ---

  #attempt(peer: PeerId): void {
    const attempt = this.#addDirect(peer, this.#newId(), true)
    // Not called off when the attempt opens: a proposal is nothing to a peer that has a link.
    this.#options.timers.after(RELAY_PATIENCE_MS, () => {
      if (this.#standings.with(peer).direct === attempt) this.#propose(peer)
    })
  }

  /** An offer that stands is answered by an attempt of its name. */
  #receiveOffer(from: PeerId, id: string): void {
    const standing = this.#standings.with(from)
    if (namedIn(standing, id) !== undefined) return
    if (this.#standings.isPast(id) || this.#starts.isFull) return
    const own = standing.direct
    if (own !== null) {
      // Both offered at once: the lower id's offer stands, and each side knows it.
      if (own.isOffering && this.#options.self < from) return
      this.#standings.change(from, { direct: null })
      own.end('replaced')
    }
    this.#addDirect(from, id, false)
  }

  #addDirect(peer: PeerId, id: string, initiator: boolean): Attempt {
    const { createPeer, sendSignal, timers } = this.#options
    const attempt: Attempt = new Attempt({
      id,
      initiator,
      timers,
      createPeer: () => createPeer({ initiator }),
      send: (text) => sendSignal(peer, id, this.#envelopes.seal(peer, id, text)),
      onOpen: (link) => this.#directOpened(peer, attempt, link),
      onEnd: (reason) => this.#directEnded(peer, attempt, reason),
    })
    this.#standings.change(peer, { direct: attempt })
    this.#starts.add(attempt)
    return attempt
  }

  #directOpened(peer: PeerId, attempt: Attempt, link: Link): void {
    const before = this.#standings.change(peer, { direct: null, relay: null, link: attempt })
    this.#detours.forget(peer)
    this.#options.onLink(peer, link, 'direct')
    before.relay?.end('replaced')
    before.link?.end('replaced')
    this.#starts.delete(attempt)
  }

  #directEnded(peer: PeerId, attempt: Attempt, reason: string): void {
    this.#standings.remember(attempt.id)
    const { direct, link } = this.#standings.with(peer)
    if (link === attempt) this.#standings.change(peer, { link: null })
    if (direct === attempt) this.#directFailed(peer, reason)
    this.#starts.delete(attempt)
  }

  #directFailed(peer: PeerId, reason: string): void {
    const { link } = this.#standings.change(peer, { direct: null })
    this.#detours.found(peer)
    if (link === null) this.#propose(peer)
    else this.#tryDirectLater(peer)
    this.#tellIfCutOff(peer, reason)
  }

  #tellIfCutOff(peer: PeerId, reason: string): void {
    if (!isNothing(this.#standings.with(peer))) return
    const isGarbled = this.#envelopes.drainGarbled(peer)
    this.#options.onFailed(peer, isGarbled ? `${reason}; ${GARBLED}` : reason)
  }

  // --- relayed links ---

  /** Signaling has let this page in, and says whether it relays. */
  #signalingJoined(canRelay: boolean): void {
    this.#canRelay = canRelay
    for (const peer of this.#standings.peers) this.#proposeAnew(peer)
  }

  #peerJoined(peer: PeerId): void {
    this.#standings.with(peer).relay?.repeat()
    this.#proposeAnew(peer)
  }

  /** A peer's socket to signaling has closed, perhaps for a moment only, or its peer said goodbye. */
  #peerLeft(peer: PeerId, why: 'closed' | 'bye'): void {
    const { link } = this.#standings.with(peer)
    if (why === 'bye') this.#detours.forget(peer)
    if (link?.path !== 'relayed') return
    if (why === 'bye') link.end('left')
    else link.mute()
  }

  /** A box of a relayed link. One of a link that is no more is dropped. */
  #receiveBox(from: PeerId, session: string, box: string): void {
    const { relay, link } = this.#standings.with(from)
    relay?.receiveBox(session, box)
    if (link?.path === 'relayed') link.receiveBox(session, box)
  }

  /** A relayed link that lost its socket is proposed anew; one that works is not. */
  #proposeAnew(peer: PeerId): void {
    if (this.#standings.with(peer).link !== null) this.#propose(peer)
  }

  /** Asks for a link through signaling, where there is none that works. */
  #propose(peer: PeerId): void {
    const { relay, link } = this.#standings.with(peer)
    const isLinked = link?.isOpen === true
    if (isLinked || relay !== null) return
    if (this.#canRelay && !this.#isClosed) this.#addRelay(peer, this.#newId(), true)
  }

  #receiveRelay(from: PeerId, id: string, signal: RelaySignal): void {
    const own = this.#standings.with(from).relay
    if (own?.id === id) return own.receive(signal)
    if (this.#whyNotAccept(from, id, signal) !== null) return
    this.#standings.change(from, { relay: null })
    own?.end('replaced')
    this.#addRelay(from, id, false)
  }

  /** Why a proposal of a relayed link does not stand; null for one that does. */
  #whyNotAccept(from: PeerId, id: string, { nonce }: RelaySignal): string | null {
    if (nonce !== null) return 'it answers what was not asked'
    if (!this.#canRelay) return 'signaling does not relay here'
    if (this.#standings.isPast(id)) return 'it was made before'
    const standing = this.#standings.with(from)
    if (namedIn(standing, id) !== undefined) return 'it was accepted before'
    const proposed = this.#standings.all.filter(({ relay }) => relay !== null)
    if (proposed.length >= ATTEMPTS_MAX) return 'there are too many'
    const isCrossing = standing.relay?.initiator === true
    if (isCrossing && this.#options.self < from)
      return "both proposed at once: the lower id's stands"
    return null
  }

  #addRelay(peer: PeerId, id: string, initiator: boolean): void {
    const { key, random, self, sendSignal, sendBox, timers, topic } = this.#options
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
      send: (text) => sendSignal(peer, id, this.#envelopes.seal(peer, id, text)),
      sendBox: (session, box) => sendBox(peer, session, box),
      onOpen: (link) => this.#relayOpened(peer, relay, link),
      onEnd: (reason) => this.#relayEnded(peer, relay, reason),
    })
    this.#standings.change(peer, { relay })
  }

  #relayOpened(peer: PeerId, relay: RelayAttempt, link: Link): void {
    const before = this.#standings.change(peer, { relay: null, link: relay })
    this.#options.onLink(peer, link, 'relayed')
    before.link?.end('replaced')
    this.#tryDirectLater(peer)
  }

  #relayEnded(peer: PeerId, ended: RelayAttempt, reason: string): void {
    this.#standings.remember(ended.id)
    const { relay, link } = this.#standings.with(peer)
    if (link === ended) this.#standings.change(peer, { link: null })
    if (reason === TAMPERED) this.#options.onTampered(peer, 'link')
    if (relay !== ended) return
    this.#standings.change(peer, { relay: null })
    this.#detours.forget(peer) // nothing comes of it: the next attempt is a direct one
    this.#tellIfCutOff(peer, reason)
  }

  /** Who proposed the relayed link looks for a direct path, now and then. */
  #tryDirectLater(peer: PeerId): void {
    if (!this.#seeksDirect(peer)) return
    this.#detours.afterwards(peer, () => {
      if (this.#seeksDirect(peer)) this.#addDirect(peer, this.#newId(), true)
    })
  }

  #seeksDirect(peer: PeerId): boolean {
    const { direct, link } = this.#standings.with(peer)
    return direct === null && link?.path === 'relayed' && link.initiator
  }
}
