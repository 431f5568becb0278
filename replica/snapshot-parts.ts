// Owns the bytes of the parts in which a copy of the room travels. What goes into them, and in
// which order, is decided by who makes them; each part is small, so that a joiner's bulk never sits
// in front of the live flow.

import { ByteReader, Malformed } from '../protocol/byte-reader.ts'
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
import { concat } from '../protocol/concat.ts'
import { FRAME_OPS_MAX, PEERS_MAX, SNAPSHOT_PART_BYTES } from '../protocol/limits.ts'
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

/**
 * What travels as one part: a head, a tail, or messages, of one key after the other. Each is read when it is asked
 * for.
 *
 * @throws Malformed
 */
export function* readParts(data: Uint8Array): Generator<Part> {
  const reader = new ByteReader(data)
  for (let isFirst = true; isFirst || reader.left > 0; isFirst = false) {
    const part = partCodec.read(reader)
    const isAlone = isFirst && reader.left === 0
    if (part.type !== 'messages' && !isAlone) throw new Malformed(`a ${part.type} among others`)
    yield part
  }
}

/** Messages of few bytes travel together: each part costs a way there and back. */
export function* together(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  let group: Uint8Array[] = []
  let bytes = 0
  for (const part of parts) {
    if (group.length > 0 && bytes + part.length > SNAPSHOT_PART_BYTES) {
      yield concat(group)
      group = []
      bytes = 0
    }
    group.push(part)
    bytes += part.length
  }
  if (group.length > 0) yield concat(group)
}
