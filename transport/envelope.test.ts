import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeEnvelope, parseEnvelope, type Envelope } from './envelope.ts'
import { CANDIDATE_CHARS_MAX, SDP_CHARS_MAX } from './link-limits.ts'

const candidate = {
  candidate: 'candidate:1 1 udp 1 192.0.2.1 1 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
}
const envelopes: readonly Envelope[] = [
  { count: 1, signal: { type: 'offer', sdp: 'v=0' } },
  { count: 2, signal: { type: 'answer', sdp: 'v=0' } },
  { count: 3, signal: { type: 'candidate', candidate } },
  { count: 4, signal: { type: 'candidate', candidate: { ...candidate, sdpMid: null } } },
]

test('every signal comes back as it was', () => {
  for (const envelope of envelopes)
    expect(parseEnvelope(encodeEnvelope(envelope))).toEqual(envelope)
})

test('fields that are not ours are left behind', () => {
  expect(
    parseEnvelope(
      JSON.stringify({
        ...envelopes[2],
        extra: 1,
        signal: { type: 'candidate', candidate: { ...candidate, address: 'x' } },
      }),
    ),
  ).toEqual(envelopes[2])
})

test('what is no signal of ours is null', () => {
  const signals: unknown[] = [
    null,
    [],
    7,
    {},
    { type: 'offer' },
    { type: 'offer', sdp: 1 },
    { type: 'renegotiate', renegotiate: true },
    { type: 'offer', sdp: 'x'.repeat(SDP_CHARS_MAX + 1) },
    { type: 'candidate' },
    { type: 'candidate', candidate: 'x' },
    { type: 'candidate', candidate: { candidate: 'x' } },
    {
      type: 'candidate',
      candidate: { ...candidate, candidate: 'x'.repeat(CANDIDATE_CHARS_MAX + 1) },
    },
  ]
  for (const signal of signals)
    expect(
      parseEnvelope(JSON.stringify({ count: 1, signal })),
      JSON.stringify(signal).slice(0, 80),
    ).toBe(null)
  for (const count of [0, -1, 1.5, '1', null, 2 ** 53])
    expect(parseEnvelope(JSON.stringify({ ...envelopes[0], count }))).toBe(null)
})

test('any text gets an answer, never an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseEnvelope(text)
    }),
  )
})
