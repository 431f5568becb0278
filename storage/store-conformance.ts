// Owns what every Store must do, as cases that need nothing but a fresh disk: vitest runs them over memory, a page in a
// real browser over IndexedDB. No case sleeps. [PE10]

import { assert } from '../protocol/errors.ts'
import { takeFence } from './fence.ts'
import { PLACE_BYTES_MAX, StoreError, type Place, type Row, type Store } from './store.ts'

/** Stores that are opened on one disk show the same. */
export type Disk = { open(): Promise<Store> }

export type StoreCase = {
  readonly name: string
  readonly run: (disk: Disk) => Promise<void>
}

const MIB = 1024 * 1024
const at = (...bytes: readonly number[]): Place => new Uint8Array(bytes)
const bytes = (length: number, fill = 7) => new Uint8Array(length).fill(fill)
const put = (place: Place, value: Uint8Array = bytes(1)) => ({ put: place, bytes: value })
const START = at()
const END = at(255, 255)
const AREA = at(9)

export const storeCases: readonly StoreCase[] = [
  {
    name: 'gives back what was put, place by place, in the order of bytes',
    async run(disk) {
      const store = await disk.open()
      const places = [at(2), at(1, 0), at(1), at(0, 255), at(), at(128), at(1, 0, 0), at(127, 1)]
      await store.write(places.map((place) => put(place, bytes(3, place.length))))
      await assertPlaces(store, [
        at(),
        at(0, 255),
        at(1),
        at(1, 0),
        at(1, 0, 0),
        at(2),
        at(127, 1),
        at(128),
      ])
      for (const [place, value] of await all(store)) assertSame(value, bytes(3, place.length))
      await store.close()
    },
  },
  {
    name: 'a value takes the place of the one before',
    async run(disk) {
      const store = await disk.open()
      await store.write([put(at(1), bytes(9)), put(at(1), bytes(2, 1))])
      await store.write([put(at(1), bytes(4, 2))])
      assertSame((await all(store))[0]![1], bytes(4, 2))
      await store.close()
    },
  },
  {
    name: 'a range is deleted up to its end, which stays',
    async run(disk) {
      const store = await disk.open()
      await store.write([1, 2, 3, 4, 5].map((byte) => put(at(byte))))
      await store.write([
        { deleteFrom: at(2), to: at(4) },
        { deleteFrom: at(5), to: at(5) },
        { deleteFrom: at(5), to: at(1) },
      ])
      await assertPlaces(store, [at(1), at(4), at(5)])
      await store.close()
    },
  },
  {
    name: 'the writes of a batch follow each other',
    async run(disk) {
      const store = await disk.open()
      await store.write([put(at(1)), { deleteFrom: at(0), to: at(9) }, put(at(2)), put(at(3))])
      await assertPlaces(store, [at(2), at(3)])
      await store.close()
    },
  },
  {
    name: 'batches follow each other though nobody waited',
    async run(disk) {
      const store = await disk.open()
      const writes = Array.from({ length: 200 }, (_, n) => store.write([put(at(1), bytes(n + 1))]))
      const seen = await store.read(START, END)
      await Promise.all(writes)
      assert(seen[0]![1].length === 200, `a read shows batch ${seen[0]?.[1].length}`)
      await store.close()
    },
  },
  {
    name: 'a read is bounded by its range and its limit, from either end',
    async run(disk) {
      const store = await disk.open()
      await store.write([1, 2, 3, 4, 5].map((byte) => put(at(byte))))
      assertSamePlaces(await store.read(at(2), at(5)), [at(2), at(3), at(4)])
      assertSamePlaces(await store.read(at(2), at(5), { limit: 2 }), [at(2), at(3)])
      assertSamePlaces(await store.read(at(2), at(5), { backwards: true }), [at(4), at(3), at(2)])
      const last = await store.read(at(2), at(5), { backwards: true, limit: 1 })
      assertSamePlaces(last, [at(4)])
      assertSamePlaces(await store.read(at(4), at(4)), [])
      assertSamePlaces(await store.read(at(4), at(2)), [])
      assertSamePlaces(await store.read(at(6), at(9)), [])
      await store.close()
    },
  },
  {
    name: 'the longest place, an empty value and a large one',
    async run(disk) {
      const store = await disk.open()
      const long = new Uint8Array(PLACE_BYTES_MAX).fill(3)
      const large = bytes(5 * MIB).map((_, i) => i % 251)
      await store.write([put(long, large), put(at(1), bytes(0))])
      const [empty, kept] = await all(store)
      assert(empty![1].length === 0, 'an empty value is one')
      assertSame(kept![0], long)
      assertSame(kept![1], large)
      await store.close()
    },
  },
  {
    name: 'what is put is a copy, and of a view no more than it shows',
    async run(disk) {
      const store = await disk.open()
      const around = bytes(1_000)
      const view = around.subarray(10, 20)
      const place = around.subarray(30, 32)
      const written = store.write([put(place, view)])
      around.fill(1)
      await written
      const [[keptAt, kept]] = (await all(store)) as [Row]
      assertSame(keptAt, at(7, 7))
      assertSame(kept, bytes(10))
      assert(kept.buffer.byteLength === 10, `${kept.buffer.byteLength} bytes are kept`)
      await store.close()
    },
  },
  {
    name: '[PE13] nothing of a batch is done where something lies at the place that is to be empty',
    async run(disk) {
      const store = await disk.open()
      await store.write([put(at(1)), put(at(5))])
      const problem = await problemOf(
        store.write([put(at(2)), { deleteFrom: at(1), to: at(2) }], at(5)),
      )
      assert(problem === 'fenced', `it says ${problem}`)
      await assertPlaces(store, [at(1), at(5)])
      await store.write([put(at(2))], at(6))
      await assertPlaces(store, [at(1), at(2), at(5)])
      await store.close()
    },
  },
  {
    name: '[PE13] a batch may fill the place that was to be empty',
    async run(disk) {
      const store = await disk.open()
      await store.write([put(at(1), bytes(4))], at(1))
      assertSame((await all(store))[0]![1], bytes(4))
      await store.close()
    },
  },
  {
    name: '[PE13] a batch that was refused holds up none after it',
    async run(disk) {
      const store = await disk.open()
      await store.write([put(at(5))])
      const refused = problemOf(store.write([put(at(1))], at(5)))
      await store.write([put(at(2))])
      assert((await refused) === 'fenced', 'the first is refused')
      await assertPlaces(store, [at(2), at(5)])
      await store.close()
    },
  },
  {
    name: '[PE13] whoever takes the fence shuts out who had it before',
    async run(disk) {
      const [first, second] = [await disk.open(), await disk.open()]
      const fenceOfFirst = await takeFence(first, AREA)
      await first.write([put(at(1))], fenceOfFirst)
      const fenceOfSecond = await takeFence(second, AREA)
      const problem = await problemOf(first.write([put(at(2))], fenceOfFirst))
      assert(problem === 'fenced', `it says ${problem}`)
      await second.write([put(at(3))], fenceOfSecond)
      assertSamePlaces(await second.read(START, AREA), [at(1), at(3)])
      await Promise.all([first.close(), second.close()])
    },
  },
  {
    name: '[PE13] of many that take the fence at once one has it',
    async run(disk) {
      const stores = await Promise.all(Array.from({ length: 8 }, () => disk.open()))
      const fences = await Promise.all(stores.map((store) => takeFence(store, AREA)))
      const problems = await Promise.all(
        stores.map((store, n) => problemOf(store.write([put(at(n))], fences[n]))),
      )
      const written = problems.filter((problem) => problem === null).length
      assert(written === 1, `${written} have it`)
      assert((await stores[0]!.read(START, AREA)).length === 1, 'one wrote')
      await Promise.all(stores.map((store) => store.close()))
    },
  },
  {
    name: 'another store on the disk shows what was written, also once the first is closed',
    async run(disk) {
      const first = await disk.open()
      await first.write([put(at(1))])
      const second = await disk.open()
      await assertPlaces(second, [at(1)])
      await first.close()
      await second.write([put(at(2))])
      await assertPlaces(second, [at(1), at(2)])
      await second.close()
    },
  },
  {
    name: 'a store is closed once what was asked before is done',
    async run(disk) {
      const store = await disk.open()
      const written = store.write([put(at(1))])
      await store.close()
      await written
      assert((await problemOf(store.write([put(at(2))]))) === 'closed', 'it writes no more')
      assert((await problemOf(store.read(START, END))) === 'closed', 'it reads no more')
      const next = await disk.open()
      await assertPlaces(next, [at(1)])
      await next.close()
    },
  },
]

const all = (store: Store) => store.read(START, END)

async function assertPlaces(store: Store, places: readonly Place[]): Promise<void> {
  assertSamePlaces(await all(store), places)
}

function assertSamePlaces(rows: readonly Row[], places: readonly Place[]): void {
  const show = (list: readonly Place[]) => list.map((place) => `[${place.join(' ')}]`).join(' ')
  const found = show(rows.map(([place]) => place))
  assert(found === show(places), `${found} in the place of ${show(places)}`)
}

function assertSame(found: Uint8Array, expected: Uint8Array): void {
  const isSame = found.length === expected.length && found.every((byte, i) => byte === expected[i])
  assert(isSame, `${found.length} bytes in the place of ${expected.length} others`)
}

/** What the store says is the matter; null where nothing is. */
async function problemOf(done: Promise<unknown>): Promise<StoreError['problem'] | null> {
  try {
    await done
    return null
  } catch (error) {
    if (error instanceof StoreError) return error.problem
    throw error
  }
}
