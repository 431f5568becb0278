import { hkdfSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64Url } from './base64url.ts'
import { isTopic } from './ids.ts'
import { createToken, deriveRoom, isWeakToken } from './token.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('createToken', () => {
  test('[SG1] a token holds the 128 bits it was given', () => {
    const bytes = randomBytes(16)
    expect(fromBase64Url(createToken(() => bytes))).toEqual(new Uint8Array(bytes))
  })

  test('a fresh token is not weak', () => {
    for (let i = 0; i < 1_000; i++) expect(isWeakToken(createToken(randomBytes))).toBe(false)
  })
})

describe('deriveRoom', () => {
  test('[SG1] the derivation is pinned: another one would split every room', () => {
    const { topic, key } = deriveRoom('AAECAwQFBgcICQoLDA0ODw')
    expect(topic).toBe('F8BaSAMpASRPZT0JjKuzLg')
    expect(hex(key)).toBe('c4633e6fd36414c23b25ea86788b029cd919ff64431c3425a2526172f997d4ac')
  })

  test('[SG1] it is HKDF-SHA-256 as Node has it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { topic, key } = deriveRoom(text)
        const derive = (label: string, length: number) =>
          hex(new Uint8Array(hkdfSync('sha256', text.normalize('NFC'), 'baton/1', label, length)))
        expect(hex(fromBase64Url(topic) ?? new Uint8Array())).toBe(derive('topic', 16))
        expect(hex(key)).toBe(derive('key', 32))
      }),
    )
  })

  test('every token has a topic that signaling accepts, the empty one and __proto__ included', () => {
    for (const token of ['', '__proto__', 'stand-up', '\u{1f3c3}', 'x'.repeat(100_000)])
      expect(isTopic(deriveRoom(token).topic)).toBe(true)
  })

  test('two spellings of one accented letter lead to one room', () => {
    expect(deriveRoom('caf\u00e9').topic).toBe(deriveRoom('cafe\u0301').topic)
  })
})

describe('isWeakToken', () => {
  test('[SG1] short tokens, words and repetitions are weak', () => {
    for (const token of [
      '',
      'team',
      'kT9-x_0aQ2',
      'correct-horse-battery-staple',
      'THE QUICK BROWN FOX JUMPS',
      'a1'.repeat(20),
    ]) {
      expect(isWeakToken(token), token).toBe(true)
    }
  })

  test('UUIDs and hex are not', () => {
    expect(isWeakToken('0d5a5c1e-8f0c-4d6f-9f2b-7b1f6f1c2e3d')).toBe(false)
    expect(isWeakToken('9f86d081884c7d659a2feaa0c55ad015')).toBe(false)
  })
})
