import { TraceMap } from '@jridgewell/trace-mapping'
import { expect, test } from 'vitest'
import { piecesOf } from './size-table.mjs'

test('each character is of the part that the mapping before it names', () => {
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
  expect(piecesOf('roomsha256\nmap', map)).toEqual([
    { part: 'client', text: 'room' },
    { part: '@noble/hashes', text: 'sha256\n' },
    { part: 'client/shared', text: 'map' },
  ])
})
