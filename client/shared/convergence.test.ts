import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RoomDouble, runUntilCalm, turn, type PageDouble } from './room-double.ts'
import { sharedLog } from './shared-log.ts'
import { mapKind } from './kinds.ts'
import { MapBinding } from './shared-map.ts'
import { OptimisticFold } from './optimistic-fold.ts'
import { sharedReducer } from './shared-reducer.ts'
import { sharedValue } from './shared-value.ts'
import type { Shared } from './api.ts'

/** What goes on in a room, drawn at random: `page` and `n` are read as they fit. */
type Step = { readonly what: string; readonly page: number; readonly n: number }
const COMMON = [
  'act',
  'act',
  'act',
  'order',
  'order',
  'handle',
  'handle',
  'handle',
  'stabilise',
  'round',
  'round',
]
const steps = fc.array(
  fc.record({
    what: fc.constantFrom(...COMMON, ...COMMON, 'migrate', 'migrate', 'heal', 'cut off', 'refuse'),
    page: fc.nat({ max: 3 }),
    n: fc.nat({ max: 12 }),
  }),
  { minLength: 20, maxLength: 150 },
)

type Kind<S, O extends Shared<S>> = {
  readonly open: (page: PageDouble) => O
  /** `id` is another one for each act. */
  readonly act: (object: O, n: number, id: number) => Promise<void>
  /** After each step: `own` are the acts of this object's page that have no outcome yet. */
  readonly always?: (object: O, own: readonly number[]) => void
  /** In the end. */
  readonly check?: (object: O, settled: readonly number[]) => void
}

/**
 * Two to four pages act while their room is turned upside down; then everything settles. Whatever settled on the way,
 * all pages and a newcomer end equal.
 */
async function converge<S, O extends Shared<S>>(
  count: number,
  plan: readonly Step[],
  { open, act, always, check }: Kind<S, O>,
): Promise<void> {
  const room = new RoomDouble()
  const pages = Array.from({ length: count }, () => room.join())
  const objects = pages.map(open)
  const settled: number[] = []
  const unsettled = pages.map(() => new Set<number>())
  for (const [id, { what, page: at, n }] of plan.entries()) {
    const page = pages[at % count]!
    if (what === 'act') {
      const own = unsettled[at % count]!
      own.add(id)
      act(objects[at % count]!, n, id)
        .then(
          () => settled.push(id),
          () => {},
        )
        .finally(() => own.delete(id))
    } else play(room, page, what, n)
    if (n % 3 !== 0) await turn()
    if (n % 3 !== 0) objects.forEach((object, i) => always?.(object, [...unsettled[i]!]))
  }
  await runUntilCalm(room)
  const newcomer = open(room.join())
  await runUntilCalm(room)
  await newcomer.ready
  for (const object of objects) {
    expect(object.value).toEqual(newcomer.value)
    check?.(object, settled)
  }
  expect(pages.flatMap(({ errors }) => errors)).toEqual([])
}

function play(room: RoomDouble, page: PageDouble, what: string, n: number): void {
  if (what === 'order') for (let i = 0; i < n; i++) room.order(page)
  else if (what === 'handle') for (let i = 0; i < n; i++) page.handleNext()
  else if (what === 'stabilise') room.stabilise()
  else if (what === 'migrate') room.migrate(n)
  else if (what === 'heal') room.heal(n, page)
  else if (what === 'cut off') room.cutOff(page)
  else if (what === 'refuse') room.refusesNext = n < 3 ? 'room-full' : null
  else {
    while (page.outbox.length > 0) room.order(page)
    room.stabilise()
    for (const page of room.pages) while (page.handleNext());
  }
}

const listsOnce = {
  always: ({ value }: Shared<readonly number[]>, own: readonly number[]) => {
    expect(new Set(value).size).toBe(value.length)
    expect(value).toEqual(expect.arrayContaining([...own]))
  },
  check: ({ value }: Shared<readonly number[]>, settled: readonly number[]) =>
    expect(value.toSorted((a, b) => a - b)).toEqual(settled.toSorted((a, b) => a - b)),
}

const numRuns = 300
const counts = fc.integer({ min: 2, max: 4 })

describe('[SH1] through lost, renumbered, missed, refused and compacted messages, all pages end equal', () => {
  function prove<S, O extends Shared<S>>(name: string, kind: Kind<S, O>): void {
    test(name, () =>
      fc.assert(
        fc.asyncProperty(counts, steps, (count, plan) => converge(count, plan, kind)),
        { numRuns },
      ),
    )
  }

  prove('with a value', {
    open: (page) => sharedValue(page, 'k', 0),
    act: (value, n) => value.set((current) => (current % 1_000) * 3 + n),
  })
  prove('with a map', {
    open: (page) =>
      new MapBinding<number>(page, 'k', new OptimisticFold(mapKind<number>(3), page.id)),
    act: (map, n) => {
      if (n >= 12) return map.clear()
      return n < 9 ? map.set(String(n % 4), n) : map.delete(String(n % 4))
    },
  })
  prove('with a log, in which every value stands once', {
    open: (page) => sharedLog<number>(page, 'k'),
    act: (log, _n, id) => log.append(id),
    ...listsOnce,
  })
  prove('with a log that keeps its last values', {
    open: (page) => sharedLog<number>(page, 'k', { keep: 3 }),
    act: (log, n) => log.append(n),
    check: (log, settled) => expect(log.value).toHaveLength(Math.min(3, settled.length)),
  })
  prove('with a reducer, in which every action counts once, and own ones always show', {
    open: (page) =>
      sharedReducer(page, 'k', (list: readonly number[], id: number) => [...list, id], [], {
        compactAfter: 3,
      }),
    act: (list, _n, id) => list.dispatch(id),
    ...listsOnce,
  })
})
