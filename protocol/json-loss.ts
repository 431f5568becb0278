// Owns which values JSON would lose: what it drops, or turns into something else, without a word. Receivers would get
// what nobody sent, such as null for NaN and {} for a Map or a promise. [RE6]

import { BatonError } from './errors.ts'

/** What to do in the place of sending a value of this kind. */
const INSTEAD_BY_KIND = new Map([
  ['Promise', 'await it first'],
  ['Blob', 'send its bytes'],
  ['File', 'send its bytes'],
  ['Error', 'send its message'],
  ['BigInt', 'send a string'],
  ['undefined', 'send null'],
  ['invalid Date', 'send null'],
])
const INSTEAD = 'send a plain object or array, or a Uint8Array by itself'

/** The kinds of objects that JSON writes whole. All others keep content where JSON does not look. */
const KINDS_OF_JSON = ['Object', 'Array', 'String', 'Boolean', 'Number']

/**
 * The JSON of a value; undefined where it has none.
 * @throws BatonError `bad-value` for a value with a part that JSON would lose.
 */
export function jsonWithoutLoss(value: unknown): string | undefined {
  return JSON.stringify(value, refuseWhatJsonLoses)
}

/** JSON.stringify calls this with what holds the value as `this`. */
function refuseWhatJsonLoses(
  this: { readonly [key: string]: unknown },
  key: string,
  value: unknown,
): unknown {
  const kind = kindLost(this[key], value, Array.isArray(this))
  if (kind !== null)
    throw new BatonError(
      'bad-value',
      `A value of type ${kind}${at(key)} cannot be sent; ${INSTEAD_BY_KIND.get(kind) ?? INSTEAD}.`,
    )
  if (isNoNumber(value))
    throw new BatonError(
      'bad-value',
      `The number ${value}${at(key)} has no JSON form; send null or a string instead.`,
    )
  return value
}

/** Whether an object is a Uint8Array, of another frame too, which `instanceof` does not know. */
export function isBytes(value: unknown): value is Uint8Array {
  if (!ArrayBuffer.isView(value)) return false
  return value instanceof Uint8Array || kindOf(value) === 'Uint8Array'
}

/** The kind of a value that JSON loses, null for any other value. `given` is the value before its `toJSON`. */
function kindLost(given: unknown, value: unknown, isInList: boolean): string | null {
  switch (typeof value) {
    case 'bigint':
      return 'BigInt'
    case 'function':
    case 'symbol':
      return typeof value
    case 'undefined': // as a field it is left out, as everybody expects of JSON
      return isInList ? 'undefined' : null
    case 'object':
      return kindOfObjectLost(given, value)
    case 'string':
    case 'boolean':
    case 'number':
      return null
  }
}

function kindOfObjectLost(given: unknown, value: object | null): string | null {
  if (ArrayBuffer.isView(given)) return kindOf(given) // a Buffer of Node has a `toJSON`
  if (value === null) return kindOf(given) === 'Date' ? 'invalid Date' : null
  if ('then' in value && typeof value.then === 'function') return 'Promise'
  const kind = kindOf(value)
  return KINDS_OF_JSON.includes(kind) ? null : kind
}

/** NaN or an infinity, as a number or as an object around one. */
function isNoNumber(value: unknown): boolean {
  const isNumber = typeof value === 'number' || kindOf(value) === 'Number'
  return isNumber && !Number.isFinite(Number(value))
}

/** The language's own name for it. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

function at(key: string): string {
  return key === '' ? '' : ` at "${key}"`
}
