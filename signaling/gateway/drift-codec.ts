// Owns how DriftDB's messages are written down: as JSON in text, or as CBOR in bytes. A frame says by its own kind
// which of them it is.
//
// A room's value is JSON, or bytes as a whole. CBOR has byte strings, at any depth. Where bytes meet JSON they are
// written as {"$bytes": "<base64>"}: a page or a JSON client sees that where a CBOR client sent bytes inside of
// something, a CBOR client sees bytes where it is said, and as a whole value it is bytes for the room.

import { decode, encode, type DecodeOptions } from 'cborg'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Json, Value } from '../../protocol/value.ts'
import { parseToRoom, type FromRoom, type ToRoom } from './drift-messages.ts'

/** A typed array of JavaScript, RFC 8746: what cbor-web, which DriftDB's client brings along, makes of a Uint8Array. */
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
  return parseToRoom(fields, (field) => ok(bytesIn(field as Json) ?? (field as Json)))
}

export function parseBinary(bytes: Uint8Array): Result<ToRoom> {
  let fields: unknown
  try {
    fields = fromCbor(decode(bytes, CBOR_OPTIONS), 0)
  } catch (error) {
    return fail(`These bytes are not CBOR of a message: ${(error as Error).message}.`)
  }
  return parseToRoom(fields, (field) => (field instanceof Uint8Array ? ok(field) : wrapped(field)))
}

export function toText(message: FromRoom): string {
  return JSON.stringify(
    mapValues(message, (value) => (value instanceof Uint8Array ? wrap(value) : value)),
  )
}

export function toBinary(message: FromRoom): Uint8Array {
  return encode(mapValues(message, unwrapped), { mapSorter: () => 0 })
}

/** The same, written down once for all who are told it. */
export function frameOf(message: FromRoom, isBinary: boolean): string | Uint8Array {
  const frames = framesByMessage.get(message) ?? {}
  framesByMessage.set(message, frames)
  return isBinary ? (frames.binary ??= toBinary(message)) : (frames.text ??= toText(message))
}

const framesByMessage = new WeakMap<FromRoom, { text?: string; binary?: Uint8Array }>()

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
function wrapped(item: unknown): Result<Value> {
  return ok(
    replaced(item, (inner) => (inner instanceof Uint8Array ? wrap(inner) : undefined)) as Json,
  )
}

function unwrapped(value: Value): unknown {
  return value instanceof Uint8Array
    ? value
    : replaced(value, (inner) => bytesIn(inner as Json) ?? undefined)
}

function replaced(item: unknown, replace: (item: unknown) => unknown): unknown {
  const replacement = replace(item)
  if (replacement !== undefined) return replacement
  if (Array.isArray(item)) return item.map((element) => replaced(element, replace))
  if (typeof item !== 'object' || item === null) return item
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, replaced(value, replace)]),
  )
}

function wrap(bytes: Uint8Array): Json {
  return {
    [BYTES_FIELD]: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
  }
}

/** The bytes that `{"$bytes": "<base64>"}` stands for; null for everything else. */
function bytesIn(value: Json): Uint8Array | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const text = (value as { readonly [name: string]: unknown })[BYTES_FIELD]
  if (
    typeof text !== 'string' ||
    Object.keys(value).length !== 1 ||
    !/^[A-Za-z0-9+/]*={0,2}$/.test(text) ||
    text.length % 4 !== 0
  )
    return null
  return new Uint8Array(Buffer.from(text, 'base64'))
}
