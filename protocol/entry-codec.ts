// Owns the binary form of ops and entries. Authors are listed once at the head of a batch and named by
// number after that: a room has few authors and many messages.

import { Malformed, type ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import {
  bytes,
  count,
  list,
  peerId,
  readLength,
  struct,
  text,
  uint,
  word,
  type Codec,
} from './codec.ts'
import { FRAME_OPS_MAX, PEERS_MAX } from './limits.ts'
import { assert } from './errors.ts'
import type { Claim, Index, OpId, PeerId, Seq, Term } from './ids.ts'
import {
  originOf,
  REFUSAL_CODES,
  type Entry,
  type MessageOp,
  type Op,
  type RefusalCode,
} from './entry.ts'

export const claimCodec: Codec<Claim> = struct<Claim>({ term: uint<Term>(), host: peerId })

const peerList: Codec<readonly PeerId[]> = list(peerId, PEERS_MAX)
const index = uint<Index>()
const seq = uint<Seq>()
const opId = uint<OpId>()
/** `again`: a message that follows the one before, and differs from that by its value alone. */
const actionCodec = word<Op['action'] | 'again'>([
  'append',
  'relay',
  'replace',
  'compact',
  'void',
  'again',
])
export const refusalCode = word<RefusalCode>(REFUSAL_CODES)
const entryType = word<Entry['type'] | 'again'>([
  'message',
  'compaction',
  'refusal',
  'reign',
  'in-sync',
  'again',
])

type MessageEntry = Extract<Entry, { type: 'message' }>

/** The authors of a batch, by the number they get in it. */
class Authors {
  readonly #numbers = new Map<PeerId, number>()

  add(author: PeerId): void {
    if (!this.#numbers.has(author)) this.#numbers.set(author, this.#numbers.size)
  }

  write(writer: ByteWriter): void {
    writer.uint(this.#numbers.size)
    for (const author of this.#numbers.keys()) peerId.write(writer, author)
  }

  writeOne(writer: ByteWriter, author: PeerId): void {
    writer.uint(this.#numbers.get(author)!)
  }
}

const authorList = list(peerId, FRAME_OPS_MAX)

function readAuthor(reader: ByteReader, authors: readonly PeerId[]): PeerId {
  const author = authors[count.read(reader)]
  if (author === undefined) throw new Malformed('an author that the batch does not list')
  return author
}

/** A batch of ops. */
export const opsCodec: Codec<readonly Op[]> = {
  write: (writer, ops) => {
    const authors = new Authors()
    for (const op of ops) authors.add(op.author)
    authors.write(writer)
    writer.uint(ops.length)
    let before: Op | undefined
    for (const op of ops) {
      writeNextOp(writer, op, before, authors)
      before = op
    }
  },
  /** Their values are views of the frame: whoever keeps one copies it. */
  read: (reader) => {
    const authors = authorList.read(reader)
    const ops: Op[] = []
    let before: Op | undefined
    for (let left = readLength(reader, FRAME_OPS_MAX); left > 0; left--) {
      before = readOp(reader, authors, before)
      ops.push(before)
    }
    return ops
  },
}

/** A batch of consecutive entries: only the first index travels. */
export const entriesCodec: Codec<readonly Entry[]> = {
  write: (writer, entries) => {
    assert(
      entries.every((entry, i) => entry.index === entries[0]!.index + i),
      'entries of a batch follow each other',
    )
    const authors = new Authors()
    for (const entry of entries) {
      const origin = originOf(entry)
      if (origin !== null) authors.add(origin.author)
    }
    authors.write(writer)
    writer.uint(entries.length)
    writer.uint(entries[0]?.index ?? 0)
    let before: Entry | undefined
    for (const entry of entries) {
      writeNextEntry(writer, entry, before, authors)
      before = entry
    }
  },
  read: (reader) => {
    const authors = authorList.read(reader)
    // Entries stay, and as long as their neighbours: their values share one buffer of their own.
    reader.detach()
    const length = readLength(reader, FRAME_OPS_MAX)
    const first = index.read(reader)
    const entries: Entry[] = []
    let before: Entry | undefined
    for (let i = 0; i < length; i++) {
      before = readEntry(reader, (first + i) as Index, authors, before)
      entries.push(before)
    }
    return entries
  },
}

/** The number after this one. */
function next<N extends number>(number: N): N {
  if (number === Number.MAX_SAFE_INTEGER) throw new Malformed('a number above 2^53')
  return (number + 1) as N
}

function isMessage(op: Op | undefined): op is MessageOp {
  return op !== undefined && op.action !== 'compact' && op.action !== 'void'
}

/** Whether the op follows the one before, and differs from that by its value alone. */
function isAgain(op: Op, before: Op | undefined): op is MessageOp {
  if (!isMessage(op) || !isMessage(before)) return false
  const isAlike =
    op.action === before.action && op.author === before.author && op.key === before.key
  return isAlike && op.opId === before.opId + 1
}

function isEntryAgain(entry: Entry, before: Entry | undefined): entry is MessageEntry {
  if (entry.type !== 'message' || before?.type !== 'message') return false
  return entry.seq === before.seq + 1 && isAgain(entry.op, before.op)
}

function writeNextOp(writer: ByteWriter, op: Op, before: Op | undefined, authors: Authors): void {
  if (!isAgain(op, before)) return writeOp(writer, op, authors)
  actionCodec.write(writer, 'again')
  bytes.write(writer, op.value)
}

function writeNextEntry(
  writer: ByteWriter,
  entry: Entry,
  before: Entry | undefined,
  authors: Authors,
): void {
  if (!isEntryAgain(entry, before)) return writeEntry(writer, entry, authors)
  entryType.write(writer, 'again')
  bytes.write(writer, entry.op.value)
}

function readAgain(reader: ByteReader, before: Op | undefined): MessageOp {
  if (!isMessage(before)) throw new Malformed('one more message, and none before it')
  const { action, author, key } = before
  return { action, author, opId: next(before.opId), key, value: bytes.read(reader) }
}

function writeOp(writer: ByteWriter, op: Op, authors: Authors): void {
  actionCodec.write(writer, op.action)
  authors.writeOne(writer, op.author)
  opId.write(writer, op.opId)
  if (op.action === 'void') return refusalCode.write(writer, op.code)
  text.write(writer, op.key)
  bytes.write(writer, op.value)
  if (op.action !== 'compact') return
  seq.write(writer, op.seq)
  claimCodec.write(writer, op.basis)
}

function readOp(reader: ByteReader, authors: readonly PeerId[], before?: Op): Op {
  const action = actionCodec.read(reader)
  if (action === 'again') return readAgain(reader, before)
  const author = readAuthor(reader, authors)
  const number = opId.read(reader)
  if (action === 'void') return { action, author, opId: number, code: refusalCode.read(reader) }
  const key = text.read(reader)
  const value = bytes.read(reader)
  if (action !== 'compact') return { action, author, opId: number, key, value }
  const upTo = seq.read(reader)
  const basis = claimCodec.read(reader)
  return { action, author, opId: number, key, value, seq: upTo, basis }
}

function writeEntry(writer: ByteWriter, entry: Entry, authors: Authors): void {
  entryType.write(writer, entry.type)
  switch (entry.type) {
    case 'message':
      seq.write(writer, entry.seq)
      return writeOp(writer, entry.op, authors)
    case 'compaction':
      return writeOp(writer, entry.op, authors)
    case 'refusal':
      authors.writeOne(writer, entry.author)
      opId.write(writer, entry.opId)
      return refusalCode.write(writer, entry.code)
    case 'reign':
      claimCodec.write(writer, entry.claim)
      return peerList.write(writer, entry.inSync)
    case 'in-sync':
      return peerList.write(writer, entry.inSync)
  }
}

function readEntry(
  reader: ByteReader,
  at: Index,
  authors: readonly PeerId[],
  before: Entry | undefined,
): Entry {
  const type = entryType.read(reader)
  switch (type) {
    case 'again': {
      if (before?.type !== 'message') throw new Malformed('one more message, and none before it')
      const op = readAgain(reader, before.op)
      return { type: 'message', index: at, seq: next(before.seq), op }
    }
    case 'message': {
      const place = seq.read(reader)
      const op = readOp(reader, authors)
      if (op.action === 'compact' || op.action === 'void')
        throw new Malformed('another op in the place of a message')
      return { type, index: at, seq: place, op }
    }
    case 'compaction': {
      const op = readOp(reader, authors)
      if (op.action !== 'compact') throw new Malformed('another op in the place of a compaction')
      return { type, index: at, op }
    }
    case 'refusal':
      return {
        type,
        index: at,
        author: readAuthor(reader, authors),
        opId: opId.read(reader),
        code: refusalCode.read(reader),
      }
    case 'reign':
      return { type, index: at, claim: claimCodec.read(reader), inSync: peerList.read(reader) }
    case 'in-sync':
      return { type, index: at, inSync: peerList.read(reader) }
  }
}
