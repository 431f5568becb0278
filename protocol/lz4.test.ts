import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compressed, restored } from './lz4.ts'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
/** A copy: what `compressed` gives holds until its next call. */
const blockOf = (bytes: Uint8Array) => compressed(bytes)?.slice() ?? null

describe('[WI1] compressed bytes', () => {
  test('are a block of LZ4', () => {
    const block = blockOf(Buffer.from(`${'a'.repeat(30)}bcdef`))
    expect(hexOf(block!)).toBe(`1f61${'0100'}0a${'50'}${hexOf(Buffer.from('bcdef'))}`)
  })

  test('come back as they were', () => {
    const alike = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 2_000 })
    const runs = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 700 })), { maxLength: 8 })
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      alike.map((values) => Uint8Array.from(values)),
      runs.map((lengths) =>
        Buffer.concat(lengths.map(([value, length]) => Buffer.alloc(length, value))),
      ),
    )
    fc.assert(
      fc.property(bytes, (bytes) => {
        const block = blockOf(bytes)
        if (block === null) return
        expect(block.length).toBeLessThan(bytes.length)
        expect(hexOf(restored(block, bytes.length)!)).toBe(hexOf(bytes))
        expect(restored(block, bytes.length + 1)).toBe(null)
        if (bytes.length > 0) expect(restored(block, bytes.length - 1)).toBe(null)
      }),
      { numRuns: 500 },
    )
  })

  test('repeat what is far back, and nothing that is too far', () => {
    const begin = Uint8Array.from({ length: 300 }, (_, i) => (i * 7_919) >> 3)
    for (const distance of [65_535, 65_536]) {
      const bytes = new Uint8Array(distance + 400)
      bytes.set(begin)
      bytes.set(begin, distance)
      expect(hexOf(restored(blockOf(bytes)!, bytes.length)!)).toBe(hexOf(bytes))
    }
  })

  test('are none where that would not be shorter', () => {
    expect(compressed(new Uint8Array())).toBe(null)
    expect(compressed(Buffer.from('a short text'))).toBe(null)
    expect(compressed(Uint8Array.from({ length: 256 }, (_, i) => i))).toBe(null)
  })

  test('are refused, whatever they are, without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(300), (block, length) => {
        const bytes = restored(block, length)
        if (bytes !== null) expect(bytes.length).toBe(length)
      }),
      { numRuns: 5_000 },
    )
  })
})
