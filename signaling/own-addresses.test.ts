import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { addressesForOthers, routedAddress } from './own-addresses.ts'

const at = (address: string, internal = false) =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo

const LAPTOP = {
  lo: [at('127.0.0.1', true), at('::1', true)],
  docker0: [at('172.17.0.1')],
  eth0: [at('169.254.3.4'), at('fe80::1')],
  tun0: [at('10.8.0.2')],
  eth1: [at('10.0.0.7')],
  wlan0: [at('192.168.1.5')],
}

test('[SG8a] the address by which this machine reaches the internet comes first, those within machines last', () => {
  expect(addressesForOthers('192.168.1.5', LAPTOP)).toEqual([
    '192.168.1.5',
    '10.0.0.7',
    '172.17.0.1',
    '10.8.0.2',
    '169.254.3.4',
  ])
})

test('[SG8a] a tunnel takes no precedence, though all goes through it', () => {
  expect(addressesForOthers('10.8.0.2', LAPTOP).slice(0, 3)).toEqual([
    '10.0.0.7',
    '192.168.1.5',
    '10.8.0.2',
  ])
})

test('[SG8a] a machine in no network has none', () => {
  expect(addressesForOthers(null, { lo: [at('127.0.0.1', true)], gone: undefined })).toEqual([])
})

test('which way leads out is found without a network, too', async () => {
  const routed = await routedAddress()
  expect([null, ...addressesForOthers(null)]).toContain(routed)
})
