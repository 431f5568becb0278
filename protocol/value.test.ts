import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BatonError } from './errors.ts'
import { VALUE_BYTES_MAX } from './limits.ts'
import { decodeValue, decodeValues, encodeValue, type Value } from './value.ts'

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

describe('[RE6b] what JSON would lose is refused, with what to do', () => {
  class Failed extends Error {}
  const hole: unknown[] = [1]
  hole.length = 2

  test.each<readonly [string, unknown, string]>([
    ['a promise', Promise.resolve(1), 'A value of type Promise cannot be sent; await it first.'],
    // oxlint-disable-next-line unicorn/no-thenable -- just what apps hand over by mistake
    ['what can be awaited', { then: () => {} }, 'type Promise cannot be sent; await it first.'],
    ['a file', new File(['x'], 'x.txt'), 'type File cannot be sent; send its bytes.'],
    ['a blob', new Blob(['x']), 'type Blob cannot be sent; send its bytes.'],
    ['an error', new Failed('no'), 'type Error cannot be sent; send its message.'],
    ['an error of a browser', new DOMException('no'), 'type DOMException cannot be sent'],
    ['a pattern', /x/, 'type RegExp cannot be sent'],
    ['an invalid date', new Date(NaN), 'type invalid Date cannot be sent; send null.'],
    ['a function', () => 1, 'type function cannot be sent'],
    ['a symbol', Symbol('s'), 'type symbol cannot be sent'],
    ['a bigint', 1n, 'type BigInt cannot be sent; send a string.'],
    ['an object around a bigint', Object(1n), 'type BigInt cannot be sent'],
    ['an object around a symbol', Object(Symbol('s')), 'type Symbol cannot be sent'],
    ['an object around NaN', Object(NaN), 'The number NaN'],
    ['a map', new Map([['a', 1]]), 'type Map cannot be sent; send a plain object or array'],
    ['a set', new Set([1]), 'type Set cannot be sent'],
    ['a weak map', new WeakMap(), 'type WeakMap cannot be sent'],
    ['an iterator', [1].values(), 'type Array Iterator cannot be sent'],
    ['a generator', (function* () {})(), 'type Generator cannot be sent'],
    ['a buffer', new ArrayBuffer(2), 'type ArrayBuffer cannot be sent'],
    ['a query', new URLSearchParams('a=1'), 'type URLSearchParams cannot be sent'],
    ['headers', new Headers(), 'type Headers cannot be sent'],
    ['an event', new Event('click'), 'type Event cannot be sent'],
    ['a node of a page', { [Symbol.toStringTag]: 'HTMLDivElement' }, 'type HTMLDivElement cannot'],
  ])('%s', (_, value, message) => {
    const [inside, listed] = [{ a: value }, [0, value]]
    expect(errorOf(() => encodeValue(value)).message).toContain(message)
    for (const [holder, at] of [[inside, 'a'] as const, [listed, '1'] as const]) {
      const error = errorOf(() => encodeValue(holder))
      expect(error.code).toBe('bad-value')
      expect(error.message).toContain(` at "${at}" `)
    }
  })

  test.each<readonly [string, unknown, string]>([
    ['undefined in a list', [1, undefined], 'type undefined at "1" cannot be sent; send null.'],
    ['a hole in a list', hole, 'type undefined at "1" cannot be sent; send null.'],
    ['what becomes undefined in a list', [{ toJSON: () => undefined }], 'undefined at "0"'],
    ['bytes inside', { a: Uint8Array.of(1) }, 'type Uint8Array at "a" cannot be sent'],
    ["Node's bytes inside", [Buffer.from('x')], 'type Uint8Array at "0" cannot be sent'],
    ['a view of bytes', new DataView(new ArrayBuffer(1)), 'type DataView cannot be sent'],
    ['numbers of another size', Float32Array.of(1), 'type Float32Array cannot be sent'],
  ])('%s', (_, value, message) =>
    expect(errorOf(() => encodeValue(value)).message).toContain(message),
  )
})

describe('[RE6b] what JSON changes on purpose travels so:', () => {
  class Point {
    readonly x = 1
    #hidden = 2
    get sum() {
      return this.x + this.#hidden
    }
  }

  test.each<readonly [string, unknown, Value]>([
    ['a date as its text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['what toJSON says', { toJSON: () => ['it'] }, ['it']],
    ['an address as its text', new URL('https://a.test'), 'https://a.test/'],
    ['an object of a class by its own fields', new Point(), { x: 1 }],
    ['fields that are undefined not at all', { a: undefined, b: 1 }, { b: 1 }],
    ['fields under symbols not at all', { [Symbol('s')]: 1, b: 1 }, { b: 1 }],
    ['minus zero as zero', -0, 0],
    [
      'objects around plain values as these',
      [Object('a'), Object(1), Object(true)],
      ['a', 1, true],
    ],
    ['objects without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])('%s', (_, value, got) => expect(decodeValue(encodeValue(value))).toEqual(got))

  test('values of another frame as those of this one', () => {
    const other = runInNewContext(
      '({ bytes: Uint8Array.of(1, 2), list: [1], at: new Date(0), late: new Date(NaN) })',
    )
    expect(decodeValue(encodeValue(other.bytes))).toEqual(Uint8Array.of(1, 2))
    expect(decodeValue(encodeValue([other.list, other.at]))).toEqual([
      [1],
      '1970-01-01T00:00:00.000Z',
    ])
    expect(errorOf(() => encodeValue(other.late)).code).toBe('bad-value')
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

describe('[RE6] many values at once', () => {
  /** What some bytes mean one by one. */
  const oneByOne = (values: readonly Uint8Array[]) =>
    values.map((value) => {
      try {
        return { value: decodeValue(value) }
      } catch {
        return 'nothing'
      }
    })
  const together = (values: readonly Uint8Array[]) => {
    const ends: number[] = []
    for (const { length } of values) ends.push((ends.at(-1) ?? 0) + length)
    return decodeValues(Buffer.concat(values), Float64Array.from(ends))
  }

  test('are those that they are one by one', () => {
    fc.assert(
      fc.property(fc.array(fc.json(), { minLength: 1 }), (jsons) => {
        const values = jsons.map(jsonBytes)
        expect(together(values)).toEqual(jsons.map((json) => JSON.parse(json) as unknown))
      }),
    )
  })

  // Each of these would change what its neighbours are, if it were read among them.
  const FRAGMENTS = [
    '', ' ', '1', '1,2', '"a', 'b"', '"', '\\', '"\\"', '"a\\', '[1', '2]', '[', ']', '{', '}', '],[', '[[3', '4]]',
    '{"a":[3', '4]}', '"a":1', ':', ',', '\n', '"\n"', '[}', '{]', '\u0000', '\ufeff1', '"é', 'nul', 'l', '-', '1 2',
  ] // prettier-ignore
  test('are none where one of them is none, whatever stands beside it', () => {
    const pieces = fc.oneof(fc.constantFrom(...FRAGMENTS), fc.json())
    const bytes = fc.oneof(
      pieces.map(jsonBytes),
      fc.constantFrom(Uint8Array.of(), Uint8Array.of(0, 0x22, 0xc3), Uint8Array.of(0, 0xa9, 0x22)),
      fc.uint8Array({ maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (values) => {
        const read = together(values)
        if (read === null) return
        expect(read.map((value) => ({ value }))).toEqual(oneByOne(values))
      }),
      { numRuns: 5_000 },
    )
  })

  test('are left to be read one by one where one is bytes, or nests too deep', () => {
    expect(together([encodeValue(1), encodeValue(Uint8Array.of(2))])).toBe(null)
    expect(together([jsonBytes('['.repeat(65) + ']'.repeat(65))])).toBe(null)
    expect(together([jsonBytes('['.repeat(64) + ']'.repeat(64))])).not.toBe(null)
  })
})
