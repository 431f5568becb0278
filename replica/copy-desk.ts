// Owns the answers to fetches: a copy for whoever asks, in its turn. Whose turn it is says the budget; how the parts of
// a copy travel is transfer.ts's. [LK12]

import type { PeerId } from '../protocol/ids.ts'
import { CopyBudget } from './copy-budget.ts'
import type { Replica } from './replica.ts'
import { snapshotFor } from './snapshot.ts'
import { Sources, type PartFrame } from './transfer.ts'
import type { FrameBody } from '../protocol/frames.ts'

/** What it costs to look at an entry or a key, beside the bytes that are copied. */
const LOOK_BYTES = 16

export type FetchFrame = Extract<FrameBody, { type: 'fetch' }>
export type FetchAnswer = { readonly to: PeerId; readonly parts: readonly PartFrame[] }

export class CopyDesk {
  readonly #replica: Replica
  readonly #sources = new Sources()
  readonly #budget = new CopyBudget()
  /** Of the frame or tick that is answered. */
  #nowMs = 0
  /** One fetch of each peer for which too much was copied of late: the newest. */
  readonly #waitingByPeer = new Map<PeerId, FetchFrame>()

  constructor(replica: Replica) {
    this.#replica = replica
  }

  /** The first parts, or nothing for now. A new request of a peer replaces the one before. */
  asked(peer: PeerId, fetch: FetchFrame, nowMs: number): readonly PartFrame[] {
    this.drop(peer)
    if (this.#budget.allows(peer, nowMs)) return this.#copy(peer, fetch, nowMs)
    this.#waitingByPeer.set(peer, fetch)
    return []
  }

  /** A part has arrived: the next one may go. */
  confirmed(peer: PeerId, request: number, number: number, nowMs: number): readonly PartFrame[] {
    this.#nowMs = nowMs
    return this.#sources.confirmed(peer, request, number)
  }

  /** Answers the first one whose turn has come; null where there is none. The others come at the next ticks. */
  ticked(nowMs: number): FetchAnswer | null {
    for (const [peer, fetch] of this.#waitingByPeer) {
      if (!this.#budget.allows(peer, nowMs)) continue
      this.#waitingByPeer.delete(peer)
      return { to: peer, parts: this.#copy(peer, fetch, nowMs) }
    }
    return null
  }

  drop(peer: PeerId): void {
    this.#waitingByPeer.delete(peer)
    this.#sources.drop(peer)
  }

  #copy(peer: PeerId, { request, ends, lacks }: FetchFrame, nowMs: number): PartFrame[] {
    this.#nowMs = nowMs
    const { parts, looks } = snapshotFor(this.#replica, ends, lacks)
    this.#budget.spend(peer, looks * LOOK_BYTES, nowMs)
    return this.#sources.start(peer, request, this.#paidBy(peer, parts))
  }

  /** Each part is paid for when it is made. */
  *#paidBy(peer: PeerId, parts: Iterable<Uint8Array>): Generator<Uint8Array, undefined> {
    for (const part of parts) {
      this.#budget.spendMore(peer, part.length, this.#nowMs)
      yield part
    }
  }
}
