// Owns the two ends of a fetch: the source sends a copy in parts, a few ahead of what the taker has
// confirmed; the taker puts them together. Pure: frames in, frames out.

import { SNAPSHOT_PARTS_AHEAD } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { PeerId } from '../protocol/ids.ts'
import { SnapshotReader, type Fetched } from './snapshot.ts'

type PartFrame = Extract<FrameBody, { type: 'part' }>

type Transfer = { readonly request: number; readonly parts: readonly Uint8Array[]; sent: number }

/** The source's end: one transfer a peer; a new request replaces the one before. */
export class Sources {
  readonly #transferByPeer = new Map<PeerId, Transfer>()

  /** Starts a transfer and answers with its first parts. */
  start(peer: PeerId, request: number, parts: readonly Uint8Array[]): PartFrame[] {
    const transfer: Transfer = { request, parts, sent: 0 }
    this.#transferByPeer.set(peer, transfer)
    return this.#upTo(peer, transfer, SNAPSHOT_PARTS_AHEAD)
  }

  /** A part has arrived there: the next one may go. */
  taken(peer: PeerId, request: number, number: number): PartFrame[] {
    const transfer = this.#transferByPeer.get(peer)
    if (transfer === undefined || transfer.request !== request || number >= transfer.sent) return []
    return this.#upTo(peer, transfer, number + 1 + SNAPSHOT_PARTS_AHEAD)
  }

  drop(peer: PeerId): void {
    this.#transferByPeer.delete(peer)
  }

  #upTo(peer: PeerId, transfer: Transfer, limit: number): PartFrame[] {
    const frames: PartFrame[] = []
    for (; transfer.sent < Math.min(limit, transfer.parts.length); transfer.sent++) {
      const bytes = transfer.parts[transfer.sent]!
      frames.push({
        type: 'part',
        request: transfer.request,
        number: transfer.sent,
        last: transfer.sent === transfer.parts.length - 1,
        bytes,
      })
    }
    if (transfer.sent === transfer.parts.length) this.#transferByPeer.delete(peer)
    return frames
  }
}

/** The taker's end of one fetch. */
export class Fetch {
  readonly source: PeerId
  readonly request: number
  #expected = 0
  readonly #reader = new SnapshotReader()

  constructor(source: PeerId, request: number) {
    this.source = source
    this.request = request
  }

  /** Null while parts are missing. An error means that the source sent what no Baton sends. */
  take(part: PartFrame): Result<Fetched | null> {
    if (part.number !== this.#expected)
      return fail(`part ${part.number} in the place of ${this.#expected}`)
    this.#expected++
    const taken = this.#reader.take(part.bytes)
    if (!taken.ok) return taken
    return part.last ? this.#reader.finish() : ok(null)
  }
}
