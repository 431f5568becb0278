import { expect, test } from 'vitest'
import { bytesOf, isNearby } from './address-bytes.ts'

test.each([
  ['192.0.2.1', [192, 0, 2, 1]],
  ['::ffff:192.0.2.1', [192, 0, 2, 1]],
  ['::ffff:c000:201', [192, 0, 2, 1]],
  ['::', Array(16).fill(0)],
  ['::1', [...Array(15).fill(0), 1]],
  ['fe80::1%eth0', [0xfe, 0x80, ...Array(13).fill(0), 1]],
  ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ['64:ff9b::192.0.2.33', [0, 0x64, 0xff, 0x9b, ...Array(8).fill(0), 192, 0, 2, 33]],
])('%s as bytes', (address, bytes) => {
  expect([...bytesOf(address)!]).toEqual(bytes)
})

test.each(['', 'localhost', '1.2.3', '1.2.3.256', ':::', '1:2', 'unknown'])(
  '"%s" is no address',
  (text) => {
    expect([bytesOf(text), isNearby(text)]).toEqual([null, false])
  },
)

test.each([
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.5',
  '169.254.1.1',
  '127.0.0.1',
  '::ffff:192.168.1.5',
  '::1',
  'fd00::1',
  'fe80::1%eth0',
  'fe80:0:0:0::/64',
])('[SG8] %s is of a private network, or of this machine', (address) => {
  expect(isNearby(address)).toBe(true)
})

test.each([
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '192.169.0.1',
  '100.64.0.1',
  '2001:db8::1',
  '::',
  '::ffff:8.8.8.8',
])('[SG8] %s is of the internet', (address) => {
  expect(isNearby(address)).toBe(false)
})
