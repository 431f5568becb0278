import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { Claim, Index, OpId, Seq, Term } from '../protocol/ids.ts'
import type { Action, Entry } from '../protocol/entry.ts'
import { peer } from '../protocol/testing-ids.ts'
import { countOf, includes } from './runs.ts'
import { OpTable } from './op-table.ts'
import { streamsOf } from './entries-with-gaps.ts'
import { unite, type Streams } from './unite.ts'

const author = peer('a')
const basis: Claim = { term: 1 as Term, host: author }

/**
 * A log of one key or two: `a` appends, `r` replaces, `-` relays, `c` folds all that is before it.
 * A capital letter does it under the other key.
 */
function logOf(actions: string): Entry[] {
  let seq = 0
  return [...actions].map((letter, i): Entry => {
    const name = {
      author,
      opId: (i + 1) as OpId,
      key: letter === letter.toUpperCase() && letter !== '-' ? 'other' : 'one',
      value: Uint8Array.of(i + 1),
    }
    const index = (i + 1) as Index
    const action = (
      { a: 'append', r: 'replace', '-': 'relay', c: 'compact' } as Record<string, Action>
    )[letter.toLowerCase()]!
    if (action === 'compact')
      return { type: 'compaction', index, op: { action, ...name, seq: seq as Seq, basis } }
    return { type: 'message', index, seq: ++seq as Seq, op: { action, ...name } }
  })
}

const lastSeqOf = (log: readonly Entry[]) =>
  log.filter(({ type }) => type === 'message').length as Seq

/** The place behind the message with this seq. */
function placeOf(log: readonly Entry[], seq: number = lastSeqOf(log)) {
  const next = log.find((entry) => entry.type === 'message' && entry.seq > seq)
  return { index: ((next?.index ?? log.length + 1) - 1) as Index, seq: seq as Seq }
}

/** The streams of someone who was given the entries at these places of a log, counted from one. */
function given(log: readonly Entry[], ...indexes: readonly number[]): Streams {
  return streamsOf(
    log.filter(({ index }) => indexes.includes(index)),
    lastSeqOf(log),
  )
}

/** What is retained: under which seq, and whether it is a fold or a replace. */
function contents({ engine }: Streams): string[] {
  return [...engine.keys]
    .toSorted()
    .flatMap((key) =>
      Array.from(
        engine.messages(key, 0),
        ({ kind, seq, value }) => `${key} ${seq} ${kind} ${value}`,
      ),
    )
}

/** All ops of a log. */
function opsOf(log: readonly Entry[]): OpTable {
  return new OpTable([{ author, opId: log.length as OpId, missing: [] }])
}

function united(
  log: readonly Entry[],
  mine: readonly number[],
  theirs: readonly number[],
  fork = placeOf(log),
  ops = opsOf(log),
): Streams {
  return unite(given(log, ...mine), given(log, ...theirs), fork, ops)
}

/** All orders of three. */
const orders = <T>([a, b, c]: readonly T[]): T[][] =>
  [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ] as T[][]

describe('[EL5b] two that lack different messages of one log', () => {
  test('come to what one has that was given what either was', () => {
    const anyLog = fc.stringMatching(/^[aAaArR-]{1,16}$/).map(logOf)
    fc.assert(
      fc.property(anyLog, fc.infiniteStream(fc.nat({ max: 3 })), (log, choices) => {
        const held = log.map((entry) => [entry.index, choices.next().value!] as const)
        const mine = held.flatMap(([index, choice]) => (choice & 1 ? [index] : []))
        const theirs = held.flatMap(([index, choice]) => (choice & 2 ? [index] : []))
        const both = united(log, mine, theirs)
        const whole = given(log, ...mine, ...theirs)
        expect(contents(both)).toEqual(contents(whole))
        expect(both.lacks).toEqual(whole.lacks)
        expect(both.engine.lastSeq).toBe(lastSeqOf(log))
      }),
    )
  })

  test('lose nothing that is retained or folded by either, and not replaced', () => {
    const anyLog = fc.stringMatching(/^[aAarRcC-]{1,16}$/).map(logOf)
    const last = (log: readonly Entry[], key: string) =>
      Math.max(
        0,
        ...log.map((entry) =>
          entry.type === 'message' && entry.op.key === key && entry.op.action === 'replace'
            ? entry.seq
            : 0,
        ),
      )
    /** The seqs that somebody reads of a key: a fold stands for all that was there to be folded. */
    const read = (log: readonly Entry[], key: string, { engine }: Streams) =>
      Array.from(engine.messages(key, 0), ({ opId, seq }) =>
        log.flatMap((entry) => {
          if (
            entry.type !== 'message' ||
            entry.op.key !== key ||
            entry.op.action === 'relay' ||
            entry.seq < last(log, key)
          )
            return []
          return (log[opId - 1]!.type === 'compaction' ? entry.seq <= seq : entry.seq === seq)
            ? [entry.seq]
            : []
        }),
      ).flat()
    fc.assert(
      fc.property(anyLog, fc.infiniteStream(fc.nat({ max: 3 })), (log, choices) => {
        const held = log.map((entry) => [entry.index, choices.next().value!] as const)
        const [mine, theirs] = [1, 2].map((side) =>
          given(log, ...held.flatMap(([index, choice]) => (choice & side ? [index] : []))),
        )
        const both = unite(mine!, theirs!, placeOf(log), opsOf(log))
        for (const key of ['one', 'other']) {
          const known = [mine!, theirs!].flatMap((side) =>
            read(log, key, side).filter((seq) => !includes(side.lacks, seq)),
          )
          expect(read(log, key, both)).toEqual(expect.arrayContaining(known))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('put in nothing from behind the place where their logs part', () => {
    const log = logOf('aaaa')
    const both = united(log, [1], [2, 3, 4], placeOf(log, 3))
    expect(contents(both)).toEqual(['one 1 append 1', 'one 2 append 2', 'one 3 append 3'])
    expect(both.lacks).toEqual([{ from: 4, to: 4 }])
  })

  test('put in nothing twice, though one says that it lacks what it has', () => {
    const log = logOf('aaa')
    const both = unite(
      { ...given(log, 1, 2), lacks: [{ from: 2 as Seq, to: 3 as Seq }] },
      given(log, 1, 2, 3),
      placeOf(log),
      opsOf(log),
    )
    expect(contents(both)).toEqual(['one 1 append 1', 'one 2 append 2', 'one 3 append 3'])
  })

  test('keep a fold, and not beside it what whoever folded had seen', () => {
    const log = logOf('aaaca')
    expect(contents(united(log, [1, 4, 5], [2, 3]))).toEqual(['one 3 fold 4', 'one 4 append 5'])
  })

  test('take a fold in the place of what it was made of', () => {
    const log = logOf('aaaca')
    expect(contents(united(log, [1, 2, 5], [1, 2, 3, 4]))).toEqual([
      'one 3 fold 4',
      'one 4 append 5',
    ])
  })

  test('take a fold that stands for what they lack, though the message is known that it has its seq from', () => {
    const log = logOf('aaAc')
    expect(contents(united(log, [3], [1, 2, 4]))).toEqual(['one 3 fold 4', 'other 3 append 3'])
  })

  test('hold a fold once that both have', () => {
    const log = logOf('aacaa')
    expect(contents(united(log, [1, 2, 3, 5], [1, 2, 3, 4]))).toEqual([
      'one 2 fold 3',
      'one 3 append 4',
      'one 4 append 5',
    ])
  })

  test('keep beside the fold of a branch what was not there to be folded', () => {
    const log = logOf('aaac')
    const withoutCompaction = opsOf(log.slice(0, -1))
    expect(contents(united(log, [1], [2, 3, 4], placeOf(log, 3), withoutCompaction))).toEqual([
      'one 1 append 1',
      'one 3 append 4',
    ])
  })

  test('keep nothing of what their room had folded, though whoever gives the fold never had it', () => {
    const log = logOf('aaac')
    expect(contents(united(log, [1], [2, 3, 4]))).toEqual(['one 3 fold 4'])
  })

  test('take a fold that their room made though nothing lacks of what it stands for', () => {
    const log = logOf('aacAa')
    expect(contents(united(log, [1, 2, 5], [3, 4]))).toEqual([
      'one 2 fold 3',
      'one 4 append 5',
      'other 3 append 4',
    ])
  })

  test('fold what they gain where one holds a compaction of it that had found nothing', () => {
    const log = logOf('aacaA')
    expect(contents(united(log, [3, 4], [1, 2, 5]))).toEqual([
      'one 2 fold 3',
      'one 3 append 4',
      'other 4 append 5',
    ])
    const mine = unite(given(log, 3, 4), given(log, 5), placeOf(log), opsOf(log))
    expect(contents(mine)).toEqual(['one 3 append 4', 'other 4 append 5'])
    expect(contents(unite(mine, given(log, 1, 2), placeOf(log), opsOf(log)))).toEqual([
      'one 2 fold 3',
      'one 3 append 4',
      'other 4 append 5',
    ])
  })

  test('fold what a third brings where one of them brought a compaction of it that had found nothing', () => {
    const log = logOf('aacaA')
    const whole = ['one 2 fold 3', 'one 3 append 4', 'other 4 append 5']
    for (const pieces of orders([[5], [3, 4], [1, 2]])) {
      const [mine, ...others] = pieces.map((piece) => given(log, ...piece))
      const all = others.reduce(
        (both, other) => unite(both, other, placeOf(log), opsOf(log)),
        mine!,
      )
      expect([pieces, contents(all)]).toEqual([pieces, whole])
    }
  })

  test('come to what one has that was given all, whoever holds which piece, and in whatever order they meet', () => {
    const anyLog = fc.stringMatching(/^(?:[aA]c?C?){3,8}$/).map(logOf)
    fc.assert(
      fc.property(anyLog, fc.infiniteStream(fc.nat({ max: 2 })), (log, choices) => {
        const heldBy = log.map((entry) => [entry.index, choices.next().value!] as const)
        const pieces = [0, 1, 2].map((holder) =>
          heldBy.flatMap(([index, by]) => (by === holder ? [index] : [])),
        )
        // Whoever has no message gives nothing.
        fc.pre(pieces.every((piece) => piece.some((index) => log[index - 1]!.type === 'message')))
        const whole = given(log, ...log.map(({ index }) => index))
        for (const order of orders(pieces)) {
          const [mine, ...others] = order.map((piece) => given(log, ...piece))
          const all = others.reduce(
            (both, other) => unite(both, other, placeOf(log), opsOf(log)),
            mine!,
          )
          expect([order, contents(all)]).toEqual([order, contents(whole)])
        }
      }),
    )
  })

  test('hold no fold of what is in the place of what it stood for', () => {
    const log = logOf('aacrA')
    expect(contents(united(log, [4], [3, 5]))).toEqual(['one 3 replace 4', 'other 4 append 5'])
  })

  test('leave the fold of a branch out that stands for nothing they lack', () => {
    const log = logOf('aacA')
    const withoutCompaction = new OpTable([
      { author, opId: 4 as OpId, missing: [{ from: 3 as OpId, to: 3 as OpId }] },
    ])
    expect(contents(united(log, [1, 2], [1, 2, 3, 4], placeOf(log), withoutCompaction))).toEqual([
      'one 1 append 1',
      'one 2 append 2',
      'other 3 append 4',
    ])
  })

  test('stay as they were', () => {
    const log = logOf('aaaa')
    const [mine, theirs] = [given(log, 1, 2), given(log, 3, 4)]
    const before = [contents(mine), contents(theirs)]
    expect(countOf(unite(mine, theirs, placeOf(log), opsOf(log)).lacks)).toBe(0)
    expect([contents(mine), contents(theirs)]).toEqual(before)
    expect(unite(mine, given(log, 1), placeOf(log), opsOf(log))).toBe(mine)
  })
})
