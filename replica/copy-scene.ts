// A stage for tests of stored copies: a room that lives by chance, and the disk on which its copies lie.

import type { Index, OpId, PeerId, Seq } from '../protocol/ids.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { assert } from '../protocol/errors.ts'
import type { CompactOp, Entry, MessageOp } from '../protocol/entry.ts'
import { ByteMap } from '../storage/byte-map.ts'
import type { Row, Write } from '../storage/store.ts'
import type { CopyNotes } from './copy-notes.ts'
import { CopyPlaces } from './copy-places.ts'
import { copyIn, type CopyFound, type ReadCopy } from './copy-reader.ts'
import { CopyWriter } from './copy-writer.ts'
import type { Replica } from './replica.ts'
import type { ReplicaState } from './replica-state.ts'
import { ReplicaWriter } from './replica-writer.ts'
import { snapshotFor } from './snapshot.ts'
import { SnapshotReader } from './snapshot-reader.ts'

export const PLACES = new CopyPlaces(Uint8Array.of(82, 1, 2, 3))
export const LIFE = peer('z')

/** Whole numbers below `n`, by chance. */
export type Chance = (n: number) => number

export class StoredRoom {
  readonly disk = new ByteMap()
  room: ReplicaWriter
  writer: CopyWriter
  /** What the disk shows, as the last batch that was whole left it. */
  shown: string | null = null
  stable = 0 as Index
  readonly #batchBytes: number
  #term = 0

  constructor(batchBytes?: number) {
    this.#batchBytes = batchBytes ?? Infinity
    this.room = ReplicaWriter.empty(true)
    this.writer = this.#writerFrom()
  }

  get replica(): Replica {
    return this.room.replica
  }

  get rows(): readonly Row[] {
    return this.disk.read(PLACES.start, PLACES.end)
  }

  get found(): CopyFound {
    return copyIn(this.rows, PLACES)
  }

  get copy(): ReadCopy {
    const { found } = this
    assert(found.type === 'copy', found.type === 'damaged' ? found.problem : found.type)
    return found.copy
  }

  // --- what happens in the room ---

  begins(host = 'h'): void {
    this.#term++
    this.#append({ type: 'reign', index: this.#next, claim: claimOf(this.#term, host), inSync: [] })
  }

  says(author: string, action: 'append' | 'replace' | 'relay', key: string, bytes: number): void {
    const seq = (this.replica.lastSeq + 1) as Seq
    const value = new Uint8Array(bytes).fill(seq)
    const op = { action, ...this.#name(author), key, value }
    if (this.#isRefused(op)) this.refuses(author)
    else this.#append({ type: 'message', index: this.#next, seq, op })
  }

  folds(author: string, key: string, seq: number, bytes: number): void {
    const basis = this.replica.position!.claim
    const value = new Uint8Array(bytes).fill(255 - (seq % 100))
    const op = {
      action: 'compact',
      ...this.#name(author),
      key,
      value,
      seq: seq as Seq,
      basis,
    } as const
    if (this.#isRefused(op)) this.refuses(author)
    else this.#append({ type: 'compaction', index: this.#next, op })
  }

  #isRefused(op: MessageOp | CompactOp): boolean {
    const { engine } = this.replica
    return engine !== null && engine.refusalOf(op) !== null
  }

  refuses(author: string): void {
    this.#append({ type: 'refusal', index: this.#next, ...this.#name(author), code: 'room-full' })
  }

  inSync(...standbys: readonly string[]): void {
    this.#append({ type: 'in-sync', index: this.#next, inSync: standbys.map(peer) })
  }

  /** A copy of this room takes its place: equal in all but how it came. */
  isCopied(): void {
    const reader = new SnapshotReader()
    for (const part of snapshotFor(this.replica, [], []).parts)
      assert(reader.add(part).ok, 'a part')
    const fetched = reader.finish()
    assert(fetched.ok && fetched.value.extent === 'whole', 'a whole copy')
    this.room.become(fetched.value.copy)
    this.writer.look()
  }

  /** Starts over behind a head, so that it lacks what came before. */
  startsOver(index: number, seq: number): void {
    const { history, ops } = this.replica
    const moments = { stable: this.stable, past: 0 as Index }
    this.room.startOver(index as Index, seq as Seq, history.reigns, ops.rows, moments)
    this.writer.look()
  }

  makesStreams(): void {
    this.room.makeStreams()
    this.writer.look()
  }

  #name(author: string): { readonly author: PeerId; readonly opId: OpId } {
    const name = author.length === 1 ? peer(author) : (author as PeerId)
    return { author: name, opId: ((this.replica.ops.last(name) ?? 0) + 1) as OpId }
  }

  get #next(): Index {
    return (this.replica.lastIndex + 1) as Index
  }

  #append(entry: Entry): void {
    this.room.append(entry)
    this.writer.look()
  }

  // --- its disk ---

  /** The next batch is ordered; null where there is none. */
  orders(): readonly Write[] | null {
    return this.writer.order({ stable: this.stable, lives: [LIFE] })
  }

  /** The next batch is ordered and written. */
  flushes(): boolean {
    const batch = this.orders()
    if (batch === null) return false
    this.isWritten(batch)
    return true
  }

  flushesAll(): void {
    while (this.flushes());
  }

  /** The same, where nobody asks what is shown: a long room takes long to show. */
  flushesUnseen(): void {
    for (let batch = this.orders(); batch !== null; batch = this.orders()) {
      this.disk.write(batch)
      this.writer.written()
    }
  }

  isWritten(batch: readonly Write[]): void {
    const namesMoment = batch.some(
      (write) =>
        'put' in write && write.put.length === PLACES.head.length && write.bytes.length > 9,
    )
    if (namesMoment) this.shown = shownBy(this.replica)
    this.disk.write(batch)
    this.writer.written()
  }

  /** The page goes, and another one comes back with what lies on the disk. */
  comesBack(): void {
    const { state, notes } = this.copy
    this.room = new ReplicaWriter(state)
    this.writer = this.#writerFrom(notes)
  }

  #writerFrom(notes?: CopyNotes): CopyWriter {
    return new CopyWriter(this.replica, PLACES, notes, this.#batchBytes)
  }
}

/** All of a replica but its tail, as a text. */
export function shownBy(replica: Replica | ReplicaState): string {
  const { history, ops, inSync, lastSeq, engine, lacks, log } = replica
  const folds = 'streams' in replica ? replica.streams.folds : replica.folds
  const streams = [...engine!.keys].toSorted().map((key) => [key, [...engine!.messages(key, 0)]])
  return JSON.stringify(
    [history.reigns, ops.rows, inSync, lastSeq, lacks, folds ?? [], log.last, streams],
    (_, value: unknown) => (value instanceof Uint8Array ? [value.length, value[0]] : value),
  )
}

/** What may happen in a room, by chance. */
export function livesOn(room: StoredRoom, chance: Chance): void {
  const [author, key] = ['abc'[chance(3)]!, ['k', 'l', ''][chance(3)]!]
  const bytes = chance(20) === 0 ? 3_000 + chance(3_000) : chance(60)
  const acts: readonly (() => void)[] = [
    () => room.says(author, 'append', key, bytes),
    () => room.says(author, 'append', key, bytes),
    () => room.says(author, 'append', key, bytes),
    () => room.says(author, 'relay', key, bytes),
    () => room.says(author, chance(4) === 0 ? 'replace' : 'append', key, bytes),
    () => room.folds(author, key, 1 + chance(room.replica.lastSeq + 1), chance(30)),
    () => (chance(5) === 0 ? room.begins('hgf'[chance(3)]) : room.inSync(author)),
    () => room.refuses(author),
  ]
  acts[chance(acts.length)]!()
}
