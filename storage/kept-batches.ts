// Owns what goes into the batches of one life: its outbox, and the copy where this tab is the one that writes it. It
// knows no store and no clock. [PE5 PE13]

import type { Claim, Index, PeerId } from '../protocol/ids.ts'
import type { StoredCopy } from '../replica/copy.ts'
import { emptyNotes, type CopyNotes } from '../replica/copy-notes.ts'
import type { CopyPlaces } from '../replica/copy-places.ts'
import { goesOnFrom, type CopyFound } from '../replica/copy-reader.ts'
import { CopyWriter } from '../replica/copy-writer.ts'
import type { Outboxes } from '../replica/outbox-reader.ts'
import { deleteOutboxes, OutboxWriter } from '../replica/outbox-writer.ts'
import type { Replica } from '../replica/replica.ts'
import type { Due } from './keeping.ts'
import { Lingering } from './lingering.ts'
import { putCard, type RoomCard } from './room-cards.ts'
import type { Place, Row, Write } from './store.ts'

/** What is kept: the peer of this page. */
export type Kept = {
  readonly life: PeerId
  readonly replica: Replica
  /** Null while there is nothing whole to store. */
  readonly copy: StoredCopy | null
  readonly outbox: Pick<StoredCopy, 'promised' | 'over'>
  /** Another number whenever the outbox has changed. */
  readonly outboxMark: number
  /** Somebody has a receipt once the copy is written. */
  readonly isAwaited: boolean
  /** What the list of rooms is to say of it now. */
  readonly card: RoomCard
}

/** What a store holds of the room. */
export type Read = { readonly rows: readonly Row[]; readonly found: CopyFound }

export type Batch = {
  readonly writes: readonly Write[]
  /** The place that is to be empty; undefined where no copy is written. */
  readonly unless: Place | undefined
  readonly written: () => void
  readonly failed: () => void
}

type Pen = { readonly fence: Place; readonly writer: CopyWriter }

export class KeptBatches {
  readonly #kept: Kept
  readonly #places: CopyPlaces
  #outbox: OutboxWriter
  #markOrdered: number | null = null
  /** Lives whose outboxes go with the next batch: this life has promised what they had. */
  #inherited: readonly PeerId[]
  readonly #lingering = new Lingering()
  #onWay: Batch | null = null
  /** Null where another tab writes the copy. */
  #pen: Pen | null = null
  /** To be written with the next batch of the copy. */
  #setAside: readonly Write[] = []

  constructor(kept: Kept, places: CopyPlaces, inherited: Outboxes) {
    this.#kept = kept
    this.#places = places
    this.#outbox = new OutboxWriter(kept.life, places, inherited.over)
    this.#inherited = [...inherited.promisedByLife.keys()]
  }

  get life(): PeerId {
    return this.#kept.life
  }

  /** Whether this tab writes the copy. */
  get writes(): boolean {
    return this.#pen !== null
  }

  /** Where the log ends that this tab has stored; null where it has stored none. */
  get written(): { readonly claim: Claim; readonly index: Index } | null {
    const claim = this.#kept.replica.history.latest
    if (this.#pen === null || claim === null) return null
    return { claim, index: this.storedUpTo }
  }

  /** Up to here the log is on the disk. */
  get storedUpTo(): Index {
    return this.#lingering.stored
  }

  /** After each input of the peer. */
  get due(): Due {
    const { isAwaited, outboxMark } = this.#kept
    const writer = this.#pen?.writer
    writer?.look()
    const isOutboxDue = outboxMark !== this.#markOrdered || this.#inherited.length > 0
    const ofCopy = writer?.due ?? 'nothing'
    return {
      what: isOutboxDue ? 'messages' : ofCopy,
      bytes: writer?.unwrittenBytes ?? 0,
      isRest: writer?.isAmidst ?? false,
      isAwaited: isAwaited && ofCopy !== 'nothing',
      wasFolded: writer?.hasFolded ?? false,
    }
  }

  /** From now on this tab writes the copy. `read`: what lies there. */
  takePen(fence: Place, read: Read): void {
    const { replica } = this.#kept
    const notes = this.#notesFor(read.found)
    this.#setAside = setAsideBy(read, this.#places)
    this.#pen = { fence, writer: new CopyWriter(replica, this.#places, notes) }
  }

  /** Another tab writes the copy from now on. */
  dropPen(): void {
    this.#pen = null
  }

  /** Nothing of what was written is there any more. */
  wasEmptied(): void {
    this.#outbox = new OutboxWriter(this.#kept.life, this.#places)
    this.#markOrdered = null
  }

  /** Another tab has stored a log that ends there. */
  wasStored(claim: Claim, index: Index): void {
    const end = this.#kept.replica.endOf(claim)
    if (end !== null && index <= end.index) this.#lingering.storedUpTo(index)
  }

  /** All that is due; null where nothing is. One batch is on its way at a time. */
  order(): Batch | null {
    const pen = this.#pen
    const outbox = this.#outbox
    const inherited = this.#inherited
    const { copy } = this.#kept
    const ofCopy = pen === null || copy === null ? null : pen.writer.order(copy)
    const writes = [
      ...(ofCopy === null ? [] : this.#setAside),
      ...(ofCopy === null ? [] : [...ofCopy, putCard(this.#kept.card)]),
      ...this.#orderOutbox(),
      ...deleteOutboxes(inherited, this.#places),
    ]
    const written = () => {
      this.#onWay = null
      outbox.written()
      this.#inherited = this.#inherited.filter((life) => !inherited.includes(life))
      if (pen === null || ofCopy === null) return
      pen.writer.written()
      this.#setAside = []
      this.#lingering.storedUpTo(pen.writer.writtenUpTo)
    }
    const failed = () => {
      this.#onWay = null
      this.#markOrdered = null
      outbox.failed()
      if (ofCopy !== null) pen?.writer.failed()
    }
    if (writes.length === 0) {
      written()
      return null
    }
    this.#onWay = { writes, unless: ofCopy === null ? undefined : pen?.fence, written, failed }
    return this.#onWay
  }

  /** The same behind a batch that is on its way, and taken to succeed: nobody will be there to hear of it. */
  orderLast(): Batch | null {
    this.#onWay?.written()
    return this.order()
  }

  wasWritten(batch: Batch): void {
    if (batch === this.#onWay) batch.written()
  }

  /** Nothing of it is on the disk. */
  hasFailed(batch: Batch): void {
    if (batch === this.#onWay) batch.failed()
  }

  #orderOutbox(): readonly Write[] {
    const { outbox, outboxMark, replica } = this.#kept
    this.#markOrdered = outboxMark
    return this.#outbox.order(this.#lingering.with(outbox.promised, replica.lastIndex), outbox.over)
  }

  #notesFor(found: CopyFound): CopyNotes {
    switch (found.type) {
      case 'copy': {
        const { notes } = found.copy
        if (goesOnFrom(found.copy, this.#kept.replica)) return notes
        return emptyNotes(notes.generation + 1, notes.setAside)
      }
      case 'damaged':
        return emptyNotes(found.generation + 1, found.generation)
      case 'none':
      case 'newer':
        return emptyNotes(1)
    }
  }
}

/** The head of a damaged copy is kept beside; its records stay where they are. [PE14] */
function setAsideBy({ rows, found }: Read, places: CopyPlaces): readonly Write[] {
  if (found.type !== 'damaged') return []
  const head = rows.find(([place]) => place.join() === places.head.join())
  return head === undefined ? [] : [{ put: places.setAside, bytes: head[1] }]
}
