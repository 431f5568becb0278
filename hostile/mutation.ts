// Owns how valid input becomes invalid: by bytes, with the numbers and lengths of our own binary form in mind, and by
// the values of JSON. All by chance from a seed.

import type { Random } from '../sim/random.ts'

export class Mutator {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit)
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!
  }

  /** One to four changes; `others` lend parts of themselves. */
  bytes(seed: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
    let bytes = seed
    for (let left = 1 + this.below(4); left > 0; left--) bytes = this.#changed(bytes, others)
    return bytes
  }

  #changed(bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
    const at = this.below(bytes.length + 1)
    const size = 1 + this.below(8)
    switch (this.below(9)) {
      case 0:
        return spliced(bytes, at, 1, Uint8Array.of(this.below(256)))
      case 1:
        return spliced(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << this.below(8))))
      case 2:
        return spliced(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) + this.pick([-1, 1])))
      case 3:
        return spliced(bytes, at, 1, this.pick(NUMBERS))
      case 4:
        return spliced(bytes, at, size, new Uint8Array())
      case 5:
        return spliced(bytes, at, 0, bytes.slice(at, at + size))
      case 6:
        return bytes.slice(0, at)
      case 7:
        return spliced(bytes, at, 0, this.pick(NUMBERS))
      default: {
        const other = this.pick(others)
        const from = this.below(other.length + 1)
        return spliced(
          bytes,
          at,
          this.below(bytes.length - at + 1),
          other.slice(from, from + this.below(40)),
        )
      }
    }
  }

  /** The text of a JSON value with one to three changes: of its values, or of the text itself. */
  json(text: string, others: readonly string[]): string {
    if (this.below(4) === 0) return this.#changedText(text, others)
    let value: unknown = JSON.parse(text)
    for (let left = 1 + this.below(3); left > 0; left--) value = this.#changedValue(value, others)
    return JSON.stringify(value) ?? 'undefined'
  }

  #changedText(text: string, others: readonly string[]): string {
    const at = this.below(text.length + 1)
    const length = this.below(6)
    const insert = this.pick([
      ...TEXTS,
      this.pick(others).slice(at, at + 10),
      text.slice(at, at + 10),
    ])
    return text.slice(0, at) + insert + text.slice(at + length)
  }

  #changedValue(value: unknown, others: readonly string[]): unknown {
    if (typeof value !== 'object' || value === null || this.below(6) === 0) return this.#odd(others)
    if (Array.isArray(value))
      return value
        .map((item: unknown) => (this.below(3) === 0 ? this.#changedValue(item, others) : item))
        .slice(0, this.pick([value.length, this.below(value.length + 1)]))
    const fields = Object.entries(value as object)
    const [name, inner] = fields[this.below(fields.length)] ?? ['', null]
    switch (this.below(5)) {
      case 0:
        return Object.fromEntries(fields.filter(([other]) => other !== name))
      case 1:
        return Object.fromEntries([...fields, [this.pick(NAMES), this.#odd(others)]])
      case 2:
        return Object.fromEntries(
          fields.map(([other, kept]) => [other === name ? this.pick(NAMES) : other, kept]),
        )
      default:
        return Object.fromEntries(
          fields.map(([other, kept]) => [
            other,
            other === name ? this.#changedValue(inner, others) : kept,
          ]),
        )
    }
  }

  #odd(others: readonly string[]): unknown {
    const odd = this.pick([...ODD, others])
    return odd === others ? JSON.parse(this.pick(others)) : odd
  }
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const result = new Uint8Array(
    Math.max(0, bytes.length - Math.min(removed, bytes.length - at)) + inserted.length,
  )
  result.set(bytes.subarray(0, at))
  result.set(inserted, at)
  result.set(bytes.subarray(at + removed), at + inserted.length)
  return result
}

/** Numbers as they travel: small, around powers of two, the largest, too large, without end, and with idle bytes. */
const NUMBERS = [
  [0],
  [1],
  [2],
  [0x7f],
  [0x80, 1],
  [0xff, 1],
  [0x80, 0x80, 4],
  [0xff, 0xff, 3],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0],
  [0xff],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
].map((bytes) => Uint8Array.from(bytes))

const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  1.5,
  1e308,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 53 - 2,
  2 ** 40 + 1,
  '',
  '0',
  '__proto__',
  'A'.repeat(22),
  'A'.repeat(21),
  '\ud800',
  '\0',
  '＿'.repeat(22),
  'x'.repeat(40_000),
  [],
  {},
  [[]],
  { type: 'bye' },
  [null],
  'NaN',
]
const NAMES = [
  'type',
  'term',
  'host',
  'claim',
  'peer',
  'to',
  'from',
  'box',
  'attempt',
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  'count',
  'signal',
  'sdp',
  'candidate',
  'more',
  '\ud800',
]
const TEXTS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  'e999',
  '-',
  '1',
  '.',
  '\ud800',
  '\\ud800',
  '\0',
  '//',
  '[[[[[[[[[',
  '{"__proto__":',
  'null',
  'NaN',
  ' ',
]
