// Owns the device of one user: what its pages have stored there outlives them. [PE11]

import { assert } from '../protocol/errors.ts'
import type { Index, PeerId } from '../protocol/ids.ts'
import type { OpenedCopy } from '../replica/copy.ts'
import { CopyPlaces } from '../replica/copy-places.ts'
import { copyIn } from '../replica/copy-reader.ts'
import type { Outboxes } from '../replica/outbox-reader.ts'
import { ByteMap } from '../storage/byte-map.ts'
import type { Batch, Read } from '../storage/kept-batches.ts'
import { copyFrom, inheritedFrom } from '../storage/opened-copy.ts'

/** Who stored it, and what moment it is of. */
export type Written = { readonly by: PeerId; readonly atMs: number }

/** What a page finds that is loaded. */
export type OnDisk = {
  /** Null where nothing was ever stored. */
  readonly copy: OpenedCopy | null
  readonly written: Written | null
  readonly outboxes: Outboxes
  readonly read: Read
}

/** A disk has one page at a time. */
const NOBODY: ReadonlySet<PeerId> = new Set()

export const PLACES = new CopyPlaces(Uint8Array.of(82))

export class Disk {
  readonly #map = new ByteMap()
  /** When each life had ordered a batch that ends there. */
  readonly #atMsByMoment = new Map<string, number>()
  #last: Written | null = null

  /** `end`: where the log of its writer ended then. */
  write({ writes }: Batch, written: Written, end: Index): void {
    this.#map.write(writes)
    this.#last = written
    this.#atMsByMoment.set(`${written.by} ${end}`, written.atMs)
  }

  open(): OnDisk {
    const rows = this.#map.read(PLACES.start, PLACES.end)
    const found = copyIn(rows, PLACES)
    assert(found.type !== 'damaged', found.type === 'damaged' ? found.problem : '')
    const read = { rows, found }
    const outboxes = inheritedFrom(read, NOBODY, PLACES)
    assert(outboxes.damaged === 0, 'what was written can be read')
    const copy = copyFrom(read, outboxes)
    const isEmpty = copy.state === null && copy.promised.length + copy.over.length === 0
    const written = isEmpty ? null : this.#writtenOf(read)
    return { copy: isEmpty ? null : copy, written, outboxes, read }
  }

  #writtenOf({ found }: Read): Written | null {
    if (found.type !== 'copy') return this.#last
    const by = found.copy.lives.at(-1)!
    return { by, atMs: this.#atMsByMoment.get(`${by} ${found.copy.state.log.last}`)! }
  }
}
