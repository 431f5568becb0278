// Owns how a host that wants to go passes the room on: for a moment it awaits a successor, and asks
// that peer once. On the other side: which host has handed the room to this peer. [MG1]

import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'

type State =
  | { readonly status: 'staying' }
  /** A peer that may lead and lacks the streams has a moment to get them. [MG1a] */
  | { readonly status: 'awaiting a successor'; readonly untilMs: number }
  | { readonly status: 'handing over' }

/** `successor`: who would lead next. `heirs`: how many could, once they have the streams. */
export type Successors = { readonly successor: PeerId | null; readonly heirs: number }

export type Retiring =
  | { readonly type: 'nothing' }
  | { readonly type: 'hand over'; readonly to: PeerId }
  /** There is nobody to take the room. */
  | { readonly type: 'alone' }

export class Retirement {
  #state: State = { status: 'staying' }
  #predecessor: PeerId | null = null

  /** The host wants to go. */
  begin(nowMs: number): void {
    this.#state = { status: 'awaiting a successor', untilMs: nowMs + HANDOVER_TIMEOUT_MS }
  }

  /** What is due now; a hand-over once. */
  next({ successor, heirs }: Successors, nowMs: number): Retiring {
    if (this.#state.status !== 'awaiting a successor') return { type: 'nothing' }
    if (heirs === 0 || nowMs >= this.#state.untilMs) return { type: 'alone' }
    if (successor === null) return { type: 'nothing' }
    this.#state = { status: 'handing over' }
    return { type: 'hand over', to: successor }
  }

  get isUnderWay(): boolean {
    return this.#state.status !== 'staying'
  }

  end(): void {
    this.#state = { status: 'staying' }
  }

  /** The host asked this peer to lead. It has told all that it had, and may stand still by now. */
  handedOverBy(host: PeerId): void {
    this.#predecessor = host
  }

  /** Who handed over to this peer. */
  get predecessor(): PeerId | null {
    return this.#predecessor
  }

  /** This peer leads by now, or tries to. */
  forgetPredecessor(): void {
    this.#predecessor = null
  }
}
