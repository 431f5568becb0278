// Owns how what a ByteWriter wrote is read back. Whatever it cannot have written is refused: reading throws Malformed.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** One byte for so many may stay alive besides what is kept. */
const BESIDES_PART = 16

export class Malformed extends Error {
  override readonly name = 'Malformed'
}

export class ByteReader {
  #bytes: Uint8Array
  #at = 0
  /** The last text, and where it was read. */
  #text = ''
  #textFrom = 0
  #textTo = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /**
   * From here on what it gives out keeps little alive but itself, and one buffer serves all of it: what is left is copied,
   * unless it is most of its buffer.
   */
  detach(): void {
    const besides = this.#bytes.buffer.byteLength - this.left
    if (besides * BESIDES_PART <= this.left) return
    this.#bytes = this.#bytes.slice(this.#at)
    this.#at = 0
    this.#textFrom = 0
    this.#textTo = 0
    this.#text = ''
  }

  /** How many bytes are not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    const value = this.#bytes[this.#at]
    if (value === undefined) throw new Malformed('an end before its time')
    this.#at += 1
    return value
  }

  /** From 0 to 2^53 - 1. */
  uint(): number {
    let value = 0
    let unit = 1
    for (;;) {
      const byte = this.byte()
      value += (byte % 128) * unit
      unit *= 128
      if (!Number.isSafeInteger(value)) throw new Malformed('a number above 2^53')
      if (byte < 128) return value
    }
  }

  /** A view: copy what is to outlive the bytes that are read. */
  bytes(): Uint8Array {
    const from = this.#skipBytes()
    return this.#bytes.subarray(from, this.#at)
  }

  /** Most texts of a frame are the one before, as the keys of a burst are: those are not decoded again. */
  text(): string {
    const from = this.#skipBytes()
    if (this.#isTextAgain(from)) return this.#text
    this.#text = decoded(this.#bytes.subarray(from, this.#at))
    this.#textFrom = from
    this.#textTo = this.#at
    return this.#text
  }

  /** Goes behind bytes that have their length before them. Returns where they begin. */
  #skipBytes(): number {
    const length = this.uint()
    if (length > this.left) throw new Malformed(`${length} bytes where ${this.left} are left`)
    this.#at += length
    return this.#at - length
  }

  #isTextAgain(from: number): boolean {
    const length = this.#at - from
    if (length !== this.#textTo - this.#textFrom) return false
    for (let i = 0; i < length; i++)
      if (this.#bytes[from + i] !== this.#bytes[this.#textFrom + i]) return false
    return true
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Malformed('a text that is not UTF-8')
  }
}
