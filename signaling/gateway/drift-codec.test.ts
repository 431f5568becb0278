import { decode, encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseBinary, parseText, toBinary, toText } from './drift-codec.ts'
import type { Value } from '../../protocol/value.ts'

const BYTES = Uint8Array.of(0, 1, 250)
const IN_JSON = { $bytes: 'AAH6' }

const push = (value: unknown) => ({ type: 'push', key: 'k', value, action: { type: 'append' } })
const valueIn = (parsed: ReturnType<typeof parseText>) =>
  parsed.ok && parsed.value.type === 'push' ? parsed.value.value : parsed
const told = (value: Value) => ({ type: 'push', key: 'k', value, seq: 1 }) as const

describe('bytes', () => {
  test('of a CBOR client are bytes for the room, as a byte string and as a typed array', () => {
    expect(valueIn(parseBinary(encode(push(BYTES))))).toEqual(BYTES)
    const plain = encode(push(BYTES))
    const at = plain.findIndex((byte, i) => byte === 0x43 && plain[i + 3] === 250)
    const typed = Uint8Array.of(...plain.subarray(0, at), 0xd8, 64, ...plain.subarray(at))
    expect(valueIn(parseBinary(typed))).toEqual(BYTES)
  })

  test('of a JSON client are written in base64', () => {
    expect(valueIn(parseText(JSON.stringify(push(IN_JSON))))).toEqual(BYTES)
    expect(valueIn(parseText(JSON.stringify(push({ $bytes: 'not base64!' }))))).toEqual({
      $bytes: 'not base64!',
    })
    expect(valueIn(parseText(JSON.stringify(push({ $bytes: 'AAH6', and: 1 }))))).toEqual({
      $bytes: 'AAH6',
      and: 1,
    })
  })

  test('inside of something have that form in the room, and are bytes again for a CBOR client', () => {
    const value = valueIn(parseBinary(encode(push({ a: [BYTES] }))))
    expect(value).toEqual({ a: [IN_JSON] })
    expect(decode(toBinary(told(value as Value)))).toEqual(told({ a: [BYTES] } as never))
    expect(JSON.parse(toText(told(value as Value)))).toEqual(told({ a: [IN_JSON] }))
  })

  test('of the room reach each in its form', () => {
    expect(decode(toBinary(told(BYTES)))).toEqual(told(BYTES))
    expect(
      JSON.parse(toText({ type: 'init', key: 'k', data: [{ value: BYTES, seq: 1 }] })),
    ).toEqual({ type: 'init', key: 'k', data: [{ value: IN_JSON, seq: 1 }] })
  })
})

describe('CBOR', () => {
  test('any JSON comes back equal', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (json) => {
        const value = JSON.parse(JSON.stringify(json)) as Value
        const parsed = valueIn(parseBinary(encode(push(value))))
        if (JSON.stringify(value).includes('$bytes')) return
        expect(parsed).toEqual(value)
        expect(decode(toBinary(told(parsed as Value)), {})).toEqual(told(value))
      }),
    )
  })

  test('a key "__proto__" is a key', () => {
    const value = JSON.parse('{"__proto__":{"polluted":1}}') as Value
    const parsed = valueIn(parseBinary(encode(push(value))))
    expect(Object.keys(parsed as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test.each([
    ['nothing', new Uint8Array(0), 'not CBOR'],
    ['half a message', encode(push('x')).subarray(0, 9), 'not CBOR'],
    ['a message and a half', Uint8Array.of(...encode(push('x')), 1), 'not CBOR'],
    ['a text', encode('hello'), 'is an object'],
    ['bytes', encode(BYTES), 'is an object'],
    ['a number beyond 2^53', encode(push(2n ** 60n)), 'beyond 2^53'],
    ['a NaN', encode(push(Number.NaN)), 'NaN'],
    ['a tag that has no meaning here', Uint8Array.of(0xc1, 0x01), 'not CBOR'],
    ['a map with a number for a key', encode(new Map([[1, 2]])), 'a string'],
    ['a map with a key twice', Uint8Array.of(0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2), 'not CBOR'],
    ['10,000 arrays in each other', new Uint8Array(10_000).fill(0x81), 'not CBOR'],
    [
      'an array that says it has 2^32 items',
      Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff),
      'not CBOR',
    ],
    ['a text that says it has 2^32 bytes', Uint8Array.of(0x7a, 0xff, 0xff, 0xff, 0xff), 'not CBOR'],
  ])('%s is one error that says so', (_, bytes, why) => {
    expect(parseBinary(bytes)).toEqual({ ok: false, error: expect.stringContaining(why) })
  })

  test('undefined is null, as DriftDB has it', () => {
    expect(valueIn(parseBinary(encode(push({ a: undefined }))))).toEqual({ a: null })
    expect(parseBinary(encode({ type: 'ping', nonce: undefined }))).toEqual({
      ok: true,
      value: { type: 'ping', nonce: null },
    })
  })

  test('[SG6] no bytes at all make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseBinary(bytes)),
      { numRuns: 2_000 },
    )
  })
})

describe('a message', () => {
  test.each([
    ['no JSON', '{', 'not JSON'],
    ['no object', '[]', 'is an object'],
    ['null', 'null', 'is an object'],
    ['no type', '{}', 'not nothing'],
    ['an unknown type', '{"type":"pull"}', '"pull"'],
    ['a type with a capital', '{"type":"Push"}', '"Push"'],
    ['a push without a key', '{"type":"push","value":1,"action":{"type":"append"}}', '"key"'],
    [
      'a push with a number for a key',
      '{"type":"push","key":1,"value":1,"action":{"type":"append"}}',
      '"key"',
    ],
    ['a push without a value', '{"type":"push","key":"k","action":{"type":"append"}}', '"value"'],
    ['a push without an action', '{"type":"push","key":"k","value":1}', '"action"'],
    [
      'a push with a text for an action',
      '{"type":"push","key":"k","value":1,"action":"append"}',
      '"action"',
    ],
    [
      'a push with an unknown action',
      '{"type":"push","key":"k","value":1,"action":{"type":"delete"}}',
      '"delete"',
    ],
    [
      'a compact without a seq',
      '{"type":"push","key":"k","value":1,"action":{"type":"compact"}}',
      '"seq"',
    ],
    [
      'a compact at 0',
      '{"type":"push","key":"k","value":1,"action":{"type":"compact","seq":0}}',
      '"seq"',
    ],
    [
      'a compact at half a number',
      '{"type":"push","key":"k","value":1,"action":{"type":"compact","seq":1.5}}',
      '"seq"',
    ],
    ['a get without a key', '{"type":"get"}', '"key"'],
    ['a get before 0', '{"type":"get","key":"k","seq":-1}', '"seq"'],
    ['a get at a text', '{"type":"get","key":"k","seq":"1"}', '"seq"'],
    ['a ping with a text', '{"type":"ping","nonce":"x"}', '"nonce"'],
    ['a ping below 0', '{"type":"ping","nonce":-1}', '"nonce"'],
    ['a key that is too long', JSON.stringify({ type: 'get', key: 'k'.repeat(513) }), '512 bytes'],
    ['half of a surrogate pair in a key', '{"type":"get","key":"\\ud800"}', 'surrogate'],
  ])('%s is one error that names what is wrong', (_, text, why) => {
    expect(parseText(text)).toEqual({ ok: false, error: expect.stringContaining(why) })
  })

  test('[SG6] no JSON at all makes it throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => void parseText(JSON.stringify(json))),
      { numRuns: 2_000 },
    )
    const shape = fc.record(
      {
        type: fc.constantFrom('push', 'get', 'ping'),
        key: fc.jsonValue(),
        value: fc.jsonValue(),
        seq: fc.jsonValue(),
        nonce: fc.jsonValue(),
        action: fc.oneof(
          fc.jsonValue(),
          fc.record({ type: fc.constantFrom('append', 'compact'), seq: fc.jsonValue() }),
        ),
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(shape, (json) => void parseText(JSON.stringify(json))),
      { numRuns: 2_000 },
    )
  })
})
