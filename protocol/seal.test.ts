import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import type { PeerId, Topic } from './ids.ts'
import {
  NONCE_BYTES,
  open,
  openPacket,
  packetBytesIn,
  seal,
  SEALED_TEXT_BYTES_MAX,
  sealPacket,
  type PacketContext,
  type SealContext,
} from './seal.ts'
import { BOX_CHARS_MAX } from './signals.ts'

const key = Uint8Array.from({ length: 32 }, (_, i) => i)
const nonce = Uint8Array.from({ length: NONCE_BYTES }, (_, i) => 255 - i)
const context: SealContext = {
  topic: 'T'.repeat(22) as Topic,
  from: 'A'.repeat(22) as PeerId,
  to: 'B'.repeat(22) as PeerId,
  attempt: 'attempt-1',
}

test('[SG2] an envelope opens to the text that was sealed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 4_000 }), (text) => {
      expect(open(key, context, seal(key, context, text, randomBytes(NONCE_BYTES)))).toBe(text)
    }),
  )
})

test('[SG2] the envelope is pinned', () => {
  const box = seal(key, context, '{"hello":"there"}', nonce)
  expect(box.length).toBe(736)
  expect(box.slice(0, 64)).toBe('__79_Pv6-fj39vX08_Lx8O_u7ezr6unorOEnUNOLigHqFaM9__TuUhsAKJmh5UJX')
  expect(box.slice(-24)).toBe('84X0BzrCGCN-xxliDsHN4RP9') // the tag
})

describe('[SG2] an envelope is bound to', () => {
  const box = seal(key, context, 'offer', nonce)
  const openIn = (changed: Partial<SealContext>) => open(key, { ...context, ...changed }, box)

  test('the key', () =>
    expect(
      open(
        key.map((byte) => byte ^ 1),
        context,
        box,
      ),
    ).toBe(null))
  test('the topic', () => expect(openIn({ topic: 'U'.repeat(22) as Topic })).toBe(null))
  test('the sender', () => expect(openIn({ from: context.to })).toBe(null))
  test('the receiver', () => expect(openIn({ to: context.from })).toBe(null))
  test('the direction', () => expect(openIn({ from: context.to, to: context.from })).toBe(null))
  test('the attempt', () => expect(openIn({ attempt: 'attempt-2' })).toBe(null))
})

describe('[SG2] what is no envelope of ours is null and never throws:', () => {
  const box = seal(key, context, 'offer', nonce)

  test('one flipped bit, wherever it is', () => {
    const bytes = fromBase64Url(box) as Uint8Array
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice()
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
      expect(open(key, context, toBase64Url(flipped))).toBe(null)
    }
  })

  test('one changed character', () => {
    for (let i = 0; i < box.length; i++) {
      const other = box[i] === 'A' ? 'B' : 'A'
      expect(open(key, context, box.slice(0, i) + other + box.slice(i + 1))).toBe(null)
    }
  })

  test('a truncated or a longer one', () => {
    for (let length = 0; length < box.length; length++)
      expect(open(key, context, box.slice(0, length))).toBe(null)
    expect(open(key, context, box + 'AAAA')).toBe(null)
  })

  test('any other text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[A-Za-z0-9_-]{736}$/)),
        (text) => {
          expect(open(key, context, text)).toBe(null)
        },
      ),
    )
  })
})

describe('padding', () => {
  test('texts of like size make envelopes of one size', () => {
    const sizes = [0, 100, 300, 510].map(
      (length) => seal(key, context, 'x'.repeat(length), nonce).length,
    )
    expect(new Set(sizes).size).toBe(1)
  })

  test('the longest text fits the largest envelope that signaling takes, exactly', () => {
    const box = seal(key, context, 'x'.repeat(SEALED_TEXT_BYTES_MAX), nonce)
    expect(box.length).toBe(BOX_CHARS_MAX)
    expect(open(key, context, box)?.length).toBe(SEALED_TEXT_BYTES_MAX)
  })

  test('a longer one is a bug of the caller', () => {
    expect(() => seal(key, context, 'x'.repeat(SEALED_TEXT_BYTES_MAX + 1), nonce)).toThrow('fit')
  })
})

describe('[SG5] a packet of a relayed link', () => {
  const place: PacketContext = {
    topic: context.topic,
    from: context.from,
    to: context.to,
    session: 'session-1',
    count: 7,
  }
  const packet = Uint8Array.of(1, 2, 3)
  const box = sealPacket(key, place, packet, nonce)
  const openIn = (changed: Partial<PacketContext>) => openPacket(key, { ...place, ...changed }, box)

  test('opens in its place, and no length of it shows', () => {
    expect(openIn({})).toEqual(packet)
    expect(sealPacket(key, place, new Uint8Array(0), nonce).length).toBe(box.length)
  })

  test('is pinned', () => {
    expect(box.length).toBe(224)
    expect(box.slice(-24)).toBe('NNrct1pa9ie0K8AIQ2UgNQ6f')
  })

  test.each([
    [
      'another key',
      () =>
        openPacket(
          key.map((byte) => byte ^ 1),
          place,
          box,
        ),
    ],
    ['another topic', () => openIn({ topic: 'U'.repeat(22) as Topic })],
    ['another sender', () => openIn({ from: 'C'.repeat(22) as PeerId })],
    ['another receiver', () => openIn({ to: 'C'.repeat(22) as PeerId })],
    ['the other direction', () => openIn({ from: context.to, to: context.from })],
    ['another session', () => openIn({ session: 'session-2' })],
    ['the place after its own', () => openIn({ count: 8 })],
    ['the place before its own', () => openIn({ count: 6 })],
    ['the place of an envelope', () => open(key, { ...context, attempt: 'session-1' }, box)],
  ])('does not open for %s', (_, opened) => expect(opened()).toBe(null))

  test('with any bit changed it is none', () => {
    fc.assert(
      fc.property(fc.nat(box.length * 6 - 1), (bit) => {
        const bytes = fromBase64Url(box) as Uint8Array
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(openPacket(key, place, toBase64Url(bytes))).toBe(null)
      }),
    )
  })

  test('the largest in so many characters is known beforehand', () => {
    for (const chars of [224, 225, 1_000, 20_000, BOX_CHARS_MAX]) {
      const bytes = packetBytesIn(chars)
      expect(sealPacket(key, place, new Uint8Array(bytes), nonce).length).toBeLessThanOrEqual(chars)
    }
    expect(packetBytesIn(223)).toBe(0)
    expect(packetBytesIn(BOX_CHARS_MAX)).toBe(SEALED_TEXT_BYTES_MAX)
  })
})
