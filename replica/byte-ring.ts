// Owns a growable ring of bytes, addressed along an endless tape: what is added in front or at the
// end keeps its place on the tape for as long as it is kept. It knows no messages.

const BYTES_MIN = 64
/** Growing by half wastes at most a third of the room; doubling would waste half. */
export const GROWTH = 1.5

export class ByteRing {
  #bytes = new Uint8Array(BYTES_MIN)
  #start = 0
  #end = 0
  /** The place on the tape that is kept at offset 0. */
  #origin = 0

  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#end
  }

  get length(): number {
    return this.#end - this.#start
  }

  append(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#write(this.#end, value)
    this.#end += value.length
  }

  prepend(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#start -= value.length
    this.#write(this.#start, value)
  }

  /** Lets go what is before this place. */
  dropBefore(place: number): void {
    this.#start = place
    if (this.#bytes.length > BYTES_MIN && this.length * 4 < this.#bytes.length)
      this.#resize(this.length * 2)
  }

  /** Copies out what is between two places. */
  read(from: number, to: number): Uint8Array {
    const length = to - from
    const offset = this.#offsetOf(from)
    if (offset + length <= this.#bytes.length) return this.#bytes.slice(offset, offset + length)
    const copy = new Uint8Array(length)
    const untilWrap = this.#bytes.length - offset
    copy.set(this.#bytes.subarray(offset))
    copy.set(this.#bytes.subarray(0, length - untilWrap), untilWrap)
    return copy
  }

  #write(place: number, value: Uint8Array): void {
    const offset = this.#offsetOf(place)
    const untilWrap = this.#bytes.length - offset
    if (value.length <= untilWrap) {
      this.#bytes.set(value, offset)
      return
    }
    this.#bytes.set(value.subarray(0, untilWrap), offset)
    this.#bytes.set(value.subarray(untilWrap), 0)
  }

  #offsetOf(place: number): number {
    const capacity = this.#bytes.length
    const offset = (place - this.#origin) % capacity
    return offset < 0 ? offset + capacity : offset
  }

  #reserve(length: number): void {
    const needed = this.length + length
    if (needed <= this.#bytes.length) return
    this.#resize(Math.max(needed, this.#bytes.length * GROWTH))
  }

  #resize(wanted: number): void {
    const bytes = new Uint8Array(Math.max(BYTES_MIN, Math.ceil(wanted)))
    bytes.set(this.read(this.#start, this.#end))
    this.#bytes = bytes
    this.#origin = this.#start
  }
}
