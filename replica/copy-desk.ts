// Owns the answers to fetches: a copy for whoever asks, in its turn. Whose turn it is says the budget; how the parts of
// a copy travel is transfer.ts's. [LK12]

import type { PeerId } from '../protocol/ids.ts'
import { CopyBudget } from './copy-budget.ts'
import type { Replica } from './replica.ts'
import { snapshotFor } from './snapshot.ts'
import { Sources, type PartFrame } from './transfer.ts'
import type { FrameBody } from '../protocol/frames.ts'

export type FetchFrame = Extract<FrameBody, { type: 'fetch' }>
export type FetchAnswer = { readonly to: PeerId; readonly parts: readonly PartFrame[] }

export class CopyDesk {
  readonly #replica: Replica
  readonly #sources = new Sources()
  readonly #budget = new CopyBudget()
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
  confirmed(peer: PeerId, request: number, number: number): readonly PartFrame[] {
    return this.#sources.confirmed(peer, request, number)
  }

  /** Answers those whose turn has come. */
  ticked(nowMs: number): FetchAnswer[] {
    const answers: FetchAnswer[] = []
    for (const [peer, fetch] of this.#waitingByPeer) {
      if (!this.#budget.allows(peer, nowMs)) continue
      this.#waitingByPeer.delete(peer)
      answers.push({ to: peer, parts: this.#copy(peer, fetch, nowMs) })
    }
    return answers
  }

  drop(peer: PeerId): void {
    this.#waitingByPeer.delete(peer)
    this.#sources.drop(peer)
  }

  #copy(peer: PeerId, { request, ends, lacks }: FetchFrame, nowMs: number): PartFrame[] {
    const parts = snapshotFor(this.#replica, ends, lacks)
    const bytes = parts.reduce((sum, part) => sum + part.length, 0)
    this.#budget.spend(peer, bytes, nowMs)
    return this.#sources.start(peer, request, parts)
  }
}
