// Owns the bound of the engine's rows: values are copied behind each other into a buffer that doubles, with a list of
// where each ends. Whatever retains values does this much.

import { nsEach, type Measure } from './measure.ts'

const MESSAGES = 1_000_000
const value = new Uint8Array(100).fill(7)

class Copies {
  #bytes = new Uint8Array(1_024)
  #ends = new Float64Array(16)
  #length = 0
  #end = 0

  push(value: Uint8Array): void {
    if (this.#end + value.length > this.#bytes.length) this.#bytes = doubled(this.#bytes)
    if (this.#length === this.#ends.length) this.#ends = doubled(this.#ends)
    this.#bytes.set(value, this.#end)
    this.#end += value.length
    this.#ends[this.#length] = this.#end
    this.#length++
  }
}

function doubled<Numbers extends Uint8Array | Float64Array>(numbers: Numbers): Numbers {
  const larger = new (numbers.constructor as new (length: number) => Numbers)(2 * numbers.length)
  larger.set(numbers)
  return larger
}

/** As many in all, in lists of that length. */
function fill(length: number): number {
  for (let lists = 0; lists < MESSAGES / length; lists++) {
    const copies = new Copies()
    for (let i = 0; i < length; i++) copies.push(value)
  }
  return MESSAGES
}

/** By the names that the engine's samples have. */
export const copiesAlone: Measure = async () => {
  const [few, many] = [10_000, MESSAGES].map((length) => nsEach(() => fill(length)))
  return { append: [many!], 'append-10000': [few!], 'append-1000000': [many!] }
}
