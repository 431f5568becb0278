// Owns the file that a room is exported to and imported from: its copy, without outbox and without its token. [PE19]
//
//   "BATONCPY"; frames of a length, bytes and a sum: a head, the kept folds, the parts of a snapshot; 0; SHA-256

import { sha256 } from '@noble/hashes/sha2.js'
import { ByteReader } from '../protocol/byte-reader.ts'
import { ByteWriter } from '../protocol/byte-writer.ts'
import { count, struct, uint, type Codec } from '../protocol/codec.ts'
import { opsCodec } from '../protocol/entry-codec.ts'
import type { Op } from '../protocol/entry.ts'
import type { Index } from '../protocol/ids.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { utf8 } from '../protocol/utf8.ts'
import type { StoredCopy } from '../replica/copy.ts'
import { withoutSum, withSum } from '../replica/record-sum.ts'
import { wholeOf } from '../replica/snapshot.ts'
import { SnapshotReader } from '../replica/snapshot-reader.ts'
import type { Compaction } from '../replica/unite.ts'

const MAGIC = utf8('BATONCPY')
/** Raised on any change of the file. */
const FILE_FORM = 1

export type ExportedCopy = Pick<StoredCopy, 'state' | 'stable'>

type FileHead = { readonly form: number; readonly stable: Index; readonly folds: number }
type FileFold = { readonly index: Index; readonly ops: readonly Op[] }

const headCodec: Codec<FileHead> = struct<FileHead>({
  form: count,
  stable: uint<Index>(),
  folds: count,
})
const foldCodec: Codec<FileFold> = struct<FileFold>({ index: uint<Index>(), ops: opsCodec })

// --- writing ---

/** The file, in pieces. */
export function* copyFile({ state, stable }: ExportedCopy): Generator<Uint8Array> {
  const folds = state.folds ?? []
  const { parts } = wholeOf(state, state.engine)
  const hash = sha256.create()
  let at = 0
  const hashed = (bytes: Uint8Array) => {
    hash.update(bytes)
    at += bytes.length
    return bytes
  }
  yield hashed(MAGIC)
  yield hashed(framed(bytesOf(headCodec, { form: FILE_FORM, stable, folds: folds.length }), at))
  for (const { index, op } of folds)
    yield hashed(framed(bytesOf(foldCodec, { index, ops: [op] }), at))
  for (const part of parts) yield hashed(framed(part, at))
  yield hashed(Uint8Array.of(0))
  yield hash.digest()
}

function bytesOf<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new ByteWriter()
  codec.write(writer, value)
  return writer.end()
}

/** `at`: where in the file it begins. */
function framed(bytes: Uint8Array, at: number): Uint8Array {
  const writer = new ByteWriter()
  writer.bytes(withSum(utf8(`${at}`), bytes))
  return writer.end()
}

// --- reading ---

/** The error is a sentence for whoever chose the file. */
export function readCopyFile(file: Uint8Array): Result<ExportedCopy> {
  if (!MAGIC.every((byte, at) => file[at] === byte))
    return fail('This is no file that Baton exported a room to.')
  try {
    return new FileReading(file).copy()
  } catch (error) {
    return fail((error as Error).message)
  }
}

class Refused extends Error {}

class FileReading {
  readonly #file: Uint8Array
  #at = MAGIC.length

  constructor(file: Uint8Array) {
    this.#file = file
  }

  copy(): Result<ExportedCopy> {
    const head = this.#head()
    const folds = Array.from({ length: head.folds }, () => this.#fold())
    const snapshot = new SnapshotReader()
    for (let part = this.#frame(); part !== null; part = this.#frame()) {
      const added = snapshot.add(part)
      if (!added.ok) throw this.#refused(`does not hold a room: ${added.error}`)
    }
    this.#checkHash()
    const fetched = snapshot.finish()
    if (!fetched.ok) throw this.#refused(`does not hold a room: ${fetched.error}`)
    const copy = fetched.value.extent === 'whole' ? fetched.value.copy : null
    if (copy === null || copy.engine === null) throw this.#refused('does not hold a whole room')
    return ok({ state: { ...copy, engine: copy.engine, folds }, stable: head.stable })
  }

  #head(): FileHead {
    const bytes = this.#frame() ?? new Uint8Array()
    // Of a later form the first number alone is known.
    if (count.read(new ByteReader(bytes)) > FILE_FORM)
      throw new Refused('A newer version of Baton exported this file; open it with that one.')
    return this.#read(headCodec, bytes)
  }

  #fold(): Compaction {
    const { index, ops } = this.#read(foldCodec, this.#frame() ?? new Uint8Array())
    const [op] = ops
    if (op?.action !== 'compact') throw this.#refused('does not hold a room')
    return { type: 'compaction', index, op }
  }

  #read<T>(codec: Codec<T>, bytes: Uint8Array): T {
    try {
      return codec.read(new ByteReader(bytes))
    } catch {
      throw this.#refused('was changed')
    }
  }

  /** The next one; null at the end of all. */
  #frame(): Uint8Array | null {
    const from = this.#at
    const reader = new ByteReader(this.#file.subarray(from))
    let bytes: Uint8Array
    try {
      bytes = reader.bytes()
    } catch {
      throw this.#refused('was changed or cut off')
    }
    this.#at = this.#file.length - reader.left
    if (bytes.length === 0) return null
    const frame = withoutSum(utf8(`${from}`), bytes)
    if (frame.ok) return frame.value
    this.#at = from
    throw this.#refused('was changed')
  }

  #checkHash(): void {
    const hash = sha256(this.#file.subarray(0, this.#at))
    const rest = this.#file.subarray(this.#at)
    if (rest.length < hash.length) throw this.#refused('was cut off')
    const isSame = rest.length === hash.length && hash.every((byte, at) => rest[at] === byte)
    if (!isSame) throw this.#refused('was changed')
  }

  #refused(what: string): Refused {
    return new Refused(`The file ${what} at byte ${this.#at} or after it.`)
  }
}
