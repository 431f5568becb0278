// Owns how DriftDB's messages are written down: as JSON in text frames, or as CBOR in binary frames.
//
// A room's value is JSON, or bytes as a whole. CBOR has byte strings, at any depth. Where bytes meet JSON they are
// written as {"$bytes": "<base64>"}:
// - bytes inside a value of a CBOR client are that object for the room, for pages and for JSON clients;
// - that object is bytes again for CBOR clients;
// - that object as a whole value is bytes for the room.

import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Json, Value } from '../../protocol/value.ts'
import { decode, encode, type DecodeOptions } from './cbor.ts'
import { parseToRoom, type FromRoom, type ToRoom } from './drift-messages.ts'

/** A typed array of JavaScript, RFC 8746. cbor-web, which DriftDB's client brings along, makes it of a Uint8Array. */
const UINT8_ARRAY_TAG = 64

const CBOR_OPTIONS: DecodeOptions = {
  // As a map first: an object would take a key "__proto__" for its prototype.
  useMaps: true,
  rejectDuplicateMapKeys: true,
  tags: { [UINT8_ARRAY_TAG]: (bytes: () => unknown) => bytes() },
}

const BYTES_FIELD = '$bytes'

export function parseText(text: string): Result<ToRoom> {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    return fail('This text is not JSON.')
  }
  return parseToRoom(fields, (field) => ok(bytesIn(field) ?? (field as Json)))
}

export function parseBinary(bytes: Uint8Array): Result<ToRoom> {
  let fields: unknown
  try {
    fields = fromCbor(decode(bytes, CBOR_OPTIONS), 0)
  } catch (error) {
    return fail(`These bytes are not CBOR of a message: ${(error as Error).message}.`)
  }
  return parseToRoom(fields, (field) => ok(field instanceof Uint8Array ? field : wrapped(field)))
}

export function toText(message: FromRoom): string {
  const map = (value: Value) => (value instanceof Uint8Array ? wrap(value) : value)
  return JSON.stringify(mapValues(message, map))
}

export function toBinary(message: FromRoom): Uint8Array {
  return encode(mapValues(message, unwrapped), { mapSorter: () => 0 })
}

/** The same, written down once for all who are told it. */
export function frameOf(message: FromRoom, isBinary: boolean): string | Uint8Array {
  const known = isBinary ? binaryByMessage : textByMessage
  const frame = known.get(message) ?? (isBinary ? toBinary(message) : toText(message))
  known.set(message, frame)
  return frame
}

const textByMessage = new WeakMap<FromRoom, string | Uint8Array>()
const binaryByMessage = new WeakMap<FromRoom, string | Uint8Array>()

function mapValues(message: FromRoom, map: (value: Value) => unknown): unknown {
  switch (message.type) {
    case 'push':
      return { type: 'push', key: message.key, value: map(message.value), seq: message.seq }
    case 'init':
      return {
        type: 'init',
        key: message.key,
        data: message.data.map(({ value, seq }) => ({ value: map(value), seq })),
      }
    case 'stream_size':
    case 'pong':
    case 'error':
      return message
  }
}

/** Deeper than a value may nest: what is deeper is refused before it costs more. */
const DEPTH_MAX = 100

/** What CBOR can say and JSON, or bytes, can too; throws for the rest. */
function fromCbor(item: unknown, depth: number): unknown {
  if (depth > DEPTH_MAX) throw new Error(`it nests deeper than ${DEPTH_MAX} levels`)
  if (item === undefined) return null // as DriftDB's server has it
  if (typeof item === 'bigint') throw new Error(`the number ${item} is beyond 2^53`)
  if (typeof item === 'number' && !Number.isFinite(item))
    throw new Error(`the number ${item} has no JSON form`)
  if (Array.isArray(item)) return item.map((element) => fromCbor(element, depth + 1))
  if (!(item instanceof Map)) return item
  return Object.fromEntries(
    Array.from(item, ([key, value]) => {
      if (typeof key !== 'string') throw new Error('a key of a map is a string')
      return [key, fromCbor(value, depth + 1)]
    }),
  )
}

/** Bytes inside of something have their JSON form in the room. */
function wrapped(item: unknown): Json {
  return replaced(item, (inner) => (inner instanceof Uint8Array ? wrap(inner) : null)) as Json
}

function unwrapped(value: Value): unknown {
  return value instanceof Uint8Array ? value : replaced(value, bytesIn)
}

/** The same, with every part of it replaced for which there is something else. */
function replaced(item: unknown, replace: (item: unknown) => object | null): unknown {
  const replacement = replace(item)
  if (replacement !== null) return replacement
  if (Array.isArray(item)) return item.map((element) => replaced(element, replace))
  if (typeof item !== 'object' || item === null) return item
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, replaced(value, replace)]),
  )
}

function wrap(bytes: Uint8Array): { readonly [name: string]: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return { [BYTES_FIELD]: buffer.toString('base64') }
}

/** The bytes that `{"$bytes": "<base64>"}` stands for; null for everything else. */
function bytesIn(value: unknown): Uint8Array | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  if (Object.keys(value).length !== 1) return null
  const text = (value as { readonly [name: string]: unknown })[BYTES_FIELD]
  return typeof text === 'string' && isBase64(text)
    ? new Uint8Array(Buffer.from(text, 'base64'))
    : null
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
