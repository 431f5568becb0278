import { TraceMap } from '@jridgewell/trace-mapping'
import { expect, test } from 'vitest'
import { partsOf } from './size-table.mjs'

test('each character counts for the part that the mapping before it names', () => {
  const map = new TraceMap({
    version: 3,
    names: [],
    sources: [
      '../client/room.ts',
      '../node_modules/@noble/hashes/sha2.js',
      '../client/shared/map.ts',
    ],
    // 0 to 4: room.ts; 4 to 10: sha2.js; the second line: map.ts
    mappings: 'AAAA,ICAA;ACAA',
  })
  expect(Object.fromEntries(partsOf('roomsha256\nmap', map))).toEqual({
    client: 4,
    '@noble/hashes': 6,
    'client/shared': 3,
  })
})
