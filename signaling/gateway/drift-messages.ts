// Owns DriftDB's messages, both ways, as its clients and its documentation have them, and the door through which a
// client's message becomes typed. How messages are written down, in JSON or in CBOR, is drift-codec.ts's.

import { whyNoKey } from '../../protocol/key.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Value } from '../../protocol/value.ts'

export type DriftAction =
  | { readonly type: 'append' | 'replace' | 'relay' }
  | { readonly type: 'compact'; readonly seq: number }

/** What a client says. */
export type ToRoom =
  | {
      readonly type: 'push'
      readonly key: string
      readonly value: Value
      readonly action: DriftAction
    }
  /** `seq` null: no answer. DriftDB subscribes by it; here every connection hears everything anyway. */
  | { readonly type: 'get'; readonly key: string; readonly seq: number | null }
  | { readonly type: 'ping'; readonly nonce: number | null }

/** What a client is told. */
export type FromRoom =
  | { readonly type: 'push'; readonly key: string; readonly value: Value; readonly seq: number }
  | {
      readonly type: 'init'
      readonly key: string
      readonly data: readonly InitItem[]
    }
  | { readonly type: 'stream_size'; readonly key: string; readonly size: number }
  | { readonly type: 'pong'; readonly nonce: number | null }
  | { readonly type: 'error'; readonly message: string }

export type InitItem = { readonly value: Value; readonly seq: number }

type Fields = { readonly [name: string]: unknown }

/** The message in these fields, or a sentence on what is wrong. Never throws. Fields that nobody knows are ignored. */
export function parseToRoom(
  fields: unknown,
  valueOf: (field: unknown) => Result<Value>,
): Result<ToRoom> {
  if (!isFields(fields))
    return fail('A message is an object with a "type": "push", "get" or "ping".')
  switch (fields['type']) {
    case 'push':
      return parsePush(fields, valueOf)
    case 'get':
      return parseGet(fields)
    case 'ping':
      return parsePing(fields)
  }
  return fail(`"type" is "push", "get" or "ping", not ${shown(fields['type'])}.`)
}

function parsePush(
  { key, action, ...fields }: Fields,
  valueOf: (field: unknown) => Result<Value>,
): Result<ToRoom> {
  const wrongKey = whatIsWrongWithKey(key)
  if (wrongKey !== null) return fail(wrongKey)
  if (!Object.hasOwn(fields, 'value')) return fail('A push needs a "value"; null is a value, too.')
  if (!isFields(action)) return fail('A push needs an "action", such as {"type":"append"}.')
  const value = valueOf(fields['value'])
  if (!value.ok) return value
  const parsed = parseAction(action)
  if (!parsed.ok) return parsed
  return ok({ type: 'push', key: key as string, value: value.value, action: parsed.value })
}

function parseAction({ type, seq }: Fields): Result<DriftAction> {
  switch (type) {
    case 'append':
    case 'replace':
    case 'relay':
      return ok({ type })
    case 'compact':
      if (!isCount(seq) || seq === 0)
        return fail(`A compact needs a "seq" of 1 or more, not ${shown(seq)}.`)
      return ok({ type, seq })
  }
  return fail(
    `The type of an action is "append", "replace", "relay" or "compact", not ${shown(type)}.`,
  )
}

function parseGet({ key, seq = 0 }: Fields): Result<ToRoom> {
  const wrongKey = whatIsWrongWithKey(key)
  if (wrongKey !== null) return fail(wrongKey)
  if (seq !== null && !isCount(seq))
    return fail(`"seq" is a whole number from 0 to 2^53 - 1, or null, not ${shown(seq)}.`)
  return ok({ type: 'get', key: key as string, seq })
}

function parsePing({ nonce = null }: Fields): Result<ToRoom> {
  if (nonce === null || isCount(nonce)) return ok({ type: 'ping', nonce })
  return fail('"nonce" is a whole number from 0 to 2^53 - 1, or null.')
}

function whatIsWrongWithKey(key: unknown): string | null {
  if (typeof key !== 'string') return `"key" is a string, not ${shown(key)}.`
  return whyNoKey(key)?.message ?? null
}

function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  return !Array.isArray(value) && !ArrayBuffer.isView(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A value as an error may repeat it: short, and of the sender's own making. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `"${value.slice(0, 40)}"`
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value).slice(0, 40)
}
