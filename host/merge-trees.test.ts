import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { Action } from '../protocol/entry.ts'
import { endsOf, forkOf } from '../replica/history.ts'
import { Line, type Act } from './branching-line.ts'

/** A tree of branches: who forks from whom, and goes on how. An author is on one at a time. */
const acts = (authors: string) =>
  fc.array(
    fc
      .record({
        action: fc.constantFrom<Action>(
          'append',
          'append',
          'append',
          'replace',
          'relay',
          'compact',
        ),
        author: fc.constantFrom(...authors),
        key: fc.constantFrom('log', 'a', 'b'),
      })
      .map((act): Act =>
        act.key === 'log' ? { ...act, action: act.action === 'relay' ? 'relay' : 'append' } : act,
      ),
    { maxLength: 25 },
  )

const trees = fc.record({
  trunk: acts('abcdef'),
  left: acts('ab'),
  right: acts('cd'),
  twig: acts('ef'),
  twigForksLate: fc.boolean(),
})

function grow({
  trunk,
  left,
  right,
  twig,
  twigForksLate,
}: {
  trunk: Act[]
  left: Act[]
  right: Act[]
  twig: Act[]
  twigForksLate: boolean
}): { left: Line; right: Line; twig: Line } {
  const play = (line: Line, all: Act[]) => all.reduce((grown, act) => grown.does(act), line)
  const root = play(new Line().reign(1, 'h'), trunk)
  const rightLine = play(new Line(root).reign(2, 'r'), right)
  return {
    left: play(new Line(root).reign(2, 'l'), left),
    right: rightLine,
    twig: play(new Line(twigForksLate ? rightLine : root).reign(3, 't'), twig),
  }
}

const opsIn = (line: Line) =>
  line.entries.flatMap((entry) =>
    entry.type === 'message' ? [`${entry.op.author[0]}${entry.op.opId}`] : [],
  )

describe('[MG5] joining branches', () => {
  test('leaves the log that goes on as it was, and continues it', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { left, right, twig } = grow(tree)
        const before = [...left.entries]
        left.meets(right).meets(twig)
        expect(left.entries.slice(0, before.length)).toEqual(before)
      }),
      { numRuns: 300 },
    )
  })

  test('twice is the same as once', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { left, right, twig } = grow(tree)
        const { length } = left.meets(right).meets(twig).entries
        expect(left.meets(twig).meets(right).entries).toHaveLength(length)
      }),
      { numRuns: 300 },
    )
  })

  test('keeps the order of every author, and takes every op once', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { left, right, twig } = grow(tree)
        left.meets(right).meets(twig)
        const lastByAuthor = new Map<string, number>()
        for (const name of opsIn(left)) {
          expect(Number(name.slice(1))).toBeGreaterThan(lastByAuthor.get(name[0]!) ?? 0)
          lastByAuthor.set(name[0]!, Number(name.slice(1)))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('loses no append, whichever branch goes on', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        for (const winner of ['left', 'right', 'twig'] as const) {
          const lines = grow(tree)
          const appended = new Set(
            Object.values(lines).flatMap((line) => line.streams['log'] ?? []),
          )
          for (const name of ['left', 'right', 'twig'] as const)
            if (name !== winner) lines[winner].meets(lines[name])
          expect(new Set(lines[winner].streams['log'] ?? [])).toEqual(appended)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('is the same whoever does it', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const one = grow(tree)
        const other = grow(tree)
        one.left.meets(one.right).meets(one.twig)
        other.left.meets(other.right).meets(other.twig)
        expect(one.left.entries).toEqual(other.left.entries)
      }),
      { numRuns: 100 },
    )
  })
})

test('[MG5] two logs know where they parted, whichever is asked', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const { left, twig } = grow(tree)
      const ends = ({ replica }: Line) =>
        endsOf(replica.history.reigns, replica.lastIndex, replica.lastSeq)
      const fork = forkOf(ends(left), ends(twig))
      expect(fork).toEqual(forkOf(ends(twig), ends(left)))
      const at = fork?.index ?? 0
      expect(left.entries.slice(0, at)).toEqual(twig.entries.slice(0, at))
      expect(left.entries[at]).not.toEqual(twig.entries[at])
    }),
    { numRuns: 300 },
  )
})
