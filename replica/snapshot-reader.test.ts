import { expect, test } from 'vitest'
import type { Index, Seq } from '../protocol/ids.ts'
import { concat } from '../protocol/concat.ts'
import { peer } from '../protocol/testing-ids.ts'
import { Scribe } from '../peer/session-scene.ts'
import { encodePart, type Extent } from './snapshot-parts.ts'
import { SnapshotReader } from './snapshot-reader.ts'

/** A reader that was given the head of a copy whose log ends behind message 9. */
function readerOf(extent: Extent): SnapshotReader {
  const reader = new SnapshotReader()
  const head = {
    type: 'head',
    extent,
    index: 9 as Index,
    lastSeq: 9 as Seq,
    history: [],
    inSync: [],
    ops: [],
    lacks: [],
  } as const
  expect(reader.add(encodePart(head)).ok).toBe(true)
  return reader
}

/** Whether the reader takes these messages of one author, as [index, seq], a part for each. */
function takes(extent: Extent, ...places: readonly (readonly [number, number])[]): boolean {
  const reader = readerOf(extent)
  return places.every(([index, seq], i) => {
    const entries = [new Scribe(index - 1, seq - 1).message('a', i + 1)]
    return reader.add(encodePart({ type: 'tail', entries })).ok
  })
}

test('the tail of a whole copy has every entry and every message', () => {
  expect(takes('whole', [4, 2], [5, 3], [6, 4])).toBe(true)
  expect(takes('whole', [4, 2], [6, 3])).toBe(false)
  expect(takes('whole', [4, 2], [5, 4])).toBe(false)
  expect(takes('whole', [4, 2], [5, 3], [6, 3])).toBe(false)
})

test('a tail alone may have gaps, and is in order', () => {
  expect(takes('tail', [4, 2], [6, 7])).toBe(true)
  expect(takes('tail', [4, 2], [4, 3])).toBe(false)
  expect(takes('tail', [4, 2], [5, 2])).toBe(false)
  expect(takes('tail', [4, 2], [5, 5], [6, 4])).toBe(false)
})

/** A part with one message of a key. */
function messageOf(key: string): Uint8Array {
  return encodePart({
    type: 'messages',
    key,
    first: 'append',
    authors: [peer('a')],
    origins: [0],
    opIds: [1],
    seqs: Float64Array.of(9),
    ends: Float64Array.of(1),
    bytes: Uint8Array.of(1),
  })
}

test('messages of several keys may travel together, and nothing else does', () => {
  const tail = encodePart({ type: 'tail', entries: [new Scribe(8, 8).message('a', 1)] })
  const [one, two] = [messageOf('one'), messageOf('two')]
  expect(readerOf('whole').add(concat([one, two])).ok).toBe(true)
  expect(readerOf('whole').add(concat([one, tail])).ok).toBe(false)
  expect(readerOf('whole').add(concat([tail, one])).ok).toBe(false)
  expect(readerOf('whole').add(concat([one, Uint8Array.of(9)])).ok).toBe(false)
  expect(readerOf('whole').add(new Uint8Array(0)).ok).toBe(false)
})
