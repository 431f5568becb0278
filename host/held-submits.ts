// Owns what was submitted and is not ordered yet: in order, and of each follower no more than an honest one has on its
// way. It does not know why it is held. [MG1d]

import { WINDOW_BYTES_MAX, WINDOW_OPS_MAX } from '../protocol/limits.ts'
import { payloadBytes, withOwnValue } from '../protocol/entry.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { PeerId } from '../protocol/ids.ts'

export type Submit = Extract<FrameBody, { type: 'submit' }>
type Held = { readonly from: PeerId; readonly submit: Submit }
type Load = { readonly ops: number; readonly bytes: number }

const NOTHING: Load = { ops: 0, bytes: 0 }

export class HeldSubmits {
  #held: Held[] = []
  readonly #loadByPeer = new Map<PeerId, Load>()

  get isEmpty(): boolean {
    return this.#held.length === 0
  }

  /** Keeps a frame, unless what is held of its sender is a full window already. */
  add(from: PeerId, submit: Submit): void {
    const { ops, bytes } = this.#loadByPeer.get(from) ?? NOTHING
    if (ops >= WINDOW_OPS_MAX || bytes >= WINDOW_BYTES_MAX) return
    const more = submit.ops.reduce((sum, op) => sum + payloadBytes(op), 0)
    this.#loadByPeer.set(from, { ops: ops + submit.ops.length, bytes: bytes + more })
    this.#held.push({ from, submit: { ...submit, ops: submit.ops.map(withOwnValue) } })
  }

  /** A peer is gone, or greets anew: it submits again what counts. */
  drop(peer: PeerId): void {
    if (this.#loadByPeer.delete(peer)) this.#held = this.#held.filter(({ from }) => from !== peer)
  }

  /** Empties what is held. */
  drain(): readonly Held[] {
    const held = this.#held
    this.#held = []
    this.#loadByPeer.clear()
    return held
  }
}
