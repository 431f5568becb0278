import { expect, test } from 'vitest'
import fc from 'fast-check'
import { ByteRing } from './byte-ring.ts'

type Act =
  | { readonly type: 'append'; readonly bytes: Uint8Array }
  | { readonly type: 'prepend'; readonly bytes: Uint8Array }
  | { readonly type: 'drop'; readonly part: number }

const anyBytes = fc.uint8Array({ maxLength: 90 })
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ type: fc.constant('append' as const), bytes: anyBytes }),
  fc.record({ type: fc.constant('prepend' as const), bytes: anyBytes }),
  fc.record({ type: fc.constant('drop' as const), part: fc.nat({ max: 100 }) }),
)

test('[RE7] a ring of bytes holds what was added and not let go, each byte at its place', () => {
  fc.assert(
    fc.property(fc.array(anyAct, { maxLength: 60 }), (acts) => {
      const ring = new ByteRing()
      const byPlace = new Map<number, number>()
      for (const act of acts) {
        switch (act.type) {
          case 'append':
            act.bytes.forEach((byte, i) => byPlace.set(ring.end + i, byte))
            ring.append(act.bytes)
            break
          case 'prepend':
            act.bytes.forEach((byte, i) => byPlace.set(ring.start - act.bytes.length + i, byte))
            ring.prepend(act.bytes)
            break
          case 'drop': {
            const place = ring.start + Math.floor((ring.length * act.part) / 100)
            for (let gone = ring.start; gone < place; gone++) byPlace.delete(gone)
            ring.dropBefore(place)
            break
          }
        }
        const places = [...byPlace.keys()].toSorted((a, b) => a - b)
        expect(ring.length).toBe(places.length)
        expect([...ring.read(ring.start, ring.end)]).toEqual(places.map((at) => byPlace.get(at)))
        const middle = ring.start + (ring.length >> 1)
        expect([...ring.read(middle, ring.end)]).toEqual(
          places.slice(ring.length >> 1).map((at) => byPlace.get(at)),
        )
      }
    }),
  )
})
