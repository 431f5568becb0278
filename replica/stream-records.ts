// Owns how the messages of one key lie in records, and what a batch changes of them. No message lies in two records,
// and none that is folded or replaced lies in any. [PE11]

import { NO_SEQ, type OpId, type Seq } from '../protocol/ids.ts'
import type { Write } from '../storage/store.ts'
import type { PieceNote, StreamNote } from './copy-notes.ts'
import { deleteAllIn, deleteOne, type GenerationPlaces } from './copy-places.ts'
import { pieceCodec, put, type Put } from './copy-records.ts'
import type { Engine } from './engine.ts'
import type { Run, Stream } from './stream.ts'

type Piece = PieceNote<Seq>

/** A record is of about this size, or of one message. */
export const PIECE_BYTES = 64 * 1024
/** A last record below this size is written again together with what follows. Else a slow key is one record a message. */
export const SMALL_BYTES = 4 * 1024

export type StreamChange = {
  readonly writes: readonly Write[]
  readonly note: StreamNote
  /** How many messages there are more, or fewer. */
  readonly messages: number
  /** Whether messages are left that make too much for a batch. */
  readonly isCut: boolean
}

/** Null where nothing has changed. `note`: what lies there. About `bytesMax` are put. */
export function streamChange(
  engine: Engine,
  key: string,
  note: StreamNote | undefined,
  places: GenerationPlaces,
  bytesMax = Infinity,
): StreamChange | null {
  const stream = engine.streamOf(key)
  if (stream === undefined) return null
  const first = firstOf(engine, stream)
  const before = note?.pieces ?? []
  const isFolded = note !== undefined && !isSame(first, note.first)
  if (!isFolded && stream.countUpTo(lastOf(before)) === stream.size) return null
  const standing = before.filter((piece) => !isFolded || piece.after >= first.seq)
  const { kept, small } = withoutSmall(standing)
  const writes: Write[] = []
  if (isFolded) writes.push(deleteUpTo(key, standing[0], places))
  if (small !== undefined) writes.push(deleteOne(places.piece(key, small.last)))
  const made = (after: Seq, upTo: number, bytes: number): Piece[] => {
    const pieces: Piece[] = []
    let left = bytes
    for (const run of stream.runs(after, upTo, PIECE_BYTES)) {
      if (left <= 0) break
      const write = putRun(engine, key, run, places)
      writes.push(write)
      pieces.push(noteOf(run, lastOf(pieces) || after, write.bytes.length))
      left -= write.bytes.length
    }
    return pieces
  }
  const [oldest] = kept
  const front = isFolded && oldest !== undefined ? made(NO_SEQ, oldest.after, Infinity) : []
  const back = made(lastOf(kept), Infinity, bytesMax)
  const pieces = [...front, ...kept, ...back]
  const messages = countIn(pieces) - countIn(before)
  return { writes, note: { first, pieces }, messages, isCut: countIn(pieces) < stream.size }
}

function putRun(engine: Engine, key: string, run: Run, places: GenerationPlaces): Put {
  return put(places.piece(key, lastIn(run)), pieceCodec, recordOf(engine, run))
}

function noteOf(run: Run, after: Seq, bytes: number): Piece {
  return { after, last: lastIn(run), count: run.seqs.length, bytes }
}

function lastIn({ seqs }: Run): Seq {
  return seqs.at(-1) as Seq
}

/** Without the last one where it is small. */
export function withoutSmall<Note extends { readonly bytes: number }>(
  pieces: readonly Note[],
): { readonly kept: readonly Note[]; readonly small: Note | undefined } {
  const last = pieces.at(-1)
  if (last === undefined || last.bytes >= SMALL_BYTES) return { kept: pieces, small: undefined }
  return { kept: pieces.slice(0, -1), small: last }
}

/** All records before this one. A fold or a replace stands for all messages before it. */
function deleteUpTo(key: string, next: Piece | undefined, places: GenerationPlaces): Write {
  const all = deleteAllIn(places.stream(key))
  return next === undefined ? all : { ...all, to: places.piece(key, (next.after + 1) as Seq) }
}

function recordOf(engine: Engine, { first, seqs, authors, opIds, ends, bytes }: Run) {
  const numbers = [...new Set(authors)]
  return {
    first,
    authors: numbers.map((number) => engine.authorName(number)),
    origins: Array.from(authors, (number) => numbers.indexOf(number)),
    opIds: [...opIds],
    seqs,
    ends,
    bytes,
  }
}

function firstOf(engine: Engine, stream: Stream): StreamNote['first'] {
  const { authors, opIds, seqs } = stream.run(NO_SEQ, 1)
  return {
    seq: seqs[0] as Seq,
    author: engine.authorName(authors[0]!),
    opId: opIds[0] as OpId,
  }
}

function isSame(a: StreamNote['first'], b: StreamNote['first']): boolean {
  return a.seq === b.seq && a.author === b.author && a.opId === b.opId
}

function lastOf(pieces: readonly Piece[]): Seq {
  return pieces.at(-1)?.last ?? NO_SEQ
}

function countIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { count }) => sum + count, 0)
}
