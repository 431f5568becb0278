// Owns an IP address as bytes, and whether it is one of a private network. It knows nobody's own addresses.

import { BlockList, isIP, isIPv4 } from 'node:net'

/**
 * Networks that the internet does not route: private ones (RFC 1918, RFC 4193), those of a single link (RFC 3927, RFC
 * 4291), and this machine.
 */
const NEARBY = new BlockList()
NEARBY.addSubnet('10.0.0.0', 8)
NEARBY.addSubnet('172.16.0.0', 12)
NEARBY.addSubnet('192.168.0.0', 16)
NEARBY.addSubnet('169.254.0.0', 16)
NEARBY.addSubnet('127.0.0.0', 8)
NEARBY.addSubnet('fc00::', 7, 'ipv6')
NEARBY.addSubnet('fe80::', 10, 'ipv6')
NEARBY.addAddress('::1', 'ipv6')

/** Whether an address is of a private network, or of this machine. False for what is no address. */
export function isNearby(address: string): boolean {
  const bare = bareOf(address)
  if (isIP(bare) === 0) return false
  return NEARBY.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6')
}

/** Four bytes for IPv4, also where it is mapped into IPv6; sixteen for IPv6; null for what is no address. */
export function bytesOf(address: string): Uint8Array | null {
  const bare = bareOf(address)
  switch (isIP(bare)) {
    case 4:
      return Uint8Array.from(bare.split('.'), Number)
    case 6:
      return unmapped(bytesOfIPv6(bare))
    default:
      return null
  }
}

/** Without an interface of this machine (`fe80::1%eth0`), and without the length of a prefix (`fe80::/64`). */
function bareOf(address: string): string {
  return address.split(/[%/]/, 1)[0]!
}

function bytesOfIPv6(address: string): Uint8Array {
  const [front = [], back = []] = address.split('::').map(groupsOf)
  const groups = [...front, ...zeros(8 - front.length - back.length), ...back]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The last 32 bits may be written as an IPv4 address. */
function groupsOf(text: string): readonly number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

function zeros(count: number): readonly number[] {
  return Array.from({ length: count }, () => 0)
}

/** `::ffff:192.0.2.1` is how an IPv6 socket names who came by IPv4. */
function unmapped(bytes: Uint8Array): Uint8Array {
  const isMapped = bytes.subarray(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff))
  return isMapped ? bytes.subarray(12) : bytes
}
