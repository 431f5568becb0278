// Owns the two ends of a fetch. The source sends a copy in parts, a few ahead of what the other end
// has confirmed; that end puts them together. Frames come in, frames go out.

import { SNAPSHOT_PARTS_AHEAD } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { PeerId } from '../protocol/ids.ts'
import { SnapshotReader, type Fetched } from './snapshot-reader.ts'

export type PartFrame = Extract<FrameBody, { type: 'part' }>

type Transfer = { readonly request: number; readonly parts: readonly Uint8Array[]; sent: number }

/** The source's end: one transfer a peer; a new request replaces the one before. */
export class Sources {
  readonly #transferByPeer = new Map<PeerId, Transfer>()

  /** Answers the first parts. */
  start(peer: PeerId, request: number, parts: readonly Uint8Array[]): PartFrame[] {
    const transfer: Transfer = { request, parts, sent: 0 }
    this.#transferByPeer.set(peer, transfer)
    return this.#sendUpTo(peer, transfer, SNAPSHOT_PARTS_AHEAD)
  }

  /** A part has arrived: the next one may go. */
  confirmed(peer: PeerId, request: number, number: number): PartFrame[] {
    const transfer = this.#transferByPeer.get(peer)
    if (transfer === undefined || transfer.request !== request) return []
    if (number >= transfer.sent) return []
    return this.#sendUpTo(peer, transfer, number + 1 + SNAPSHOT_PARTS_AHEAD)
  }

  drop(peer: PeerId): void {
    this.#transferByPeer.delete(peer)
  }

  #sendUpTo(peer: PeerId, transfer: Transfer, limit: number): PartFrame[] {
    const { request, parts } = transfer
    const frames: PartFrame[] = []
    for (; transfer.sent < Math.min(limit, parts.length); transfer.sent++) {
      const number = transfer.sent
      const last = number === parts.length - 1
      frames.push({ type: 'part', request, number, last, bytes: parts[number]! })
    }
    if (transfer.sent === parts.length) this.#transferByPeer.delete(peer)
    return frames
  }
}

/** The asker's end of one fetch. */
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
  add(part: PartFrame): Result<Fetched | null> {
    if (part.number !== this.#expected)
      return fail(`part ${part.number} in the place of ${this.#expected}`)
    this.#expected++
    const added = this.#reader.add(part.bytes)
    if (!added.ok) return added
    return part.last ? this.#reader.finish() : ok(null)
  }
}
