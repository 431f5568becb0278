// Owns the two ends of a fetch. The source sends a copy in parts, a few ahead of what the other end
// has confirmed; that end puts them together. Frames come in, frames go out.

import { SNAPSHOT_PARTS_AHEAD } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { FrameBody } from '../protocol/frames.ts'
import type { PeerId } from '../protocol/ids.ts'
import { SnapshotReader, type Fetched } from './snapshot-reader.ts'

export type PartFrame = Extract<FrameBody, { type: 'part' }>

type Transfer = {
  readonly request: number
  readonly parts: Iterator<Uint8Array, undefined>
  /** The part that goes next: whether a part is the last one shows once there is no other. */
  next: Uint8Array | undefined
  sent: number
}

/** Parts made for one frame of the asker: few, so that none holds the source up. [LK13] */
const PARTS_AT_ONCE = 2

/** The source's end: one transfer a peer; a new request replaces the one before. */
export class Sources {
  readonly #transferByPeer = new Map<PeerId, Transfer>()

  /** Answers the first parts. */
  start(peer: PeerId, request: number, parts: Iterator<Uint8Array, undefined>): PartFrame[] {
    const transfer: Transfer = { request, parts, next: parts.next().value, sent: 0 }
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
    const frames: PartFrame[] = []
    while (transfer.next !== undefined && transfer.sent < limit && frames.length < PARTS_AT_ONCE) {
      const { request, sent: number, next: bytes } = transfer
      transfer.next = transfer.parts.next().value
      frames.push({ type: 'part', request, number, last: transfer.next === undefined, bytes })
      transfer.sent++
    }
    if (transfer.next === undefined) this.#transferByPeer.delete(peer)
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
    if (part.number !== this.#expected) return fail(`part ${part.number}, not ${this.#expected}`)
    this.#expected++
    const added = this.#reader.add(part.bytes)
    if (!added.ok) return added
    return part.last ? this.#reader.finish() : ok(null)
  }
}
