// Owns whom a request is counted against.

import type { IncomingMessage } from 'node:http'

/**
 * The address to count by: IPv4 whole, IPv6 by its /64, since one customer owns a whole /64.
 * Everyone can send an `X-Forwarded-For`: only what `trustedProxies` of ours wrote into it is believed.
 */
export function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const forwarded =
    trustedProxies === 0 ? [] : String(request.headers['x-forwarded-for'] ?? '').split(',')
  const path = [...forwarded, request.socket.remoteAddress ?? '']
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '')
  return subnetOf(path[Math.max(0, path.length - 1 - trustedProxies)] ?? 'unknown')
}

/** IPv4 whole, IPv6 by its /64. */
export function subnetOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const [front = '', back] = address.split('::')
  const groups = front === '' ? [] : front.split(':')
  const backGroups = back ? back.split(':') : []
  if (back !== undefined) while (groups.length + backGroups.length < 8) groups.push('0')
  return `${[...groups, ...backGroups].slice(0, 4).join(':').toLowerCase()}::/64`
}
