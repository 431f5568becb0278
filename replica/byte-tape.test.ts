import { expect, test } from 'vitest'
import fc from 'fast-check'
import { ByteTape } from './byte-tape.ts'

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

test('[RE7] a tape of bytes holds what was added and not let go, each byte at its place', () => {
  fc.assert(
    fc.property(fc.array(anyAct, { maxLength: 60 }), (acts) => {
      const tape = new ByteTape()
      const byPlace = new Map<number, number>()
      for (const act of acts) {
        switch (act.type) {
          case 'append':
            act.bytes.forEach((byte, i) => byPlace.set(tape.end + i, byte))
            tape.append(act.bytes)
            break
          case 'prepend':
            act.bytes.forEach((byte, i) => byPlace.set(tape.start - act.bytes.length + i, byte))
            tape.prepend(act.bytes)
            break
          case 'drop': {
            const place = tape.start + Math.floor((tape.length * act.part) / 100)
            for (let gone = tape.start; gone < place; gone++) byPlace.delete(gone)
            tape.dropBefore(place)
            break
          }
        }
        const places = [...byPlace.keys()].toSorted((a, b) => a - b)
        expect(tape.length).toBe(places.length)
        expect([...tape.read(tape.start, tape.end)]).toEqual(places.map((at) => byPlace.get(at)))
        const middle = tape.start + (tape.length >> 1)
        expect([...tape.read(middle, tape.end)]).toEqual(
          places.slice(tape.length >> 1).map((at) => byPlace.get(at)),
        )
      }
    }),
  )
})
