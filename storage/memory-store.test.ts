import { describe, expect, test } from 'vitest'
import { ByteMap } from './byte-map.ts'
import { takeFence } from './fence.ts'
import { MemoryDisk } from './memory-store.ts'
import { storeCases } from './store-conformance.ts'

describe('[PE10 PE13] a store in memory is a Store:', () => {
  for (const { name, run } of storeCases) {
    test(name, async () => {
      const disk = new MemoryDisk()
      await run({ open: async () => disk.open() })
    })
  }
})

test('[PE13] a fence that was taken often takes no more room', async () => {
  const disk = new MemoryDisk()
  for (let n = 0; n < 1_100; n++) await takeFence(disk.open(), new Uint8Array([9]))
  expect(disk.map.byteLength).toBeLessThan(10_000)
})

test('[PE10] a map counts the bytes of its places and values', () => {
  const map = new ByteMap()
  map.write([{ put: new Uint8Array(3), bytes: new Uint8Array(10) }])
  expect(map.byteLength).toBe(13)
})
