// Owns as much of STUN (RFC 8489) as a page needs to learn its own address: reading a binding request, and writing the
// answer. Everything else is nothing here: no errors, no credentials, no other methods. It knows no socket.

import { crc32 } from 'node:zlib'
import { bytesOf } from './address-bytes.ts'

export type BindingRequest = {
  /** Comes back with the answer. */
  readonly transaction: Uint8Array
  /** Whether the request had a FINGERPRINT, so that the answer has one too. */
  readonly hasFingerprint: boolean
}

/** From where a request came, as the service saw it. */
export type Source = { readonly address: string; readonly port: number }

/** What fits into an IPv4 datagram that no network breaks up. */
export const REQUEST_BYTES_MAX = 548
/** A header, an XOR-MAPPED-ADDRESS of IPv6, and a FINGERPRINT. */
export const ANSWER_BYTES_MAX = 52

const HEADER_BYTES = 20
const ATTRIBUTE_HEADER_BYTES = 4
const MAGIC_COOKIE = 0x2112a442
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const XOR_MAPPED_ADDRESS = 0x0020
const FINGERPRINT = 0x8028
const FINGERPRINT_XOR = 0x5354554e
const FINGERPRINT_BYTES = 8
/** From here on an attribute may be passed over by who does not know it. */
const OPTIONAL_FROM = 0x8000
/**
 * What must be understood, and means nothing to a service that asks nobody who they are: USERNAME, MESSAGE-INTEGRITY
 * and its SHA-256 form, and what ICE adds (PRIORITY, USE-CANDIDATE).
 */
const UNDERSTOOD = new Set([0x0006, 0x0008, 0x001c, 0x0024, 0x0025])

type Attribute = { readonly type: number; readonly at: number; readonly bytes: number }

/** Null for what is no binding request, or asks for more than an address. Never throws. */
export function readBindingRequest(datagram: Uint8Array): BindingRequest | null {
  if (!hasHeader(datagram)) return null
  const attributes = attributesOf(datagram)
  if (attributes === null) return null
  const prints = attributes.filter(({ type }) => type === FINGERPRINT)
  if (!prints.every((print) => isRight(print, datagram))) return null
  if (!attributes.every(({ type }) => type >= OPTIONAL_FROM || UNDERSTOOD.has(type))) return null
  return {
    transaction: datagram.slice(8, HEADER_BYTES),
    hasFingerprint: prints.length > 0,
  }
}

/** The answer that tells who asks from where the request came; null for a source that is no address. */
export function bindingAnswer(request: BindingRequest, source: Source): Uint8Array | null {
  const mapped = xorMappedAddress(request.transaction, source)
  if (mapped === null) return null
  const answer = new Uint8Array(
    HEADER_BYTES + mapped.length + (request.hasFingerprint ? FINGERPRINT_BYTES : 0),
  )
  const view = new DataView(answer.buffer)
  view.setUint16(0, BINDING_SUCCESS)
  view.setUint16(2, answer.length - HEADER_BYTES)
  view.setUint32(4, MAGIC_COOKIE)
  answer.set(request.transaction, 8)
  answer.set(mapped, HEADER_BYTES)
  if (!request.hasFingerprint) return answer
  const at = HEADER_BYTES + mapped.length
  view.setUint16(at, FINGERPRINT)
  view.setUint16(at + 2, 4)
  view.setUint32(at + ATTRIBUTE_HEADER_BYTES, fingerprintOf(answer.subarray(0, at)))
  return answer
}

/** The attribute, header included. Some routers rewrite addresses that they find in a packet: so it is masked. */
export function xorMappedAddress(
  transaction: Uint8Array,
  { address, port }: Source,
): Uint8Array | null {
  const own = bytesOf(address)
  if (own === null) return null
  const attribute = new Uint8Array(ATTRIBUTE_HEADER_BYTES + 4 + own.length)
  const view = new DataView(attribute.buffer)
  view.setUint16(0, XOR_MAPPED_ADDRESS)
  view.setUint16(2, 4 + own.length)
  view.setUint8(5, own.length === 4 ? 1 : 2) // the family
  view.setUint16(6, port ^ (MAGIC_COOKIE >>> 16))
  const mask = new Uint8Array(16)
  new DataView(mask.buffer).setUint32(0, MAGIC_COOKIE)
  mask.set(transaction, 4)
  own.forEach((byte, at) => view.setUint8(8 + at, byte ^ mask[at]!))
  return attribute
}

/** FINGERPRINT of all that stands before the attribute, whose length already counts. */
export function fingerprintOf(before: Uint8Array): number {
  return (crc32(before) ^ FINGERPRINT_XOR) >>> 0
}

function hasHeader(datagram: Uint8Array): boolean {
  const { length } = datagram
  if (length < HEADER_BYTES || length > REQUEST_BYTES_MAX) return false
  const view = viewOf(datagram)
  if (view.getUint16(0) !== BINDING_REQUEST || view.getUint32(4) !== MAGIC_COOKIE) return false
  return length % 4 === 0 && view.getUint16(2) === length - HEADER_BYTES
}

/** Null where one reaches beyond the end. */
function attributesOf(datagram: Uint8Array): readonly Attribute[] | null {
  const view = viewOf(datagram)
  const attributes: Attribute[] = []
  let at = HEADER_BYTES
  while (at < datagram.length) {
    const bytes = view.getUint16(at + 2)
    attributes.push({ type: view.getUint16(at), at, bytes })
    at += ATTRIBUTE_HEADER_BYTES + Math.ceil(bytes / 4) * 4
  }
  return at === datagram.length ? attributes : null
}

/** A FINGERPRINT is the last attribute, and says what it should. */
function isRight({ at, bytes }: Attribute, datagram: Uint8Array): boolean {
  if (bytes !== 4 || at + FINGERPRINT_BYTES !== datagram.length) return false
  const told = viewOf(datagram).getUint32(at + ATTRIBUTE_HEADER_BYTES)
  return told === fingerprintOf(datagram.subarray(0, at))
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
