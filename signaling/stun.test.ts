import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ANSWER_BYTES_MAX,
  bindingAnswer,
  fingerprintOf,
  readBindingRequest,
  REQUEST_BYTES_MAX,
  xorMappedAddress,
} from './stun.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replace(/\s/g, ''), 'hex'))
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

// RFC 5769, sections 2.1 to 2.3: a request, and its answers to an IPv4 and an IPv6 address.
const TRANSACTION = 'b7e7a701bc34d686fa87dfae'
const REQUEST = bytes(`
  0001 0058 2112a442 ${TRANSACTION}
  8022 0010 5354554e 20746573 7420636c 69656e74
  0024 0004 6e0001ff
  8029 0008 932ff9b1 51263b36
  0006 0009 6576746a 3a683676 59202020
  0008 0014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  8028 0004 e57a3bcf`)
const ANSWER_V4 = bytes(`
  0101 003c 2112a442 ${TRANSACTION}
  8022 000b 74657374 20766563 746f7220
  0020 0008 0001a147 e112a643
  0008 0014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
  8028 0004 c07d4c96`)
const ANSWER_V6 = bytes(`
  0101 0048 2112a442 ${TRANSACTION}
  8022 000b 74657374 20766563 746f7220
  0020 0014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  0008 0014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
  8028 0004 c8fb0b4c`)
const V4 = { address: '192.0.2.1', port: 32_853 }
const V6 = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 }

/** A binding request with these attributes, in hex. */
function requestWith(attributes = ''): Uint8Array {
  const body = bytes(attributes)
  const head = Buffer.from(`00010000 2112a442 ${TRANSACTION}`.replace(/\s/g, ''), 'hex')
  head.writeUInt16BE(body.length, 2)
  return new Uint8Array([...head, ...body])
}

/** With one byte changed. */
function spoilt(data: Uint8Array, at: number): Uint8Array {
  const copy = data.slice()
  copy[at]! ^= 1
  return copy
}

describe('[SG8c] the vectors of RFC 5769', () => {
  test('the request is read, though it asks with a name that nobody checks', () => {
    expect(readBindingRequest(REQUEST)).toEqual({
      transaction: bytes(TRANSACTION),
      hasFingerprint: true,
    })
  })

  test.each([
    ['request', REQUEST],
    ['answer to IPv4', ANSWER_V4],
    ['answer to IPv6', ANSWER_V6],
  ])('the fingerprint of the %s', (_, data) => {
    expect(fingerprintOf(data.subarray(0, -8))).toBe(
      Buffer.from(data).readUInt32BE(data.length - 4),
    )
  })

  test('the addresses of both answers', () => {
    const [v4, v6] = [V4, V6].map((source) => hex(xorMappedAddress(bytes(TRANSACTION), source)!))
    expect(hex(ANSWER_V4)).toContain(v4)
    expect(hex(ANSWER_V6)).toContain(v6)
  })
})

describe('[SG8c] an answer', () => {
  test('tells who asks from where the request came', () => {
    const answer = bindingAnswer(readBindingRequest(requestWith())!, V4)!
    expect(hex(answer)).toBe(`0101000c2112a442${TRANSACTION}002000080001a147e112a643`)
  })

  test('has a fingerprint where the request had one', () => {
    const answer = bindingAnswer(readBindingRequest(REQUEST)!, V6)!
    const end = Buffer.from(answer.subarray(-8))
    expect(hex(end.subarray(0, 4))).toBe('80280004')
    expect(end.readUInt32BE(4)).toBe(fingerprintOf(answer.subarray(0, -8)))
    expect(Buffer.from(answer).readUInt16BE(2)).toBe(answer.length - 20)
    expect(answer.length).toBe(ANSWER_BYTES_MAX)
  })

  test('to IPv4 is of IPv4, also over a socket of both', () => {
    const request = readBindingRequest(requestWith())!
    expect(bindingAnswer(request, { ...V4, address: '::ffff:192.0.2.1' })).toEqual(
      bindingAnswer(request, V4),
    )
  })

  test('to nowhere there is none', () => {
    expect(bindingAnswer(readBindingRequest(requestWith())!, { address: '', port: 1 })).toBeNull()
  })

  test('is at most 2.2 times as long as its request', () => {
    for (const request of [requestWith(), requestWith('802800040'.padEnd(16, '0'))]) {
      const asked = { transaction: request.slice(8, 20), hasFingerprint: request.length > 20 }
      for (const source of [V4, V6])
        expect(bindingAnswer(asked, source)!.length / request.length).toBeLessThanOrEqual(2.2)
    }
  })
})

describe('[SG8c] silence answers', () => {
  test.each([
    ['nothing', new Uint8Array()],
    ['half a header', requestWith().subarray(0, 19)],
    ['a byte too many', new Uint8Array([...requestWith(), 0])],
    ['another cookie, as of RFC 3489', spoilt(requestWith(), 4)],
    ['an indication', spoilt(requestWith(), 1)],
    ['an answer, such as ours', ANSWER_V4],
    ['a request to allocate a relay', bytes(`0003 0000 2112a442 ${TRANSACTION}`)],
    ['a length that is not the own one', spoilt(requestWith('80220000'), 3)],
    ['an attribute that reaches beyond the end', requestWith('8022 0005 41414141')],
    ['an attribute of which only a part is there', requestWith('8022 ffff 41414141')],
    ['an attribute that must be understood, and is not', requestWith('0003 0004 00000006')],
    ['a wrong fingerprint', spoilt(REQUEST, REQUEST.length - 1)],
    ['a changed byte before the fingerprint', spoilt(REQUEST, 30)],
    ['a fingerprint that is not the last', requestWith('8028 0004 00000000 8022 0000')],
    ['a short fingerprint', requestWith('8028 0000 80220000')],
    ['a datagram that is too long', requestWith('80220000'.repeat(133))],
  ])('%s', (_, datagram) => {
    expect(readBindingRequest(datagram)).toBeNull()
  })

  test('whatever the datagram, nothing is thrown', () => {
    const anything = fc.uint8Array({ maxLength: REQUEST_BYTES_MAX + 10 })
    const almost = fc
      .tuple(
        fc.constantFrom(REQUEST, requestWith(), requestWith('80220000')),
        fc.nat(),
        fc.nat(255),
      )
      .map(([data, at, byte]) => data.with(at % data.length, byte))
    fc.assert(
      fc.property(fc.oneof(anything, almost), (datagram) => {
        const request = readBindingRequest(datagram)
        if (request !== null) expect(request.transaction.length).toBe(12)
      }),
      { numRuns: 5_000 },
    )
  })

  test('the longest request that is taken', () => {
    expect(readBindingRequest(requestWith('80220000'.repeat(132)))).not.toBeNull()
  })
})
