// Owns the binary form of ops and entries. Authors are listed once at the head of a batch and named by
// number after that: a room has few authors and many messages.

import * as encoding from 'lib0/encoding'
import {
  bytes,
  count,
  list,
  Malformed,
  peerId,
  readLength,
  struct,
  text,
  uint,
  word,
  type Codec,
  type Decoder,
  type Encoder,
} from './codec.ts'
import { FRAME_OPS_MAX, PEERS_MAX } from './limits.ts'
import { assert } from './errors.ts'
import type { Claim, Index, OpId, PeerId, Seq, Term } from './ids.ts'
import { originOf, REFUSAL_CODES, type Entry, type Op, type RefusalCode } from './entry.ts'

export const claimCodec: Codec<Claim> = struct<Claim>({ term: uint<Term>(), host: peerId })

const peerList: Codec<readonly PeerId[]> = list(peerId, PEERS_MAX)
const index = uint<Index>()
const seq = uint<Seq>()
const opId = uint<OpId>()
const actionCodec = word<Op['action']>(['append', 'relay', 'replace', 'compact', 'void'])
export const refusalCode = word<RefusalCode>(REFUSAL_CODES)
const entryType = word<Entry['type']>(['message', 'compaction', 'refusal', 'reign', 'in-sync'])

/** The authors of a batch, by the number they get in it. */
class Authors {
  readonly #numbers = new Map<PeerId, number>()

  add(author: PeerId): void {
    if (!this.#numbers.has(author)) this.#numbers.set(author, this.#numbers.size)
  }

  write(encoder: Encoder): void {
    encoding.writeVarUint(encoder, this.#numbers.size)
    for (const author of this.#numbers.keys()) peerId.write(encoder, author)
  }

  writeOne(encoder: Encoder, author: PeerId): void {
    encoding.writeVarUint(encoder, this.#numbers.get(author)!)
  }
}

const authorList = list(peerId, FRAME_OPS_MAX)

function readAuthor(decoder: Decoder, authors: readonly PeerId[]): PeerId {
  const author = authors[count.read(decoder)]
  if (author === undefined) throw new Malformed('an author that the batch does not list')
  return author
}

/** A batch of ops. */
export const opsCodec: Codec<readonly Op[]> = {
  write: (encoder, ops) => {
    const authors = new Authors()
    for (const op of ops) authors.add(op.author)
    authors.write(encoder)
    encoding.writeVarUint(encoder, ops.length)
    for (const op of ops) writeOp(encoder, op, authors)
  },
  read: (decoder) => {
    const authors = authorList.read(decoder)
    const ops: Op[] = []
    for (let left = readLength(decoder, FRAME_OPS_MAX); left > 0; left--)
      ops.push(readOp(decoder, authors))
    return ops
  },
}

/** A batch of consecutive entries: only the first index travels. */
export const entriesCodec: Codec<readonly Entry[]> = {
  write: (encoder, entries) => {
    assert(
      entries.every((entry, i) => entry.index === entries[0]!.index + i),
      'entries of a batch follow each other',
    )
    const authors = new Authors()
    for (const entry of entries) {
      const origin = originOf(entry)
      if (origin !== null) authors.add(origin.author)
    }
    authors.write(encoder)
    encoding.writeVarUint(encoder, entries.length)
    encoding.writeVarUint(encoder, entries[0]?.index ?? 0)
    for (const entry of entries) writeEntry(encoder, entry, authors)
  },
  read: (decoder) => {
    const authors = authorList.read(decoder)
    const length = readLength(decoder, FRAME_OPS_MAX)
    const first = index.read(decoder)
    const entries: Entry[] = []
    for (let i = 0; i < length; i++) entries.push(readEntry(decoder, (first + i) as Index, authors))
    return entries
  },
}

function writeOp(encoder: Encoder, op: Op, authors: Authors): void {
  actionCodec.write(encoder, op.action)
  authors.writeOne(encoder, op.author)
  opId.write(encoder, op.opId)
  if (op.action === 'void') return refusalCode.write(encoder, op.code)
  text.write(encoder, op.key)
  bytes.write(encoder, op.value)
  if (op.action !== 'compact') return
  seq.write(encoder, op.seq)
  claimCodec.write(encoder, op.basis)
}

function readOp(decoder: Decoder, authors: readonly PeerId[]): Op {
  const action = actionCodec.read(decoder)
  const author = readAuthor(decoder, authors)
  const number = opId.read(decoder)
  if (action === 'void') return { action, author, opId: number, code: refusalCode.read(decoder) }
  // A copy: an op outlives its frame, and a view would keep the whole packet alive.
  const op = { author, opId: number, key: text.read(decoder), value: bytes.read(decoder).slice() }
  if (action !== 'compact') return { action, ...op }
  return { action, ...op, seq: seq.read(decoder), basis: claimCodec.read(decoder) }
}

function writeEntry(encoder: Encoder, entry: Entry, authors: Authors): void {
  entryType.write(encoder, entry.type)
  switch (entry.type) {
    case 'message':
      seq.write(encoder, entry.seq)
      return writeOp(encoder, entry.op, authors)
    case 'compaction':
      return writeOp(encoder, entry.op, authors)
    case 'refusal':
      authors.writeOne(encoder, entry.author)
      opId.write(encoder, entry.opId)
      return refusalCode.write(encoder, entry.code)
    case 'reign':
      claimCodec.write(encoder, entry.claim)
      return peerList.write(encoder, entry.inSync)
    case 'in-sync':
      return peerList.write(encoder, entry.inSync)
  }
}

function readEntry(decoder: Decoder, at: Index, authors: readonly PeerId[]): Entry {
  const type = entryType.read(decoder)
  switch (type) {
    case 'message': {
      const place = seq.read(decoder)
      const op = readOp(decoder, authors)
      if (op.action === 'compact' || op.action === 'void')
        throw new Malformed('another op in the place of a message')
      return { type, index: at, seq: place, op }
    }
    case 'compaction': {
      const op = readOp(decoder, authors)
      if (op.action !== 'compact') throw new Malformed('another op in the place of a compaction')
      return { type, index: at, op }
    }
    case 'refusal':
      return {
        type,
        index: at,
        author: readAuthor(decoder, authors),
        opId: opId.read(decoder),
        code: refusalCode.read(decoder),
      }
    case 'reign':
      return { type, index: at, claim: claimCodec.read(decoder), inSync: peerList.read(decoder) }
    case 'in-sync':
      return { type, index: at, inSync: peerList.read(decoder) }
  }
}
