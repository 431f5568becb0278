// Owns the batches that bring a stored copy from one moment of a replica to a later one. It looks at the replica, and
// orders a batch when it is asked for one. It knows no disk and no clock: when to ask is its caller's. [PE11]

import { assert } from '../protocol/errors.ts'
import { LIVES_MAX } from '../protocol/limits.ts'
import type { Index, PeerId } from '../protocol/ids.ts'
import type { Write } from '../storage/store.ts'
import { emptyNotes, type CopyNotes, type StreamNote } from './copy-notes.ts'
import { deleteAllIn, type CopyPlaces, type GenerationPlaces } from './copy-places.ts'
import { foldCodec, put, putHead } from './copy-records.ts'
import type { Engine } from './engine.ts'
import type { Replica } from './replica.ts'
import { authorChanges, reignChanges } from './row-records.ts'
import { streamChange } from './stream-records.ts'
import { tailChange } from './tail-records.ts'
import { Unwritten } from './unwritten.ts'

/** A batch of a generation that the head does not name yet ends above this size. */
const BATCH_BYTES = 4 * 1024 * 1024

/** What is stored beside the replica. */
export type Beside = {
  /** Up to here the log is known to be stable. */
  readonly stable: Index
  /** Ids of earlier lives, and of this one as the last. */
  readonly lives: readonly PeerId[]
}

/** What a batch makes of the streams. */
type Streams = {
  readonly writes: readonly Write[]
  readonly noteByKey: ReadonlyMap<string, StreamNote>
  readonly messages: number
  /** Whether this is all of them: else another batch goes on. */
  readonly isAll: boolean
}

export class CopyWriter {
  readonly #replica: Replica
  readonly #places: CopyPlaces
  readonly #batchBytes: number
  /** What lies on the disk. */
  #notes: CopyNotes
  /** Whether a head lies there, of whichever generation. Records without any are a damaged copy. */
  #hasHead: boolean
  #unwritten: Unwritten
  /** Since then the log and the streams were added to alone. */
  #replacements: number
  /** What is to be noted once the batch on its way is written; null where none is. */
  #onceWritten: (() => void) | null = null

  /** `notes`: of the copy that the replica was made of, or empty ones. */
  constructor(
    replica: Replica,
    places: CopyPlaces,
    notes = emptyNotes(1),
    batchBytes = BATCH_BYTES,
  ) {
    this.#batchBytes = batchBytes
    this.#replica = replica
    this.#places = places
    this.#notes = notes
    this.#hasHead = notes.isWhole || notes.generation > 1
    this.#replacements = replica.replacements
    this.#unwritten = new Unwritten(notes.index, !notes.isWhole)
  }

  /** Bytes that came since the last batch, about. */
  get unwrittenBytes(): number {
    return this.#unwritten.bytes
  }

  /** What there is to write. Relays alone may wait longer. */
  get due(): 'nothing' | 'relays' | 'messages' {
    if (!this.#isReady) return 'nothing'
    if (this.#isReplaced || this.#unwritten.hasMoreThanRelays) return 'messages'
    return this.#unwritten.isNothing ? 'nothing' : 'relays'
  }

  /** Whether a batch has begun what the next ones go on with. */
  get isAmidst(): boolean {
    return this.#notes.isBegun && !this.#notes.isWhole
  }

  /** Whether something that took space is gone since. */
  get hasFolded(): boolean {
    return this.#unwritten.hasFolded
  }

  /** The last entry that is on the disk; 0 where no copy is. */
  get writtenUpTo(): Index {
    return this.#notes.index
  }

  /** After each input. */
  look(): void {
    if (this.#isReady) this.#unwritten.look(this.#replica.log)
  }

  /** The next batch; null where there is nothing to write, or one is on its way. */
  order(beside: Beside): readonly Write[] | null {
    this.look()
    if (this.#onceWritten !== null || this.due === 'nothing') return null
    if (this.#isReplaced) this.#beginAnew()
    const { engine } = this.#replica
    assert(engine !== null, 'a copy has streams')
    const places = this.#places.generation(this.#notes.generation)
    const streams = this.#orderStreams(engine, places)
    return streams.isAll
      ? this.#orderMoment(engine, streams, beside, places)
      : this.#orderPart(streams, places)
  }

  /** The same, behind a batch that is on its way and taken to succeed: nobody will be there to hear of it. */
  orderLast(beside: Beside): readonly Write[] | null {
    if (this.#onceWritten !== null) this.written()
    return this.order(beside)
  }

  /** The batch is on the disk. */
  written(): void {
    assert(this.#onceWritten !== null, 'a batch is on its way')
    this.#onceWritten()
    this.#onceWritten = null
  }

  /** Nothing of the batch is on the disk. */
  failed(): void {
    this.#onceWritten = null
    this.#unwritten.becomeAll()
  }

  /** A replica that awaits its streams leaves the copy from before on the disk. */
  get #isReady(): boolean {
    return this.#replica.complete && this.#replica.position !== null
  }

  /** Another log or other streams took the place of those on the disk. */
  get #isReplaced(): boolean {
    return this.#replica.replacements !== this.#replacements
  }

  #beginAnew(): void {
    this.#replacements = this.#replica.replacements
    this.#notes = emptyNotes(this.#notes.generation + 1, this.#notes.setAside)
    this.#unwritten.becomeAll()
  }

  #orderStreams(engine: Engine, places: GenerationPlaces): Streams {
    const { streamByKey, isWhole } = this.#notes
    const { isAll, keys } = this.#unwritten
    const writes: Write[] = []
    const noteByKey = new Map<string, StreamNote>()
    let messages = this.#notes.messages
    // A generation that counts is brought on at once, however much that is.
    let left = isWhole ? Infinity : this.#batchBytes
    for (const key of isAll ? engine.keys : keys) {
      if (left <= 0) return { writes, noteByKey, messages, isAll: false }
      const change = streamChange(engine, key, streamByKey.get(key), places, left)
      if (change === null) continue
      writes.push(...change.writes)
      noteByKey.set(key, change.note)
      messages += change.messages
      left -= bytesOf(change.writes)
      if (change.isCut) return { writes, noteByKey, messages, isAll: false }
    }
    return { writes, noteByKey, messages, isAll: true }
  }

  /** Of a generation that the head does not name yet. */
  #orderPart(streams: Streams, places: GenerationPlaces): readonly Write[] {
    const notes = this.#notes
    const isHeadless = !this.#hasHead
    this.#onceWritten = () => {
      this.#hasHead = true
      notes.isBegun = true
      noteStreams(notes, streams)
    }
    return [
      ...this.#clearOwn(places),
      ...(isHeadless ? [putHead(this.#places.head, null)] : []),
      ...streams.writes,
    ]
  }

  /** All of a moment, and the head, which says so. */
  #orderMoment(
    engine: Engine,
    streams: Streams,
    beside: Beside,
    places: GenerationPlaces,
  ): readonly Write[] {
    const notes = this.#notes
    const { log, history, ops, lastSeq, inSync, lacks } = this.#replica
    const folds = this.#replica.streams.folds ?? []
    const last = log.last
    const tail = tailChange(log, notes.tail, places)
    const rows = reignChanges(history, notes.reigns, places)
    const authors = authorChanges(ops, this.#unwritten, notes.authors, last, places)
    const head = putHead(this.#places.head, {
      generation: notes.generation,
      index: last,
      claim: history.latest!,
      lastSeq,
      stable: beside.stable,
      inSync,
      lacks,
      lives: beside.lives.slice(-LIVES_MAX),
      tailFrom: ((tail.pieces[0]?.after ?? last) + 1) as Index,
      reigns: rows.reigns.length,
      authors: authors.authors.size,
      folds: folds.length,
      keys: engine.keyCount,
      messages: streams.messages,
      bytes: engine.retainedBytes,
      setAside: notes.setAside,
    })
    this.#unwritten = new Unwritten(last, false)
    this.#onceWritten = () => {
      this.#hasHead = true
      noteStreams(notes, streams)
      notes.isBegun = true
      notes.isWhole = true
      notes.isAlone = true
      notes.index = last
      notes.tail = tail.pieces
      notes.reigns = rows.reigns
      notes.authors = authors.authors
    }
    // Folds change with the streams alone, and then a generation begins.
    const foldWrites = notes.isWhole
      ? []
      : folds.map(({ index, op }) => put(places.fold(index), foldCodec, [op]))
    return [
      ...this.#clearOwn(places),
      ...this.#clearOthers(),
      ...streams.writes,
      ...tail.writes,
      ...rows.writes,
      ...authors.writes,
      ...foldWrites,
      head,
    ]
  }

  /** A writer before this one may have begun this generation, and not have come to its end. */
  #clearOwn(places: GenerationPlaces): readonly Write[] {
    return this.#notes.isBegun ? [] : [deleteAllIn(places.start)]
  }

  #clearOthers(): readonly Write[] {
    const { isAlone, generation, setAside } = this.#notes
    if (isAlone) return []
    const kept = [generation, setAside].filter((number) => number > 0).sort((a, b) => a - b)
    const all = deleteAllIn(this.#places.generations)
    const between = kept.map((number) => deleteAllIn(this.#places.generation(number).start))
    return [...between, all].map(({ deleteFrom, to }, at) => ({
      deleteFrom: between[at - 1]?.to ?? all.deleteFrom,
      to: at === between.length ? to : deleteFrom,
    }))
  }
}

function noteStreams(notes: CopyNotes, { noteByKey, messages }: Streams): void {
  for (const [key, note] of noteByKey) notes.streamByKey.set(key, note)
  notes.messages = messages
}

function bytesOf(writes: readonly Write[]): number {
  return writes.reduce((sum, write) => sum + ('put' in write ? write.bytes.length : 0), 0)
}
