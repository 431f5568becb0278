import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { addressOf } from './address.ts'

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  return {
    headers: { 'x-forwarded-for': forwarded },
    socket: { remoteAddress },
  } as unknown as IncomingMessage
}

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('[SG6] %s is counted as %s', (remote, counted) => {
  expect(addressOf(request(remote), 0)).toBe(counted)
})

test.each([
  [0, '198.51.100.1, 198.51.100.2', '192.0.2.7'],
  [1, '198.51.100.1, 198.51.100.2', '198.51.100.2'],
  [2, '198.51.100.1,198.51.100.2', '198.51.100.1'],
  [3, '198.51.100.1, 198.51.100.2', '198.51.100.1'],
  [1, undefined, '192.0.2.7'],
  [1, ' , ', '192.0.2.7'],
])('[SG6] behind %i proxies, X-Forwarded-For %j counts as %s', (proxies, forwarded, counted) => {
  expect(addressOf(request('192.0.2.7', forwarded), proxies)).toBe(counted)
})
