import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HistoryEvent } from './history.ts'
import { goodHistory } from './good-history.ts'
import { CHECKERS, type CheckerName } from './index.ts'
import { MUTATIONS } from './mutations.ts'

const RUNS = 25

function findersOf(history: readonly HistoryEvent[]): CheckerName[] {
  return (Object.keys(CHECKERS) as CheckerName[]).filter(
    (checker) => CHECKERS[checker](history) !== null,
  )
}

test.each(MUTATIONS)(
  '$name is found, by those whose promise it breaks',
  ({ must, may = [], places }) => {
    let spoiled = 0
    fc.assert(
      fc.property(goodHistory, fc.nat(), (history, pick) => {
        const all = places(history)
        fc.pre(all.length > 0)
        const finders = findersOf(all[pick % all.length]!())
        if (must === null) expect(finders).not.toEqual([])
        else
          expect({
            found: must.filter((checker) => finders.includes(checker)),
            beside: finders.filter((checker) => !must.includes(checker) && !may.includes(checker)),
          }).toEqual({ found: must, beside: [] })
        spoiled++
      }),
      { numRuns: RUNS, seed: 1, maxSkipsPerRun: 200 },
    )
    expect(spoiled).toBeGreaterThanOrEqual(RUNS)
  },
)
