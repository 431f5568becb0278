import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BatonError } from './errors.ts'
import { VALUE_BYTES_MAX } from './limits.ts'
import { decodeValue, encodeValue, type Value } from './value.ts'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const jsonBytes = (json: string) => Uint8Array.of(0, ...new TextEncoder().encode(json))

/** What the call throws; fails where it does not. */
function errorOf(call: () => unknown): BatonError {
  try {
    call()
  } catch (error) {
    if (error instanceof BatonError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('[RE6] a value', () => {
  test.each<readonly [string, Value, string]>([
    ['null', null, '006e756c6c'],
    ['a truth', true, '0074727565'],
    ['a number', -1.5, '002d312e35'],
    ['a text', 'é', '0022c3a922'],
    ['a list', [1, []], '005b312c5b5d5d'],
    ['an object', { a: null }, '007b2261223a6e756c6c7d'],
    ['bytes', Uint8Array.of(0, 255), '0100ff'],
    ['no bytes', new Uint8Array(), '01'],
  ])('travels as these bytes: %s', (_, value, hex) => {
    expect(
      hexOf(encodeValue(value)),
      'Values have changed on the wire: raise PROTOCOL_VERSION.',
    ).toBe(hex)
  })

  test('of JSON comes back equal', () => {
    // Zero has one form in JSON: the sign of -0 is lost, as JSON.stringify has it.
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(decodeValue(encodeValue(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('of bytes comes back equal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (value) => {
        expect(decodeValue(encodeValue(value))).toEqual(value)
      }),
    )
  })

  test('of bytes is a copy: neither end can change it under the other', () => {
    const sent = Uint8Array.of(1, 2)
    const travelling = encodeValue(sent)
    const got = decodeValue(travelling) as Uint8Array
    sent[0] = 9
    travelling[1] = 9
    expect(got).toEqual(Uint8Array.of(1, 2))
  })

  test('that is a view takes only its own bytes', () => {
    expect(encodeValue(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toEqual(Uint8Array.of(1, 2, 3))
    expect(encodeValue(Buffer.from('hi'))).toEqual(Uint8Array.of(1, 104, 105))
  })

  test('keeps a field named __proto__ a field', () => {
    const value = JSON.parse('{"__proto__":{"admin":true}}') as Value
    const got = decodeValue(encodeValue(value)) as { readonly [name: string]: unknown }
    expect(Object.hasOwn(got, '__proto__')).toBe(true)
    expect(got['admin']).toBeUndefined()
  })

  test('keeps half a surrogate pair', () =>
    expect(decodeValue(encodeValue('a\uD83D'))).toBe('a\uD83D'))
  test('leaves out fields that are undefined, as JSON does', () =>
    expect(decodeValue(encodeValue({ a: undefined, b: 1 }))).toEqual({ b: 1 }))
})

describe('[RE6] no value is', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle

  test.each<readonly [string, unknown, string]>([
    ['undefined', undefined, 'A value of type undefined cannot be sent'],
    ['a function', () => 1, 'A value of type function cannot be sent'],
    ['a symbol', Symbol('s'), 'A value of type symbol cannot be sent'],
    ['a bigint', 1n, 'BigInt'],
    ['a cycle', cycle, 'cannot be written as JSON'],
    ['NaN', NaN, 'The number NaN has no JSON form'],
    [
      'an infinity inside',
      { deep: [{ at: -Infinity }] },
      'The number -Infinity at "at" has no JSON form',
    ],
    [
      'what throws when read',
      {
        toJSON: () => {
          throw new Error('no, thanks')
        },
      },
      'no, thanks',
    ],
  ])('%s', (_, value, message) => {
    const error = errorOf(() => encodeValue(value))
    expect(error.code).toBe('bad-value')
    expect(error.message).toContain(message)
    expect(error.retryable).toBe(false)
  })
})

describe('[RE8] a value at the limit', () => {
  test('is taken, its leading byte included', () => {
    expect(encodeValue(new Uint8Array(VALUE_BYTES_MAX - 1)).length).toBe(VALUE_BYTES_MAX)
    expect(encodeValue('x'.repeat(VALUE_BYTES_MAX - 3)).length).toBe(VALUE_BYTES_MAX)
  })

  test.each<readonly [string, Value]>([
    ['bytes', new Uint8Array(VALUE_BYTES_MAX)],
    ['text', 'x'.repeat(VALUE_BYTES_MAX - 2)],
    ['text of few characters and many bytes', `${'漢'.repeat((VALUE_BYTES_MAX - 4) / 3)}xx`],
  ])('and one byte more is refused with both figures: %s', (_, value) => {
    const error = errorOf(() => encodeValue(value))
    expect(error.code).toBe('value-too-large')
    expect(error.message).toContain(`${VALUE_BYTES_MAX + 1}`)
    expect(error.message).toContain(`at most ${VALUE_BYTES_MAX}`)
  })
})

describe('bytes that no Baton wrote', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['another kind', Uint8Array.of(2, 1)],
  ])('are called so: %s', (_, bytes) =>
    expect(errorOf(() => decodeValue(bytes)).code).toBe('peer-misbehaved'),
  )

  test.each(['', '{', 'undefined', '[1,]', '1 2'])('throw where they are no JSON: %j', (json) =>
    expect(() => decodeValue(jsonBytes(json))).toThrow(),
  )
})
