import { expect, test } from 'vitest'
import { AddressRate } from './address-rate.ts'
import { ADDRESSES_MAX, ADDRESS_WINDOW_MS } from './service-limits.ts'

test('[SG6] an address may join so often in a minute, whatever others do', () => {
  const rate = new AddressRate(2)
  expect([
    rate.admits('a', 0),
    rate.admits('a', 1),
    rate.admits('a', 2),
    rate.admits('b', 2),
  ]).toEqual([true, true, false, true])
  expect(rate.admits('a', ADDRESS_WINDOW_MS - 1)).toBe(false)
  expect(rate.admits('a', ADDRESS_WINDOW_MS)).toBe(true)
})

test('[SG6] of very many addresses the oldest is forgotten first', () => {
  const rate = new AddressRate(1)
  for (let i = 0; i < ADDRESSES_MAX; i++) rate.admits(`address ${i}`, i / ADDRESSES_MAX)
  rate.admits('one more', 1)
  expect([rate.admits('address 0', 1), rate.admits(`address ${ADDRESSES_MAX - 1}`, 1)]).toEqual([
    true,
    false,
  ])
})
