// Owns the small vocabulary that every binary form is written in: numbers, texts, lists, structs, unions. Reading
// throws `Malformed` on anything that writing could not have made; the door of each protocol (`parseFrame` and its
// like) turns that into a result.

import { Malformed, type ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { isPeerId, type PeerId } from './ids.ts'

export interface Codec<T> {
  write(writer: ByteWriter, value: T): void
  /** @throws Malformed */
  read(reader: ByteReader): T
}

/** Whole numbers from 0 to 2^53 - 1. */
export const count: Codec<number> = {
  write: (writer, value) => writer.uint(value),
  read: (reader) => reader.uint(),
}

/** The same for branded ones. */
export function uint<T extends number>(): Codec<T> {
  return count as Codec<number> as unknown as Codec<T>
}

export const bool: Codec<boolean> = {
  write: (writer, value) => writer.byte(value ? 1 : 0),
  read: (reader) => readByte(reader, 1) === 1,
}

/** A byte from 0 to `max`. */
export function readByte(reader: ByteReader, max: number): number {
  const value = reader.byte()
  if (value > max) throw new Malformed(`a byte ${value} above ${max}`)
  return value
}

/** Any well-formed string. */
export const text: Codec<string> = {
  write: (writer, value) => writer.text(value),
  read: (reader) => reader.text(),
}

export const peerId: Codec<PeerId> = {
  write: text.write,
  read: (reader) => {
    const value = text.read(reader)
    if (!isPeerId(value)) throw new Malformed('no peer id')
    return value
  },
}

/** The bytes read are a view of the frame: copy what is to outlive it. */
export const bytes: Codec<Uint8Array> = {
  write: (writer, value) => writer.bytes(value),
  read: (reader) => reader.bytes(),
}

/** One of a fixed list of words, sent by its place in the list. */
export function word<T extends string>(words: readonly T[]): Codec<T> {
  return {
    write: (writer, value) => writer.byte(words.indexOf(value)),
    read: (reader) => words[readByte(reader, words.length - 1)] as T,
  }
}

export function nullable<T>(of: Codec<T>): Codec<T | null> {
  return {
    write: (writer, value) => {
      bool.write(writer, value !== null)
      if (value !== null) of.write(writer, value)
    },
    read: (reader) => (bool.read(reader) ? of.read(reader) : null),
  }
}

export function list<T>(of: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    write: (writer, values) => {
      writer.uint(values.length)
      for (const value of values) of.write(writer, value)
    },
    read: (reader) => {
      const values: T[] = []
      for (let left = readLength(reader, max); left > 0; left--) values.push(of.read(reader))
      return values
    },
  }
}

/** Rising whole numbers, each sent as its distance from the one before. */
export function rising(max: number): Codec<Float64Array> {
  return {
    write: (writer, values) => {
      writer.uint(values.length)
      let before = 0
      for (const value of values) {
        writer.uint(value - before)
        before = value
      }
    },
    read: (reader) => {
      // Every number takes a byte at least, so the bytes left bound the allocation.
      const values = new Float64Array(readLength(reader, Math.min(max, reader.left)))
      let before = 0
      for (let i = 0; i < values.length; i++) {
        before += count.read(reader)
        values[i] = before
      }
      if (!Number.isSafeInteger(before)) throw new Malformed('a number above 2^53')
      return values
    },
  }
}

export function readLength(reader: ByteReader, max: number): number {
  const length = count.read(reader)
  if (length > max) throw new Malformed(`a list of ${length}, more than ${max}`)
  return length
}

/** Fields in the order they are named here. */
export function struct<T extends object>(fields: {
  readonly [K in keyof T]-?: Codec<T[K]>
}): Codec<T> {
  const codecs = Object.entries(fields) as [keyof T & string, Codec<T[keyof T & string]>][]
  return {
    write: (writer, value) => {
      for (const [name, codec] of codecs) codec.write(writer, value[name])
    },
    read: (reader) => {
      const value: Partial<T> = {}
      for (const [name, codec] of codecs) value[name] = codec.read(reader)
      return value as T
    },
  }
}

type Variant<U extends { type: string }, K extends U['type']> = Omit<
  Extract<U, { type: K }>,
  'type'
>

/** One of several shapes told apart by `type`, sent as its place among the variants named here. */
export function union<U extends { type: string }>(variants: {
  readonly [K in U['type']]: Codec<Variant<U, K>>
}): Codec<U> {
  const types = Object.keys(variants) as U['type'][]
  const tag = word(types)
  return {
    write: (writer, value) => {
      tag.write(writer, value.type)
      const codec: Codec<unknown> = variants[value.type as U['type']]
      codec.write(writer, value)
    },
    read: (reader) => {
      const type = tag.read(reader)
      return { type, ...(variants[type].read(reader) as object) } as U
    },
  }
}
