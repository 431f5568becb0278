// Owns bytes along an endless tape: what is added in front or at the end keeps its place for as long as it is kept.
// They lie in segments, so that a tape grows without copying what it has. It knows no messages.

const SEGMENT_BYTES_MIN = 64
/** Small tapes double, since a segment costs more than it holds. Large ones grow by this, so that little is unused. */
const SEGMENT_BYTES_MAX = 256 * 1024

/** `at`: the place of the first byte. */
type Segment = { readonly at: number; readonly bytes: Uint8Array }

const NO_SEGMENT: Segment = { at: 0, bytes: new Uint8Array(0) }

export class ByteTape {
  /** One behind the other. */
  #segments: Segment[] = []
  /** Bytes are added to this one. */
  #last = NO_SEGMENT
  /** Of all segments, in bytes. */
  #capacity = 0
  #start = 0
  #end = 0

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
    const room = endOf(this.#last) - this.#end
    if (value.length > room) return this.#appendBeyond(value, Math.max(0, room))
    this.#last.bytes.set(value, this.#end - this.#last.at)
    this.#end += value.length
  }

  #appendBeyond(value: Uint8Array, room: number): void {
    if (room > 0) this.append(value.subarray(0, room))
    const rest = value.subarray(room)
    const added = Math.min(this.length, SEGMENT_BYTES_MAX)
    const bytes = new Uint8Array(Math.max(SEGMENT_BYTES_MIN, added, rest.length))
    this.#last = { at: this.#end, bytes }
    this.#segments.push(this.#last)
    this.#capacity += bytes.length
    this.append(rest)
  }

  prepend(value: Uint8Array): void {
    const [first = NO_SEGMENT, ...others] = this.#segments
    const added = { at: this.#start - value.length, bytes: value.slice() }
    // The value lies where the first segment still has what was let go of it.
    this.#hold([added, ...this.#copied(Math.min(endOf(first), this.#end)), ...others])
    this.#start = added.at
  }

  /** Lets go what is before this place. */
  dropBefore(place: number): void {
    this.#start = place
    const kept = this.#segments.filter((segment) => endOf(segment) > place)
    if (kept.length < this.#segments.length) this.#hold(kept)
    const isSparse = this.length * 4 < this.#capacity
    if (isSparse && this.#capacity > SEGMENT_BYTES_MIN) this.#hold(this.#copied(this.#end))
  }

  /** Copies out what is between two places. */
  read(from: number, to: number): Uint8Array {
    const copy = new Uint8Array(to - from)
    for (let i = this.#segmentOf(from), at = from; at < to; i++) {
      const { at: first, bytes } = this.#segments[i]!
      const part = bytes.subarray(at - first, to - first)
      copy.set(part, at - from)
      at += part.length
    }
    return copy
  }

  /** A tape of its own, of what is kept from this place on. Both share their segments: add to one of them alone. */
  copyFrom(place: number): ByteTape {
    const tape = new ByteTape()
    tape.#hold(this.#segments)
    tape.#end = this.#end
    tape.dropBefore(place)
    return tape
  }

  /** What is kept up to a place, in a segment that has nothing else. */
  #copied(upTo: number): Segment[] {
    if (upTo <= this.#start) return []
    return [{ at: this.#start, bytes: this.read(this.#start, upTo) }]
  }

  #hold(segments: Segment[]): void {
    this.#segments = segments
    this.#last = segments.at(-1) ?? NO_SEGMENT
    this.#capacity = segments.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  /** By halves: segments come in the order of their places. */
  #segmentOf(place: number): number {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#segments[middle]!.at <= place) low = middle
      else high = middle - 1
    }
    return low
  }
}

function endOf({ at, bytes }: Segment): number {
  return at + bytes.length
}
