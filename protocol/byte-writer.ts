// Owns how numbers, texts and bytes are written one after another. Knows nothing of what they mean.

import { concat, lengthOf } from './concat.ts'
import { utf8 } from './utf8.ts'

/** Bytes from this size on are not copied: they become a piece of their own. */
const PIECE_BYTES_MIN = 4 * 1024
const FIRST_BYTES = 128
/** A buffer of up to this size is kept for the next writer: each would grow a small one again, step by step. */
const SPARE_BYTES_MAX = 64 * 1024
const NOTHING = new Uint8Array(0)
let spare: Uint8Array | null = null

function drainSpare(): Uint8Array {
  const bytes = spare ?? new Uint8Array(FIRST_BYTES)
  spare = null
  return bytes
}

export class ByteWriter {
  /** What comes before the bytes below. */
  readonly #pieces: Uint8Array[] = []
  #bytes = drainSpare()
  #length = 0
  #text = ''
  #textBytes: Uint8Array = NOTHING

  byte(value: number): void {
    this.#makeRoomFor(1)
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  /** From 0 to 2^53 - 1, in seven bits to a byte, the lowest first; all but the last byte have the eighth bit. */
  uint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.byte(128 + (rest % 128))
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  /** With their length before them. They must not be changed afterwards. */
  bytes(value: Uint8Array): void {
    this.uint(value.length)
    if (value.length >= PIECE_BYTES_MIN) return this.#addPiece(value)
    this.#makeRoomFor(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** The same, where they are in pieces. */
  pieces(pieces: readonly Uint8Array[]): void {
    this.uint(lengthOf(pieces))
    for (const piece of pieces) this.#addPiece(piece)
  }

  /** As bytes of UTF-8. Most texts of a frame are the one before, as the keys of a burst are. */
  text(value: string): void {
    if (value !== this.#text) this.#textBytes = utf8(value)
    this.#text = value
    this.bytes(this.#textBytes)
  }

  /** All that was written. Nothing more is written then. */
  end(): Uint8Array {
    return concat(this.endInPieces())
  }

  /** The same in pieces: large bytes are as they were given. */
  endInPieces(): readonly Uint8Array[] {
    this.#cutPiece()
    if (this.#bytes.length <= SPARE_BYTES_MAX) spare = this.#bytes
    this.#bytes = NOTHING
    return this.#pieces
  }

  #addPiece(bytes: Uint8Array): void {
    this.#cutPiece()
    this.#pieces.push(bytes)
  }

  #cutPiece(): void {
    if (this.#length > 0) this.#pieces.push(this.#bytes.slice(0, this.#length))
    this.#length = 0
  }

  #makeRoomFor(count: number): void {
    const length = this.#length + count
    if (length <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
