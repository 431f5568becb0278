// Owns how a stored copy is put together again from its records, and what makes one that its writer cannot have written.
// Records come in the order of their places. [PE14]

import { FILL_ENTRIES_MAX, KEYS_MAX, RETAINED_BYTES_MAX } from '../protocol/limits.ts'
import { isPeerId, sameClaim, type Index, type PeerId } from '../protocol/ids.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Entry } from '../protocol/entry.ts'
import type { OpRow, ReignPlace } from '../protocol/frames.ts'
import type { Row } from '../storage/store.ts'
import { emptyNotes, type CopyNotes, type PieceNote } from './copy-notes.ts'
import { inGeneration, lastNumberIn, startsWith, textIn, type CopyPlaces } from './copy-places.ts'
import {
  authorCodec,
  foldCodec,
  read,
  readHead,
  reignCodec,
  tailCodec,
  type Head,
} from './copy-records.ts'
import type { CompleteState } from './former-copy.ts'
import { History } from './history.ts'
import { Log } from './log.ts'
import { OpTable } from './op-table.ts'
import type { Replica } from './replica.ts'
import { sameRuns } from './runs.ts'
import { StreamsReader } from './streams-reader.ts'
import type { Compaction } from './unite.ts'

export type ReadCopy = {
  readonly state: CompleteState
  readonly stable: Index
  readonly lives: readonly PeerId[]
  readonly notes: CopyNotes
}

export type CopyFound =
  | { readonly type: 'none' }
  | { readonly type: 'copy'; readonly copy: ReadCopy }
  /** A later form wrote it. Nothing of it is touched. */
  | { readonly type: 'newer' }
  /** `generation`: where it lies, or may lie. */
  | { readonly type: 'damaged'; readonly problem: string; readonly generation: number }

/** Whether a replica is what that copy became: then a writer goes on with what lies there. */
export function goesOnFrom({ state }: ReadCopy, replica: Replica): boolean {
  const { latest } = state.history
  const end = latest === null ? null : replica.endOf(latest)
  if (end === null || state.log.last > end.index) return false
  return sameRuns(state.lacks, replica.lacks)
}

/** What these rows of a room hold, all of one moment. Never throws, whatever the bytes. */
export function copyIn(rows: readonly Row[], places: CopyPlaces): CopyFound {
  const ofHead = rows.find(([place]) => isSamePlace(place, places.head))
  const ofCopy = rows.filter(([place]) => startsWith(place, places.generations))
  if (ofHead === undefined && ofCopy.length === 0) return { type: 'none' }
  const generation = latestOf(ofCopy, places)
  if (ofHead === undefined) return { type: 'damaged', problem: 'no head', generation }
  const head = readHead(...ofHead)
  if (!head.ok) return { type: 'damaged', problem: `the head: ${head.error}`, generation }
  if (head.value === 'newer') return { type: 'newer' }
  if (head.value === null) return { type: 'none' }
  const reader = new CopyReader(head.value, places)
  const copy = reader.read(ofCopy)
  if (copy.ok) return { type: 'copy', copy: copy.value }
  return { type: 'damaged', problem: copy.error, generation: head.value.generation }
}

class CopyReader {
  readonly #head: Head
  readonly #places: CopyPlaces
  readonly #reigns: ReignPlace[] = []
  readonly #rows: (OpRow & { readonly order: number })[] = []
  readonly #entries: Entry[] = []
  readonly #tail: PieceNote<Index>[] = []
  readonly #folds: Compaction[] = []
  readonly #streams = new StreamsReader()

  constructor(head: Head, places: CopyPlaces) {
    this.#head = head
    this.#places = places
  }

  read(rows: readonly Row[]): Result<ReadCopy> {
    try {
      return this.#read(rows)
    } catch (error) {
      return fail((error as Error).message)
    }
  }

  #read(rows: readonly Row[]): Result<ReadCopy> {
    for (const [place, record] of rows) {
      const { generation, area, rest } = inGeneration(place, this.#places.generations)
      if (generation !== this.#head.generation) continue
      if (area === undefined) return fail('a record of no area')
      const added = this.#add[area](place, record, rest)
      if (!added.ok) return fail(`${area}: ${added.error}`)
    }
    const problem = this.#problem
    return problem === null ? ok(this.#copy) : fail(problem)
  }

  readonly #add = {
    history: (...[place, record, rest]: Given): Result<null> => {
      const reign = read(place, record, reignCodec)
      if (!reign.ok) return reign
      this.#reigns.push({ number: lastNumberIn(rest), ...reign.value })
      return ok(null)
    },
    ops: (...[place, record, rest]: Given): Result<null> => {
      const row = read(place, record, authorCodec)
      if (!row.ok) return row
      const author = textIn(rest)
      if (!isPeerId(author)) return fail('an author that is no peer')
      this.#rows.push({ author, ...row.value })
      return ok(null)
    },
    tail: (...[place, record, rest]: Given): Result<null> => {
      const entries = read(place, record, tailCodec)
      if (!entries.ok) return entries
      const after = (this.#entries.at(-1)?.index ?? this.#head.tailFrom - 1) as Index
      const first = entries.value[0]?.index
      const last = entries.value.at(-1)?.index
      if (first !== after + 1 || last !== lastNumberIn(rest)) return fail('a gap')
      this.#entries.push(...entries.value)
      this.#tail.push({ after, last, count: entries.value.length, bytes: record.length })
      return ok(null)
    },
    streams: (...[place, record, rest]: Given): Result<null> =>
      this.#streams.add(place, record, rest),
    folds: (...[place, record, rest]: Given): Result<null> => {
      const ops = read(place, record, foldCodec)
      if (!ops.ok) return ops
      const [op] = ops.value
      if (op?.action !== 'compact') return fail('another op in the place of a compaction')
      this.#folds.push({ type: 'compaction', index: lastNumberIn(rest) as Index, op })
      return ok(null)
    },
  }

  /** What does not belong together; null where all does. */
  get #problem(): string | null {
    const head = this.#head
    const { engine, messages } = this.#streams
    const latest = this.#reigns.at(-1)?.claim ?? null
    const problems = [
      [this.#reigns.length === head.reigns && sameClaim(latest, head.claim), 'reigns'],
      [this.#rows.length === head.authors, 'authors'],
      [(this.#entries.at(-1)?.index ?? head.tailFrom - 1) === head.index, 'a tail'],
      [this.#seqsFollow, 'seqs of a tail'],
      [engine.keyCount === head.keys && engine.keyCount <= KEYS_MAX, 'keys'],
      [messages === head.messages && this.#streams.lastSeq <= head.lastSeq, 'messages'],
      [engine.retainedBytes === head.bytes && head.bytes <= RETAINED_BYTES_MAX, 'values'],
      [this.#folds.length === head.folds, 'folds'],
    ] as const
    const found = problems.find(([isRight]) => !isRight)
    return found === undefined ? null : `${found[1]} that the head does not name`
  }

  /** The last message of the tail is the last one of the log, and those before have the seqs before. */
  get #seqsFollow(): boolean {
    const seqs = this.#entries.flatMap((entry) => (entry.type === 'message' ? [entry.seq] : []))
    const first = this.#head.lastSeq - seqs.length + 1
    return seqs.every((seq, at) => seq === first + at)
  }

  get #copy(): ReadCopy {
    const { stable, lives, lastSeq, inSync, lacks } = this.#head
    const { engine } = this.#streams
    engine.restoreCounter(lastSeq)
    const rows = this.#rows.sort((a, b) => a.order - b.order)
    const state: CompleteState = {
      log: this.#log,
      history: new History(this.#reigns),
      ops: new OpTable(rows),
      inSync,
      lastSeq,
      engine,
      lacks,
      folds: this.#folds,
    }
    return { state, stable, lives, notes: this.#notes }
  }

  /** Messages that the streams lack are put in as long as the tail reaches back to them. [EL5b] */
  get #log(): Log {
    const { tailFrom, index, lacks } = this.#head
    const before = (tailFrom - 1) as Index
    const log = new Log(before)
    if (lacks.length > 0) {
      log.keep({ entriesMax: Infinity, bytesMax: RETAINED_BYTES_MAX })
      log.keepUntil((index + FILL_ENTRIES_MAX) as Index)
    }
    for (const entry of this.#entries) log.append(entry)
    return log
  }

  get #notes(): CopyNotes {
    const { generation, setAside, index } = this.#head
    return {
      ...emptyNotes(generation, setAside),
      isWhole: true,
      isBegun: true,
      index,
      streamByKey: this.#streams.noteByKey,
      messages: this.#streams.messages,
      tail: this.#tail,
      reigns: this.#reigns.map(({ number }) => number),
      authors: new Set(this.#rows.map(({ author }) => author)),
    }
  }
}

/** A head that cannot be read may have named it. */
function latestOf(rows: readonly Row[], places: CopyPlaces): number {
  const [place] = rows.at(-1) ?? []
  return place === undefined ? 0 : inGeneration(place, places.generations).generation
}

type Given = readonly [place: Uint8Array, record: Uint8Array, rest: Uint8Array]

function isSamePlace(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && startsWith(a, b)
}
