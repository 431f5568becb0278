// Owns how an app's value becomes opaque bytes and back. One leading byte tells JSON from raw bytes;
// nothing between the two ends looks at it. [RE6]

import { VALUE_BYTES_MAX } from './limits.ts'
import { BatonError } from './errors.ts'

/** What an app may send: anything JSON can hold, or bytes. */
export type Value = Json | Uint8Array
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

const JSON_TAG = 0
const BYTES_TAG = 1

/** What walks over a value, in an app or a browser, recurses; a value from a stranger must not be a stack overflow. */
const DEPTH_MAX = 64

const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * The bytes that travel for a value.
 * @throws BatonError `bad-value` when it is neither JSON nor bytes, `value-too-large` above 4 MiB.
 */
export function encodeValue(value: unknown): Uint8Array {
  const bytes =
    value instanceof Uint8Array
      ? tagged(BYTES_TAG, value)
      : tagged(JSON_TAG, utf8Encoder.encode(jsonOf(value)))
  if (bytes[0] === JSON_TAG && nestsTooDeep(bytes.subarray(1)))
    throw new BatonError(
      'bad-value',
      `This value nests deeper than ${DEPTH_MAX} levels. Flatten it, or send it as bytes.`,
    )
  if (bytes.length > VALUE_BYTES_MAX) {
    throw new BatonError(
      'value-too-large',
      `This value takes ${bytes.length} bytes; a room takes at most ${VALUE_BYTES_MAX}. Split it over several messages.`,
    )
  }
  return bytes
}

/** The value that was sent; throws when the bytes were made by no Baton. */
export function decodeValue(bytes: Uint8Array): Value {
  const body = bytes.subarray(1)
  if (bytes[0] === BYTES_TAG) return body.slice()
  if (bytes[0] === JSON_TAG && !nestsTooDeep(body))
    return JSON.parse(utf8Decoder.decode(body)) as Json
  throw new BatonError(
    'peer-misbehaved',
    `A message carries a value of unknown kind ${bytes[0] ?? 'none'}, or one nested too deep; a peer runs something that is not Baton.`,
  )
}

/** Whether brackets nest deeper than DEPTH_MAX, those within strings not counted. */
function nestsTooDeep(json: Uint8Array): boolean {
  if (json.length <= 2 * DEPTH_MAX) return false
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === 0x22) inString = !inString
    else if (inString) i += byte === 0x5c ? 1 : 0
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > DEPTH_MAX) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}

function tagged(tag: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 1)
  bytes[0] = tag
  bytes.set(body, 1)
  return bytes
}

function jsonOf(value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value, refuseWhatJsonLoses)
  } catch (error) {
    if (error instanceof BatonError) throw error
    throw new BatonError(
      'bad-value',
      `This value cannot be written as JSON: ${(error as Error).message}`,
    )
  }
  if (json === undefined) {
    throw new BatonError(
      'bad-value',
      `A value of type ${typeof value} cannot be sent; send null, JSON or a Uint8Array.`,
    )
  }
  return json
}

/** JSON turns NaN into null and a Map into {} without a word; a room would then say something its sender did not. */
function refuseWhatJsonLoses(key: string, value: unknown): unknown {
  if (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof Map ||
    value instanceof Set
  ) {
    throw new BatonError(
      'bad-value',
      `A ${value.constructor.name}${key === '' ? '' : ` at "${key}"`} has no JSON form; send a plain object or array, or a Uint8Array by itself.`,
    )
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new BatonError(
      'bad-value',
      `The number ${value}${key === '' ? '' : ` at "${key}"`} has no JSON form; send null or a string instead.`,
    )
  }
  return value
}
