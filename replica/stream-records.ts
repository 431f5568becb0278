// Owns how the messages of one key lie in records, and what a batch changes of them. No message lies in two records,
// and none that is folded or replaced lies in any. [PE11]

import { NO_SEQ, type OpId, type Seq } from '../protocol/ids.ts'
import type { Write } from '../storage/store.ts'
import type { PieceNote, StreamNote } from './copy-notes.ts'
import { deleteAllIn, deleteOne, type GenerationPlaces } from './copy-places.ts'
import { pieceCodec, put } from './copy-records.ts'
import type { Engine } from './engine.ts'
import type { Run } from './stream.ts'

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
}

/** Null where nothing has changed. `note`: what lies there. */
export function streamChange(
  engine: Engine,
  key: string,
  note: StreamNote | undefined,
  places: GenerationPlaces,
): StreamChange | null {
  const first = firstOf(engine, key)
  if (first === null) return null
  const before = note?.pieces ?? []
  const isFolded = note !== undefined && !isSame(first, note.first)
  if (!isFolded && engine.countAfter(key, lastOf(before)) === 0) return null
  const standing = before.filter((piece) => !isFolded || piece.after >= first.seq)
  const { kept, small } = withoutSmall(standing)
  const writes: Write[] = []
  if (isFolded) writes.push(deleteUpTo(key, standing[0], places))
  if (small !== undefined) writes.push(deleteOne(places.piece(key, small.last)))
  const made = (after: Seq, count: number) => putPieces(engine, key, after, count, places, writes)
  const [oldest] = kept
  const untilKept =
    oldest === undefined ? 0 : engine.size(key) - engine.countAfter(key, oldest.after)
  const front = isFolded ? made(NO_SEQ, untilKept) : []
  const from = isFolded && oldest === undefined ? NO_SEQ : lastOf(kept)
  const back = made(from, engine.countAfter(key, from))
  const pieces = [...front, ...kept, ...back]
  return { writes, note: { first, pieces }, messages: countIn(pieces) - countIn(before) }
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

/** Adds records of so many messages behind `after` to the writes. */
function putPieces(
  engine: Engine,
  key: string,
  after: Seq,
  count: number,
  places: GenerationPlaces,
  writes: Write[],
): Piece[] {
  const pieces: Piece[] = []
  let [from, left] = [after, count]
  for (const run of engine.runs(key, after, PIECE_BYTES)) {
    if (left <= 0) break
    const piece = run.seqs.length <= left ? run : engine.replay(key, from, left)!
    const last = piece.seqs.at(-1) as Seq
    const write = put(places.piece(key, last), pieceCodec, recordOf(engine, piece))
    writes.push(write)
    pieces.push({ after: from, last, count: piece.seqs.length, bytes: write.bytes.length })
    left -= piece.seqs.length
    from = last
  }
  return pieces
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

function firstOf(engine: Engine, key: string): StreamNote['first'] | null {
  const run = engine.replay(key, NO_SEQ, 1)
  if (run === null) return null
  const [author, opId, seq] = [run.authors[0]!, run.opIds[0] as OpId, run.seqs[0] as Seq]
  return { seq, author: engine.authorName(author), opId }
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
