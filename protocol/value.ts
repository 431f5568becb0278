// Owns how an app's value becomes opaque bytes and back. One leading byte tells JSON from raw bytes; nothing between
// the two ends looks at that byte. [RE6]

import { VALUE_BYTES_MAX } from './limits.ts'
import { BatonError } from './errors.ts'
import { isBytes, jsonWithoutLoss } from './json-loss.ts'
import type { KeptValues } from './kept-values.ts'
import { utf8 } from './utf8.ts'

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

/** Apps and browsers walk over values by recursion: a stranger's value must not be a stack overflow. */
const DEPTH_MAX = 64

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

const utf8Decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * The bytes that travel for a value, in a place among others that are kept if one is given.
 * @throws BatonError `bad-value` when it is neither JSON nor bytes, `value-too-large` above 4 MiB.
 */
export function encodeValue(value: unknown, place?: KeptValues): Uint8Array {
  const bytes = isBytes(value) ? tagged(BYTES_TAG, value, place) : encodeJson(value, place)
  if (bytes.length <= VALUE_BYTES_MAX) return bytes
  throw new BatonError(
    'value-too-large',
    `This value takes ${bytes.length} bytes; a room takes at most ${VALUE_BYTES_MAX}. ` +
      'Split it over several messages.',
  )
}

/** The value that was sent; throws when the bytes were made by no Baton. */
export function decodeValue(bytes: Uint8Array): Value {
  if (bytes[0] === BYTES_TAG) return bytes.slice(1)
  const body = bytes.subarray(1)
  if (bytes[0] === JSON_TAG && (isShallow(body) || isWhole(body)))
    return JSON.parse(utf8Decoder.decode(body)) as Json
  throw new BatonError(
    'peer-misbehaved',
    `A message has a value of unknown kind ${bytes[0] ?? 'none'}, or one that nests too deep: ` +
      'a peer runs something that is not Baton.',
  )
}

/**
 * The same for many values at once, which is far quicker: value i is `bytes[ends[i-1] .. ends[i]]`. Null where one of
 * them has to be looked at by itself.
 */
export function decodeValues(bytes: Uint8Array, ends: Float64Array): readonly Json[] | null {
  const list = new Uint8Array(bytes.length + 1)
  list.set(bytes)
  let start = 0
  for (const end of ends) {
    const isJson = start < end && bytes[start] === JSON_TAG
    if (!isJson || !(isPlainText(bytes, start + 1, end) || isWhole(bytes, start + 1, end)))
      return null
    list[start] = start === 0 ? OPEN_LIST : COMMA
    start = end
  }
  list[start] = CLOSE_LIST
  try {
    const values = JSON.parse(utf8Decoder.decode(list)) as Json[]
    return values.length === ends.length ? values : null // a blank text alone makes an empty list
  } catch {
    return null
  }
}

/** A string with neither quotes nor escapes at its end is whole: the browser sees this faster than a loop. */
function isPlainText(json: Uint8Array, start: number, end: number): boolean {
  if (json[start] !== QUOTE || json[end - 2] === BACKSLASH) return false
  return json.indexOf(QUOTE, start + 1) === end - 1
}

/** So short that nothing can nest too deep in it. */
function isShallow(json: Uint8Array): boolean {
  return json.length <= 2 * DEPTH_MAX
}

/**
 * Whether a text is whole: no bracket and no string is left open, and no comma is outside of brackets. Among others in a
 * list it then means what it means alone. Nor do its brackets nest deeper than DEPTH_MAX.
 */
function isWhole(json: Uint8Array, start = 0, end = json.length): boolean {
  let depth = 0
  let inString = false
  for (let i = start; i < end; i++) {
    const byte = json[i]
    if (byte === QUOTE) inString = !inString
    else if (inString && byte === BACKSLASH) i += 1
    else if (inString) continue
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1
    else if (byte === COMMA && depth === 0) return false
    if (depth < 0 || depth > DEPTH_MAX) return false
  }
  return depth === 0 && !inString
}

function encodeJson(value: unknown, place: KeptValues | undefined): Uint8Array {
  const json = utf8(jsonOf(value))
  if (isShallow(json) || isWhole(json)) return tagged(JSON_TAG, json, place)
  throw new BatonError(
    'bad-value',
    `This value nests deeper than ${DEPTH_MAX} levels. Flatten it, or send it as bytes.`,
  )
}

function tagged(tag: number, body: Uint8Array, place: KeptValues | undefined): Uint8Array {
  const length = body.length + 1
  const bytes = place === undefined ? new Uint8Array(length) : place.reserve(length)
  bytes[0] = tag
  bytes.set(body, 1)
  return bytes
}

function jsonOf(value: unknown): string {
  let json: string | undefined
  try {
    json = jsonWithoutLoss(value)
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
