// Owns an ordered map of bytes to bytes in memory, which does batches whole. Pure: it knows no promise and no disk.
// [PE10]

import type { Place, ReadOptions, Row, Write } from './store.ts'

export class ByteMap {
  /** By place. */
  readonly #rows: Row[] = []

  /** False where something lies at `unless`: then nothing changed. */
  write(batch: readonly Write[], unless?: Place): boolean {
    if (unless !== undefined && this.has(unless)) return false
    for (const write of batch) {
      if ('put' in write) this.#put(write.put, write.bytes)
      else this.#delete(write.deleteFrom, write.to)
    }
    return true
  }

  has(place: Place): boolean {
    return this.#holds(this.#indexOf(place), place)
  }

  read(from: Place, to: Place, { limit = Infinity, backwards = false }: ReadOptions = {}): Row[] {
    const rows = this.#rows.slice(this.#indexOf(from), this.#indexOf(to))
    return (backwards ? rows.reverse() : rows).slice(0, limit)
  }

  /** Bytes of all that lies here, places included. */
  get byteLength(): number {
    return this.#rows.reduce((sum, [place, bytes]) => sum + place.length + bytes.length, 0)
  }

  #put(place: Place, bytes: Uint8Array): void {
    const at = this.#indexOf(place)
    this.#rows.splice(at, this.#holds(at, place) ? 1 : 0, [place.slice(), bytes.slice()])
  }

  #delete(from: Place, to: Place): void {
    const at = this.#indexOf(from)
    this.#rows.splice(at, Math.max(0, this.#indexOf(to) - at))
  }

  /** The first row that does not lie before the place. */
  #indexOf(place: Place): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (comparePlaces(this.#rows[middle]![0], place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #holds(at: number, place: Place): boolean {
    const row = this.#rows[at]
    return row !== undefined && comparePlaces(row[0], place) === 0
  }
}

/** Negative where `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}
