// Owns the small vocabulary that every binary form is written in: numbers, texts, lists, structs, unions. Reading
// throws `Malformed` on anything that writing could not have made; the door of each protocol (`parseFrame` and its
// like) turns that into a result.

import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import { isPeerId, type PeerId } from './ids.ts'

export type Encoder = encoding.Encoder
export type Decoder = decoding.Decoder

export interface Codec<T> {
  write(encoder: Encoder, value: T): void
  /** @throws Malformed, or lib0's own errors at the end of the bytes. */
  read(decoder: Decoder): T
}

export class Malformed extends Error {
  override readonly name = 'Malformed'
}

/** Whole numbers from 0 to 2^53 - 1; also for the branded ones. */
export function uint<T extends number = number>(): Codec<T> {
  return {
    write: (encoder, value) => encoding.writeVarUint(encoder, value),
    read: (decoder) => {
      const value = decoding.readVarUint(decoder)
      if (!Number.isSafeInteger(value)) throw new Malformed('a number above 2^53')
      return value as T
    },
  }
}

export const count = uint()

export const bool: Codec<boolean> = {
  write: (encoder, value) => encoding.writeUint8(encoder, value ? 1 : 0),
  read: (decoder) => readByte(decoder, 1) === 1,
}

/** A byte from 0 to `max`. */
export function readByte(decoder: Decoder, max: number): number {
  const value = decoding.readUint8(decoder) as number | undefined
  if (value === undefined || value > max)
    throw new Malformed(`a byte ${value ?? 'missing'} above ${max}`)
  return value
}

/** Any well-formed string. */
export const text: Codec<string> = {
  write: (encoder, value) => encoding.writeVarString(encoder, value),
  read: (decoder) => decoding.readVarString(decoder),
}

export const peerId: Codec<PeerId> = {
  write: text.write,
  read: (decoder) => {
    const value = text.read(decoder)
    if (!isPeerId(value)) throw new Malformed('no peer id')
    return value
  },
}

/** The bytes read are a view of the frame: copy what is to outlive it. */
export const bytes: Codec<Uint8Array> = {
  write: (encoder, value) => encoding.writeVarUint8Array(encoder, value),
  read: (decoder) => decoding.readVarUint8Array(decoder),
}

/** One of a fixed list of words, sent by its place in the list. */
export function word<T extends string>(words: readonly T[]): Codec<T> {
  return {
    write: (encoder, value) => encoding.writeUint8(encoder, words.indexOf(value)),
    read: (decoder) => words[readByte(decoder, words.length - 1)] as T,
  }
}

export function nullable<T>(of: Codec<T>): Codec<T | null> {
  return {
    write: (encoder, value) => {
      bool.write(encoder, value !== null)
      if (value !== null) of.write(encoder, value)
    },
    read: (decoder) => (bool.read(decoder) ? of.read(decoder) : null),
  }
}

export function list<T>(of: Codec<T>, max: number): Codec<readonly T[]> {
  return {
    write: (encoder, values) => {
      encoding.writeVarUint(encoder, values.length)
      for (const value of values) of.write(encoder, value)
    },
    read: (decoder) => {
      const values: T[] = []
      for (let left = readLength(decoder, max); left > 0; left--) values.push(of.read(decoder))
      return values
    },
  }
}

/** Rising whole numbers, each sent as its distance from the one before. */
export function rising(max: number): Codec<Float64Array> {
  return {
    write: (encoder, values) => {
      encoding.writeVarUint(encoder, values.length)
      let before = 0
      for (const value of values) {
        encoding.writeVarUint(encoder, value - before)
        before = value
      }
    },
    read: (decoder) => {
      // Every number takes a byte at least, so the bytes left bound the allocation.
      const values = new Float64Array(
        readLength(decoder, Math.min(max, decoder.arr.length - decoder.pos)),
      )
      let before = 0
      for (let i = 0; i < values.length; i++) {
        before += count.read(decoder)
        values[i] = before
      }
      if (!Number.isSafeInteger(before)) throw new Malformed('a number above 2^53')
      return values
    },
  }
}

export function readLength(decoder: Decoder, max: number): number {
  const length = count.read(decoder)
  if (length > max) throw new Malformed(`a list of ${length}, more than ${max}`)
  return length
}

/** Fields in the order they are named here. */
export function struct<T extends object>(fields: {
  readonly [K in keyof T]-?: Codec<T[K]>
}): Codec<T> {
  const codecs = Object.entries(fields) as [keyof T & string, Codec<T[keyof T & string]>][]
  return {
    write: (encoder, value) => {
      for (const [name, codec] of codecs) codec.write(encoder, value[name])
    },
    read: (decoder) => {
      const value: Partial<T> = {}
      for (const [name, codec] of codecs) value[name] = codec.read(decoder)
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
    write: (encoder, value) => {
      tag.write(encoder, value.type)
      const codec: Codec<unknown> = variants[value.type as U['type']]
      codec.write(encoder, value)
    },
    read: (decoder) => {
      const type = tag.read(decoder)
      return { type, ...(variants[type].read(decoder) as object) } as U
    },
  }
}
