// Owns the bytes of the parts in which a copy of the room travels. What goes into them, and in
// which order, is decided by who makes them; each part is small, so that a joiner's bulk never sits
// in front of the live flow.

import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import {
  bytes,
  list,
  peerId,
  rising,
  struct,
  text,
  uint,
  union,
  word,
  type Codec,
} from '../protocol/codec.ts'
import { entriesCodec } from '../protocol/entry-codec.ts'
import { historyCodec, lacksCodec, opRowsCodec } from '../protocol/frame-codec.ts'
import { FRAME_OPS_MAX, PEERS_MAX } from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Index, PeerId, Seq } from '../protocol/ids.ts'
import type { OpRow, ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { Kind } from './stream.ts'

/**
 * What a source gives.
 * - `tail`: the entries after the fork; from a source without streams also those before it that are
 *   lacking.
 * - `whole`: everything.
 * - `nothing`: it cannot help.
 */
export type Extent = 'tail' | 'whole' | 'nothing'

/** The first part. */
export type HeadPart = {
  readonly type: 'head'
  readonly extent: Extent
  readonly lacks: readonly SeqRun[]
  readonly index: Index
  readonly lastSeq: Seq
  readonly history: readonly ReignPlace[]
  readonly inSync: readonly PeerId[]
  readonly ops: readonly OpRow[]
}

/** Entries of the log, one after the other. */
export type TailPart = { readonly type: 'tail'; readonly entries: readonly Entry[] }

/** Messages retained for a key, one after the other. */
export type MessagesPart = {
  readonly type: 'messages'
  readonly key: string
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

export type Part = HeadPart | TailPart | MessagesPart

const partCodec: Codec<Part> = union<Part>({
  head: struct({
    extent: word<Extent>(['tail', 'whole', 'nothing']),
    lacks: lacksCodec,
    index: uint<Index>(),
    lastSeq: uint<Seq>(),
    history: historyCodec,
    inSync: list(peerId, PEERS_MAX),
    ops: opRowsCodec,
  }),
  tail: struct({ entries: entriesCodec }),
  messages: struct({
    key: text,
    first: word<Kind>(['append', 'replace', 'fold']),
    authors: list(peerId, FRAME_OPS_MAX),
    origins: list(uint(), FRAME_OPS_MAX),
    opIds: list(uint(), FRAME_OPS_MAX),
    seqs: rising(FRAME_OPS_MAX),
    ends: rising(FRAME_OPS_MAX),
    bytes,
  }),
})

export function encodePart(part: Part): Uint8Array {
  const writer = new ByteWriter()
  partCodec.write(writer, part)
  return writer.end()
}

/** The error says what was wrong with the bytes. */
export function parsePart(data: Uint8Array): Result<Part> {
  try {
    return ok(partCodec.read(new ByteReader(data)))
  } catch (error) {
    return fail((error as Error).message)
  }
}
