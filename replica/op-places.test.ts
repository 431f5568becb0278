import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from '../protocol/entry.ts'
import type { Index, OpId, Seq } from '../protocol/ids.ts'
import { index, peer } from '../protocol/testing-ids.ts'
import { OpPlaces } from './op-places.ts'

const ANN = peer('A')
const BEN = peer('B')

function message(at: number, author = ANN, opId = at): Entry {
  return {
    type: 'message',
    index: at as Index,
    seq: at as Seq,
    op: { action: 'append', author, opId: opId as OpId, key: '', value: new Uint8Array(1) },
  }
}

/** A tail that counts how often somebody looked at an entry. */
class CountingTail {
  looks = 0
  entries: Entry[] = []
  get first(): Index {
    return this.entries[0]?.index ?? index(1)
  }
  get last(): Index {
    return this.entries.at(-1)?.index ?? index(0)
  }
  at(at: Index): Entry | undefined {
    this.looks++
    return this.entries[at - this.first]
  }
}

test('a frame of repeats looks at each entry of the tail once, and at those it asks for', () => {
  const tail = new CountingTail()
  tail.entries = Array.from({ length: 10_000 }, (_, i) => message(i + 1))
  const places = new OpPlaces()
  for (let opId = 1; opId <= 4_096; opId++)
    expect(places.find(tail, ANN, opId as OpId)?.index).toBe(opId)
  for (let opId = 1; opId <= 4_096; opId++) expect(places.find(tail, BEN, opId as OpId)).toBe(null)
  expect(tail.looks).toBe(10_000 + 4_096)
})

test('is what a search of the tail from its end would find, whatever came and went', () => {
  const step = fc.oneof(
    fc.record({ author: fc.constantFrom(ANN, BEN), opId: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ drop: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ find: fc.constantFrom(ANN, BEN), of: fc.integer({ min: 1, max: 6 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const tail = new CountingTail()
      const places = new OpPlaces()
      let next = 1
      for (const step of steps) {
        if ('drop' in step)
          tail.entries = tail.entries.slice(Math.min(step.drop, tail.entries.length - 1))
        else if ('opId' in step) tail.entries.push(message(next++, step.author, step.opId))
        else {
          const wanted = tail.entries.findLast(
            (entry) => 'op' in entry && entry.op.author === step.find && entry.op.opId === step.of,
          )
          expect(places.find(tail, step.find, step.of as OpId)).toBe(wanted ?? null)
        }
      }
    }),
  )
})
