// Owns how a peer stands with the host that it follows: greeting, welcomed, live; and which answers
// belong to the present connection. It does not know what is said.

import { HELLO_TIMEOUT_MS } from '../protocol/limits.ts'
import type { Claim, Index, PeerId } from '../protocol/ids.ts'

type State =
  | { readonly status: 'idle' }
  /** A host is known; the hello goes out as soon as there is a link. */
  | { readonly status: 'unlinked'; readonly claim: Claim }
  | { readonly status: 'greeting'; readonly claim: Claim; readonly againAtMs: number }
  /** Welcomed; entries up to `head` are on their way. */
  | { readonly status: 'catching-up'; readonly claim: Claim; readonly head: Index }
  | { readonly status: 'live'; readonly claim: Claim }

export class Following {
  #state: State = { status: 'idle' }
  #nonce = 0

  /** The reign that is followed; null before the first. */
  get claim(): Claim | null {
    return this.#state.status === 'idle' ? null : this.#state.claim
  }

  get host(): PeerId | null {
    return this.claim?.host ?? null
  }

  /** Of the present connection, or of the last one. */
  get nonce(): number {
    return this.#nonce
  }

  get isLive(): boolean {
    return this.#state.status === 'live'
  }

  /** The host has welcomed this peer: its entries count. */
  get isWelcomed(): boolean {
    return this.#state.status === 'catching-up' || this.#state.status === 'live'
  }

  /** When to repeat a hello that has no answer. */
  get againAtMs(): number {
    return this.#state.status === 'greeting' ? this.#state.againAtMs : Infinity
  }

  begin(claim: Claim): void {
    this.#state = { status: 'unlinked', claim }
  }

  unlinked(): void {
    if (this.#state.status !== 'idle') this.begin(this.#state.claim)
  }

  /** A new connection, whose hello goes out now. */
  greet(claim: Claim, nowMs: number): void {
    this.#nonce++
    this.#state = { status: 'greeting', claim, againAtMs: nowMs + HELLO_TIMEOUT_MS }
  }

  /** The next tick says another hello. */
  greetAgain(claim: Claim): void {
    this.#state = { status: 'greeting', claim, againAtMs: 0 }
  }

  /** Whether an answer is to the hello of the present connection. */
  isAnswered(nonce: number): boolean {
    return (this.isWelcomed || this.#state.status === 'greeting') && nonce === this.#nonce
  }

  welcomed(claim: Claim, head: Index): void {
    this.#state = { status: 'catching-up', claim, head }
  }

  /** The app was told of all up to here; true if that makes the peer live. */
  reached(index: Index): boolean {
    const state = this.#state
    if (state.status !== 'catching-up' || index < state.head) return false
    this.#state = { status: 'live', claim: state.claim }
    return true
  }

  /** Whether an answer is to a frame that was sent live on the present connection. */
  isCurrent(nonce: number): boolean {
    return this.isLive && nonce === this.#nonce
  }
}
