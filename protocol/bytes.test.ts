import fc from 'fast-check'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { describe, expect, test } from 'vitest'
import { ByteReader, Malformed } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

const uint = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constantFrom(127, 128, 2 ** 32, 2 ** 53 - 1))
const text = fc.string({ unit: 'binary' })
const bytes = fc.uint8Array({ maxLength: 500 })
const items = fc.array(fc.oneof(uint, text, bytes))

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter()
  write(writer)
  return writer.end()
}

function writeAll(writer: ByteWriter, values: readonly (number | string | Uint8Array)[]): void {
  for (const value of values)
    if (typeof value === 'number') writer.uint(value)
    else if (typeof value === 'string') writer.text(value)
    else writer.bytes(value)
}

const uintOf = (...from: number[]) => new ByteReader(Uint8Array.from(from)).uint()

describe('numbers, texts and bytes', () => {
  test('are written as lib0 writes them', () => {
    fc.assert(
      fc.property(items, (values) => {
        const encoder = encoding.createEncoder()
        for (const value of values)
          if (typeof value === 'number') encoding.writeVarUint(encoder, value)
          else if (typeof value === 'string') encoding.writeVarString(encoder, value)
          else encoding.writeVarUint8Array(encoder, value)
        expect(written((writer) => writeAll(writer, values))).toEqual(
          encoding.toUint8Array(encoder),
        )
      }),
    )
  })

  test('are read as they were written, to the last byte', () => {
    fc.assert(
      fc.property(items, (values) => {
        const reader = new ByteReader(written((writer) => writeAll(writer, values)))
        for (const value of values)
          if (typeof value === 'number') expect(reader.uint()).toBe(value)
          else if (typeof value === 'string') expect(reader.text()).toBe(value)
          else expect(reader.bytes()).toEqual(value)
        expect(reader.left).toBe(0)
      }),
    )
  })

  test('any bytes are a number to both of us, or to neither', () => {
    const numberOf = (read: () => number) => {
      try {
        const value = read()
        return Number.isSafeInteger(value) ? value : null
      } catch {
        return null
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (data) => {
        const theirs = numberOf(() => decoding.readVarUint(decoding.createDecoder(data)))
        expect(numberOf(() => new ByteReader(data).uint())).toBe(theirs)
      }),
    )
  })
})

describe('what cannot have been written is refused', () => {
  test('a number that does not end, or is above 2^53 - 1', () => {
    expect(() => uintOf()).toThrow(Malformed)
    expect(() => uintOf(128, 128)).toThrow(Malformed)
    expect(() => uintOf(...Array.from({ length: 7 }, () => 255), 31)).toThrow(Malformed)
    expect(uintOf(...Array.from({ length: 7 }, () => 255), 15)).toBe(2 ** 53 - 1)
  })

  test('bytes that are fewer than they say', () => {
    expect(() => new ByteReader(Uint8Array.of(3, 1, 2)).bytes()).toThrow(Malformed)
  })

  test('a text that is not UTF-8', () => {
    expect(() => new ByteReader(Uint8Array.of(1, 255)).text()).toThrow(Malformed)
  })
})

test('bytes are read as a view, and a byte order mark stays in its text', () => {
  const data = Uint8Array.of(2, 8, 9)
  expect(new ByteReader(data).bytes().buffer).toBe(data.buffer)
  const text = '\u{feff}x'
  expect(new ByteReader(written((writer) => writer.text(text))).text()).toBe(text)
})

describe('the bytes', () => {
  test('of two writers at once stay apart, and what was written stays as it was', () => {
    const first = new ByteWriter()
    first.text('first')
    const second = new ByteWriter()
    second.text('second')
    const one = first.end()
    const third = new ByteWriter()
    third.text('third')
    expect(new ByteReader(one).text()).toBe('first')
    expect(new ByteReader(second.end()).text()).toBe('second')
    expect(new ByteReader(third.end()).text()).toBe('third')
    expect(new ByteReader(one).text()).toBe('first')
  })

  test('of a text that comes again and again are those of each, across a copy too', () => {
    const texts = fc.array(fc.constantFrom('', 'a', 'b', 'ab', 'ba', 'ä', 'äb'))
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const all = written((writer) => writeAll(writer, [...before, ...after]))
        const encoder = encoding.createEncoder()
        for (const value of [...before, ...after]) encoding.writeVarString(encoder, value)
        expect(all).toEqual(encoding.toUint8Array(encoder))
        const reader = new ByteReader(all)
        expect(before.map(() => reader.text())).toEqual(before)
        reader.detach()
        expect(after.map(() => reader.text())).toEqual(after)
      }),
    )
  })

  test('that are large are pieces of their own, and not copied', () => {
    const large = new Uint8Array(10_000).fill(7)
    const all = ['before', large, large, 8]
    const writer = new ByteWriter()
    writeAll(writer, all)
    const pieces = writer.endInPieces()
    expect(pieces.filter((piece) => piece === large).length).toBe(2)
    const joined = Uint8Array.from(pieces.flatMap((piece) => [...piece]))
    expect(joined).toEqual(written((writer) => writeAll(writer, all)))
    const reader = new ByteReader(joined)
    expect([reader.text(), reader.bytes(), reader.bytes(), reader.uint()]).toEqual(all)
  })

  test('that are most of their buffer stay there when the reader detaches', () => {
    const all = written((writer) => writeAll(writer, [1, new Uint8Array(100)]))
    const reader = new ByteReader(all)
    reader.uint()
    reader.detach()
    expect(reader.bytes().buffer).toBe(all.buffer)
  })

  test('that are read from a copy keep nothing alive of what came before them', () => {
    const all = written((writer) => writeAll(writer, ['x'.repeat(1_000), Uint8Array.of(1, 2), 3]))
    const reader = new ByteReader(all)
    reader.text()
    reader.detach()
    const value = reader.bytes()
    expect(value).toEqual(Uint8Array.of(1, 2))
    expect(value.buffer.byteLength).toBe(4)
    expect(reader.uint()).toBe(3)
    expect(reader.left).toBe(0)
  })
})
