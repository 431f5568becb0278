// Owns fetching the streams for a peer that follows without them, or with fewer than its host has:
// one fetch at a time, part by part, into its replica.

import type { BodyOf, FrameBody } from '../protocol/frames.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import { Fetch } from '../replica/transfer.ts'

export type FetchStep =
  | { readonly status: 'under way'; readonly answer: FrameBody }
  /** The streams are in the replica. */
  | { readonly status: 'done' }
  /** The part is of a fetch that was given up. */
  | { readonly status: 'stale' }
  /** The source sent what no Baton sends. */
  | { readonly status: 'misled'; readonly what: string }

export class StreamFetch {
  #fetch: Fetch | null = null
  #requests = 0

  get isUnderWay(): boolean {
    return this.#fetch !== null
  }

  giveUp(): void {
    this.#fetch = null
  }

  /** What to ask the source. */
  start(source: PeerId): FrameBody {
    const request = ++this.#requests
    this.#fetch = new Fetch(source, request)
    return { type: 'fetch', request, ends: [], lacks: [] }
  }

  receive(part: BodyOf<'part'>, writer: ReplicaWriter): FetchStep {
    const { request, number } = part
    const fetch = this.#fetch
    if (fetch === null || fetch.request !== request) return { status: 'stale' }
    const added = fetch.add(part)
    if (!added.ok) return { status: 'misled', what: added.error }
    const fetched = added.value
    if (fetched === null)
      return { status: 'under way', answer: { type: 'part-taken', request, number } }
    this.#fetch = null
    const isAdopted = fetched.extent === 'whole' && writer.catchUp(fetched.copy)
    // Not adopted: entries that came since the copy was made are no longer kept.
    return isAdopted
      ? { status: 'done' }
      : { status: 'under way', answer: this.start(fetch.source) }
  }
}
