// Owns the bytes of the records of a stored copy. Where they lie is copy-places.ts's. A change here is a new form.
// [PE11 PE14]

import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import {
  bool,
  bytes,
  count,
  list,
  nullable,
  peerId,
  rising,
  struct,
  uint,
  word,
  type Codec,
} from '../protocol/codec.ts'
import { claimCodec, entriesCodec, opsCodec, refusalCode } from '../protocol/entry-codec.ts'
import { lacksCodec, missingCodec } from '../protocol/frame-codec.ts'
import { FRAME_OPS_MAX, LIVES_MAX, PEERS_MAX } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Entry, Op } from '../protocol/entry.ts'
import type { OpRow, ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { Claim, Index, OpId, PeerId, Seq } from '../protocol/ids.ts'
import type { Place, Write } from '../storage/store.ts'
import type { OverOp, PromisedOp } from './copy.ts'
import { withoutSum, withSum } from './record-sum.ts'
import type { Kind } from './stream.ts'

/** Raised on any change of the records or of their places. */
export const COPY_FORM = 1

/** It is written anew with each batch, and says how much of each area belongs to the copy. */
export type Head = {
  /** The generation that counts. */
  readonly generation: number
  readonly index: Index
  readonly claim: Claim
  readonly lastSeq: Seq
  readonly stable: Index
  readonly inSync: readonly PeerId[]
  readonly lacks: readonly SeqRun[]
  readonly lives: readonly PeerId[]
  /** The first entry of the tail. */
  readonly tailFrom: Index
  readonly reigns: number
  readonly authors: number
  readonly folds: number
  /** Sums of the streams. */
  readonly keys: number
  readonly messages: number
  readonly bytes: number
  /** The generation of a copy that failed its checks, and is kept beside; 0 where there is none. */
  readonly setAside: number
}

/** Messages of one key, one after the other. */
export type PieceRecord = {
  readonly first: Kind
  readonly authors: readonly PeerId[]
  /** Of each message: the place of its author in `authors`. */
  readonly origins: readonly number[]
  readonly opIds: readonly number[]
  readonly seqs: Float64Array
  /** The value of message i is `bytes[ends[i-1] .. ends[i]]`. */
  readonly ends: Float64Array
  readonly bytes: Uint8Array
}

/** `order`: the later an author's last op, the higher. */
export type AuthorRecord = Omit<OpRow, 'author'> & { readonly order: number }
export type ReignRecord = Omit<ReignPlace, 'number'>
export type OverRecord = Pick<OverOp, 'code'>

const index = uint<Index>()
const seq = uint<Seq>()

const headCodec: Codec<Head> = struct<Head>({
  generation: count,
  index,
  claim: claimCodec,
  lastSeq: seq,
  stable: index,
  inSync: list(peerId, PEERS_MAX),
  lacks: lacksCodec,
  lives: list(peerId, LIVES_MAX),
  tailFrom: index,
  reigns: count,
  authors: count,
  folds: count,
  keys: count,
  messages: count,
  bytes: count,
  setAside: count,
})

const numbers = list(count, FRAME_OPS_MAX)

export const reignCodec: Codec<ReignRecord> = struct<ReignRecord>({ claim: claimCodec, index, seq })
export const authorCodec: Codec<AuthorRecord> = struct<AuthorRecord>({
  opId: uint<OpId>(),
  missing: missingCodec,
  order: count,
})
export const tailCodec: Codec<readonly Entry[]> = entriesCodec
export const pieceCodec: Codec<PieceRecord> = struct<PieceRecord>({
  first: word<Kind>(['append', 'replace', 'fold']),
  authors: list(peerId, FRAME_OPS_MAX),
  origins: numbers,
  opIds: numbers,
  seqs: rising(FRAME_OPS_MAX),
  ends: rising(FRAME_OPS_MAX),
  bytes,
})
export const foldCodec: Codec<readonly Op[]> = opsCodec
export const overCodec: Codec<OverRecord> = struct<OverRecord>({ code: refusalCode })

type PromisedRecord = Omit<PromisedOp, 'op'> & { readonly ops: readonly Op[] }
export const promisedCodec: Codec<PromisedRecord> = struct<PromisedRecord>({
  heard: word<PromisedOp['heard']>(['nothing', 'settled', 'refused']),
  wasSent: bool,
  ops: opsCodec,
})

export type Put = Extract<Write, { readonly put: Place }>

/** Puts a record at its place. */
export function put<T>(place: Place, codec: Codec<T>, value: T): Put {
  const writer = new ByteWriter()
  codec.write(writer, value)
  return { put: place, bytes: withSum(place, writer.end()) }
}

/** Reads a record; the error says what was wrong with it. Never throws, whatever the bytes. */
export function read<T>(place: Place, record: Uint8Array, codec: Codec<T>): Result<T> {
  const bytes = withoutSum(place, record)
  if (!bytes.ok) return bytes
  const reader = new ByteReader(bytes.value)
  try {
    const value = codec.read(reader)
    return reader.left > 0 ? fail('bytes after the end of a record') : ok(value)
  } catch (error) {
    return fail((error as Error).message)
  }
}

/** It says its form first, and its sum is at its end: so do the heads of later forms. */
export function putHead(place: Place, head: Head | null): Write {
  return put(place, formedHead, { form: COPY_FORM, head })
}

/** Null while the first generation is not whole; `newer` where a later form wrote it. */
export function readHead(place: Place, record: Uint8Array): Result<Head | 'newer' | null> {
  const bytes = withoutSum(place, record)
  if (!bytes.ok) return bytes
  try {
    if (count.read(new ByteReader(bytes.value)) > COPY_FORM) return ok('newer')
  } catch (error) {
    return fail((error as Error).message)
  }
  const formed = read(place, record, formedHead)
  return formed.ok ? ok(formed.value.head) : formed
}

const formedHead = struct<{ readonly form: number; readonly head: Head | null }>({
  form: count,
  head: nullable(headCodec),
})
