import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { LACKING_RUNS_MAX } from '../protocol/limits.ts'
import type { Index, OpId, Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { peer } from '../protocol/testing-ids.ts'
import { seqsLackedBy } from './entries-with-gaps.ts'
import { countOf, fewer, firstDifference, gainedFrom, includes, sameRuns, without } from './runs.ts'

const LAST = 40 as Seq
const all = Array.from({ length: LAST }, (_, i) => (i + 1) as Seq)
const setOf = (runs: readonly SeqRun[]) => all.filter((seq) => includes(runs, seq))

/** The entries of these messages, with an entry of another kind in front of each third. */
function entriesOf(seqs: readonly Seq[]): Entry[] {
  return seqs.flatMap((seq): Entry[] => {
    const author = peer('a')
    const message: Entry = {
      type: 'message',
      index: (2 * seq) as Index,
      seq,
      op: {
        action: 'relay',
        author,
        opId: seq as number as OpId,
        key: '',
        value: new Uint8Array(),
      },
    }
    return seq % 3 === 0
      ? [{ type: 'in-sync', index: (2 * seq - 1) as Index, inSync: [] }, message]
      : [message]
  })
}

const anySeqs = fc.subarray(all)
const anyRuns = anySeqs.map((seqs) => seqsLackedBy(entriesOf(seqs), LAST))

describe('runs of seqs', () => {
  test('are what a log has and some of its entries have not', () => {
    fc.assert(
      fc.property(anySeqs, (held) => {
        const lacks = seqsLackedBy(entriesOf(held), LAST)
        expect(setOf(lacks)).toEqual(all.filter((seq) => !held.includes(seq)))
        expect(countOf(lacks)).toBe(LAST - held.length)
        for (const [i, { from, to }] of lacks.entries())
          expect(from <= to && (i === 0 || from > lacks[i - 1]!.to + 1)).toBe(true)
      }),
    )
  })

  test('are taken from each other like sets', () => {
    fc.assert(
      fc.property(anyRuns, anyRuns, fc.constantFrom(...all), (a, b, seq) => {
        expect(setOf(without(a, b))).toEqual(setOf(a).filter((n) => !includes(b, n)))
        expect(setOf(gainedFrom(a, b, seq))).toEqual(
          setOf(a).filter((n) => n <= seq && !includes(b, n)),
        )
        expect(sameRuns(a, b)).toBe(setOf(a).join() === setOf(b).join())
        const differing = all.filter((n) => includes(a, n) !== includes(b, n))
        expect(firstDifference(a, b)).toBe(differing[0] ?? null)
      }),
    )
  })

  test('of which there are too many to say claim too much rather than too little', () => {
    const many = Array.from({ length: LACKING_RUNS_MAX + 10 }, (_, i) => ({
      from: (1 + 3 * i) as Seq,
      to: (2 + 3 * i) as Seq,
    }))
    const said = fewer(many)
    expect(said).toHaveLength(LACKING_RUNS_MAX)
    expect(without(many, said)).toEqual([])
    expect(said.at(-1)).toEqual(many.at(-1))
    expect(fewer(many.slice(10))).toEqual(many.slice(10))
  })
})
