// Owns fields that travel compressed where this is shorter. Neither so much nor so little is made of them that a frame of
// a few bytes keeps its reader busy. [WI1]

import { ByteReader, Malformed } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Codec } from './codec.ts'
import { lengthOf, putTogether } from './concat.ts'
import { COMPRESSED_BYTES_MAX, COMPRESSION_MAX } from './limits.ts'
import { compressed, restored } from './lz4.ts'

/** Where pieces are put together: fresh memory costs more than what is written into it. */
let scratch = new Uint8Array(0)

export function dense<T>(of: Codec<T>): Codec<T> {
  return {
    write: (writer, value) => {
      const fields = new ByteWriter()
      of.write(fields, value)
      const plain = fields.endInPieces()
      const short = shortened(plain)
      writer.uint(lengthOf(plain))
      if (short === null) writer.pieces(plain)
      else writer.bytes(short)
    },
    read: (reader) => {
      const fields = new ByteReader(readPlain(reader))
      const value = of.read(fields)
      if (fields.left > 0) throw new Malformed('bytes after the end of what was compressed')
      return value
    },
  }
}

/** Null for what travels as it is. */
function shortened(pieces: readonly Uint8Array[]): Uint8Array | null {
  const length = lengthOf(pieces)
  if (length > COMPRESSED_BYTES_MAX) return null
  const short = compressed(together(pieces, length))
  return short !== null && mayStandFor(short, length) ? short.slice() : null
}

function together(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (scratch.length < length) scratch = new Uint8Array(length)
  putTogether(pieces, scratch)
  return scratch.subarray(0, length)
}

function readPlain(reader: ByteReader): Uint8Array {
  const length = reader.uint()
  const bytes = reader.bytes()
  if (bytes.length === length) return bytes
  const plain = mayStandFor(bytes, length) ? restored(bytes, length) : null
  if (plain === null) throw new Malformed(`what is no ${length} bytes, compressed`)
  return plain
}

function mayStandFor(block: Uint8Array, length: number): boolean {
  const lengthMax = Math.min(COMPRESSED_BYTES_MAX, block.length * COMPRESSION_MAX)
  return block.length < length && length <= lengthMax
}
