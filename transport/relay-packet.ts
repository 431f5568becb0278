// Owns what is in a box of a relayed link, byte by byte. [SG5] It does not know how it is sealed.
//
//   packet   = flags, received, window, bytes
//   flags    = one byte: bit 0 is set on the last box of a link
//   received = four bytes: how many boxes of the other side have come
//   window   = four bytes: how many characters of boxes with frames the other side may have on the way
//   bytes    = a packet as packets.ts has them, or nothing

export type RelayPacket = {
  readonly isLast: boolean
  readonly received: number
  readonly windowChars: number
  readonly bytes: Uint8Array
}

export const RELAY_HEADER_BYTES = 9
const LAST_BIT = 1
const RECEIVED_AT = 1
const WINDOW_AT = 5

export function encodeRelayPacket(packet: RelayPacket): Uint8Array {
  const encoded = new Uint8Array(RELAY_HEADER_BYTES + packet.bytes.length)
  const header = new DataView(encoded.buffer)
  header.setUint8(0, packet.isLast ? LAST_BIT : 0)
  header.setUint32(RECEIVED_AT, packet.received)
  header.setUint32(WINDOW_AT, packet.windowChars)
  encoded.set(packet.bytes, RELAY_HEADER_BYTES)
  return encoded
}

/** Null where it is too short. Never throws. */
export function parseRelayPacket(encoded: Uint8Array): RelayPacket | null {
  if (encoded.length < RELAY_HEADER_BYTES) return null
  const header = new DataView(encoded.buffer, encoded.byteOffset)
  return {
    isLast: (header.getUint8(0) & LAST_BIT) !== 0,
    received: header.getUint32(RECEIVED_AT),
    windowChars: header.getUint32(WINDOW_AT),
    bytes: encoded.subarray(RELAY_HEADER_BYTES),
  }
}
