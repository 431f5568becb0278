import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toJsonLines } from './history.ts'
import { parseHistory } from './parse-history.ts'
import { goodHistory } from './good-history.ts'
import { judge } from './index.ts'

test('no checker finds anything in a good history', () => {
  fc.assert(
    fc.property(goodHistory, (history) => {
      expect(judge(history)).toEqual({ verdict: 'ok' })
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('a good history comes back from its lines', () => {
  fc.assert(
    fc.property(goodHistory, (history) => {
      expect(parseHistory(toJsonLines(history))).toEqual({ ok: true, value: history })
    }),
    { numRuns: 50, seed: 1 },
  )
})
