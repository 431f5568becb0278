// Owns one attempt at a relayed link to one peer, from the proposal to its end. Both sides name the session: the one
// that proposes by the attempt's id, the one that accepts by a nonce; so a recording opens nothing. [SG5]
//
//   proposer                             accepter
//   { type: 'relay', nonce: null }  ->
//                                   <-  { type: 'relay', nonce }
//   link is open; first box         ->  link is open

import { toBase64Url } from '../protocol/base64url.ts'
import { encodeEnvelope, type RelaySignal } from './envelope.ts'
import { RELAY_GRACE_MS, RELAY_TIMEOUT_MS } from './link-limits.ts'
import type { Link } from './link.ts'
import { RelayedLink, type RelayedLinkOptions } from './relayed-link.ts'

export type RelayAttemptOptions = Omit<RelayedLinkOptions, 'session' | 'sendBox'> & {
  readonly id: string
  readonly initiator: boolean
  /** Brings a text of ours to the other side's `receive`. */
  readonly send: (text: string) => void
  readonly sendBox: (session: string, box: string) => void
  readonly onOpen: (link: Link) => void
}

const NONCE_BYTES = 12

export class RelayAttempt {
  readonly path = 'relayed'
  readonly id: string
  readonly initiator: boolean
  readonly #options: RelayAttemptOptions
  readonly #said: RelaySignal
  /** Number of the last envelope of this side. */
  #sent = 0
  #relayed: RelayedLink | null = null
  #cancelTimer: () => void
  /** `mute`: open for its owner, but the socket that carried it is gone; another session may follow in time. */
  #status: 'asking' | 'open' | 'mute' | 'ended' = 'asking'
  #endReason: string | null = null

  constructor(options: RelayAttemptOptions) {
    const { id, initiator, random, timers } = options
    this.id = id
    this.initiator = initiator
    this.#options = options
    this.#said = { type: 'relay', nonce: initiator ? null : toBase64Url(random(NONCE_BYTES)) }
    this.#cancelTimer = timers.after(RELAY_TIMEOUT_MS, () => this.end('timeout'))
    if (this.#said.nonce !== null) this.#prepare(this.#said.nonce)
    this.repeat()
  }

  get isOpen(): boolean {
    return this.#status === 'open'
  }

  /** The other side's word: the answer to a proposal, or a proposal once more, whose answer was lost. */
  receive({ nonce }: RelaySignal): void {
    if (this.#status !== 'asking') return
    if (!this.initiator) return this.repeat()
    if (nonce === null) return
    const relayed = this.#prepare(nonce)
    relayed.greet()
    this.#opened(relayed)
  }

  /** A box, perhaps of another session: that is dropped. */
  receiveBox(session: string, box: string): void {
    const relayed = this.#relayed
    if (relayed?.session !== session) return
    relayed.receive(box)
    if (this.#status === 'asking' && relayed.isOpen) this.#opened(relayed)
  }

  /** Says again what was said, for a signaling socket that is open anew. */
  repeat(): void {
    if (this.#status !== 'asking') return
    this.#sent++
    this.#options.send(encodeEnvelope({ count: this.#sent, signal: this.#said }))
  }

  /**
   * A socket that carries the link is gone. The link's owner is told after a while, unless another link has replaced
   * it by then.
   */
  mute(): void {
    if (this.#status !== 'open') return
    this.#status = 'mute'
    this.#relayed?.mute()
    this.#cancelTimer = this.#options.timers.after(RELAY_GRACE_MS, () => this.end('signaling lost'))
  }

  end(reason: string): void {
    if (this.#status === 'ended') return
    this.#endReason = reason
    if (this.#relayed === null) this.#ended(reason)
    else if (reason === 'replaced') this.#relayed.replaced()
    else this.#relayed.link.close(reason)
  }

  #prepare(nonce: string): RelayedLink {
    const session = this.id + nonce
    const relayed = new RelayedLink({
      ...this.#options,
      session,
      sendBox: (box) => this.#options.sendBox(session, box),
      onEnd: (reason) => this.#ended(this.#endReason ?? reason),
    })
    this.#relayed = relayed
    return relayed
  }

  #opened({ link }: RelayedLink): void {
    this.#cancelTimer()
    this.#status = 'open'
    this.#options.onOpen(link)
  }

  #ended(reason: string): void {
    this.#cancelTimer()
    this.#status = 'ended'
    this.#options.onEnd(reason)
  }
}
