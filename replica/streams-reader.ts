// Owns how the streams of a stored copy are put together again from their records, key by key. [PE14]

import { fail, ok, type Result } from '../protocol/result.ts'
import { NO_SEQ, type OpId, type Seq } from '../protocol/ids.ts'
import type { PieceNote, StreamNote } from './copy-notes.ts'
import { pieceIn } from './copy-places.ts'
import { pieceCodec, read, type PieceRecord } from './copy-records.ts'
import { Engine, type Retained } from './engine.ts'

export class StreamsReader {
  readonly engine = new Engine()
  readonly noteByKey = new Map<string, StreamNote & { readonly pieces: PieceNote<Seq>[] }>()
  messages = 0
  /** The highest one of all keys. */
  lastSeq = NO_SEQ

  /** `rest`: what is behind the area in the place. */
  add(place: Uint8Array, record: Uint8Array, rest: Uint8Array): Result<null> {
    const piece = read(place, record, pieceCodec)
    if (!piece.ok) return piece
    const { key, last } = pieceIn(rest)
    const messages = messagesIn(piece.value)
    if (!messages.ok) return messages
    const before = this.noteByKey.get(key)
    const after = before?.pieces.at(-1)?.last ?? NO_SEQ
    const problem = problemIn(messages.value, last, before === undefined ? null : after)
    if (problem !== null) return fail(problem)
    for (const message of messages.value) this.engine.restore(key, message)
    const note = { after, last, count: messages.value.length, bytes: record.length }
    if (before === undefined) {
      const { seq, author, opId } = messages.value[0]!
      this.noteByKey.set(key, { first: { seq, author, opId }, pieces: [note] })
    } else before.pieces.push(note)
    this.messages += note.count
    this.lastSeq = Math.max(this.lastSeq, last) as Seq
    return ok(null)
  }
}

/** The messages of a record. Their values are views of it. */
export function messagesIn(piece: PieceRecord): Result<readonly Retained[]> {
  const { first, authors, origins, opIds, seqs, ends, bytes } = piece
  const { length } = seqs
  const areSoMany = opIds.length === length && ends.length === length
  if (length === 0 || !areSoMany) return fail('fields that do not belong together')
  if (ends.at(-1) !== bytes.length) return fail('values that end elsewhere')
  const messages: Retained[] = []
  for (let at = 0; at < length; at++) {
    const author = authors[origins[at] ?? -1]
    if (author === undefined) return fail('an author that is not listed')
    messages.push({
      kind: at === 0 ? first : 'append',
      seq: seqs[at] as Seq,
      author,
      opId: opIds[at] as OpId,
      value: bytes.subarray(ends[at - 1] ?? 0, ends[at]),
    })
  }
  return ok(messages)
}

/** `before`: the last seq of this key in the records before; null where this is the first one. */
function problemIn(messages: readonly Retained[], last: Seq, before: Seq | null): string | null {
  if (before !== null && messages[0]!.kind !== 'append') return 'a fold behind what it folds'
  let seq = before ?? NO_SEQ
  for (const message of messages) {
    if (message.seq <= seq) return 'seqs that do not rise'
    seq = message.seq
  }
  return seq === last ? null : 'a record at the place of another'
}
