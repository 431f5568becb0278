import { describe, expect, test } from 'vitest'
import { HISTORY_TERMS_MAX } from '../protocol/limits.ts'
import type { Claim, Index, Seq } from '../protocol/ids.ts'
import { claimOf } from '../protocol/testing-ids.ts'
import type { Position, ReignPlace } from '../protocol/frames.ts'
import { comparePositions, endsOf, forkOf, History } from './history.ts'

const claim = (term: number, host = 'h') => claimOf(term, host)
/** A reign begins after the entry of that index, and the message of that seq. */
const begin = (history: History, term: number, index: number, seq: number, host = 'h') => {
  history.begin(claim(term, host), index as Index, seq as Seq)
  return history
}
const at = (term: number, index: number, host = 'h'): Position => ({
  claim: claim(term, host),
  index: index as Index,
})

describe('[EL1] the history of a log', () => {
  const history = begin(begin(begin(new History(), 1, 0, 0), 2, 9, 7), 5, 11, 8)
  const end = (of: Claim) => history.endOf(of, 20 as Index, 15 as Seq)

  test('ends a reign where the next one starts', () => {
    expect(end(claim(1))).toMatchObject({ index: 9, seq: 7 })
    expect(end(claim(2))).toMatchObject({ index: 11, seq: 8 })
  })

  test('ends the last reign where the log ends', () =>
    expect(end(claim(5))).toMatchObject({ index: 20, seq: 15 }))
  test('does not know a reign that it skipped', () => expect(end(claim(3))).toBeNull())
  test('does not take one host for another of the same term', () =>
    expect(end(claim(2, 'x'))).toBeNull())
  test('names the reign that its end belongs to', () => expect(history.latest).toEqual(claim(5)))

  test('of an empty log has no reign', () => {
    expect(new History().latest).toBeNull()
    expect(new History().endOf(claim(1), 0 as Index, 0 as Seq)).toBeNull()
  })

  test('numbers the reigns from the first of the room', () =>
    expect(history.reigns.map(({ number }) => number)).toEqual([1, 2, 3]))

  test('does not change with the list that it was made of', () => {
    const list = [...history.reigns]
    begin(new History(list), 6, 20, 15)
    expect(list).toEqual(history.reigns)
  })
})

describe('[PE9] a history of many reigns', () => {
  /** Each reign has one entry, which begins it, and ten messages. */
  const longHistory = (reigns: number, history = new History(), host = 'h') => {
    const from = history.reigns.at(-1)?.number ?? 0
    for (let n = from + 1; n <= reigns; n++) begin(history, n, (n - 1) * 11, (n - 1) * 10, host)
    return history
  }
  const endsIn = (history: History): ReignPlace[] => {
    const { number } = history.reigns.at(-1)!
    return endsOf(history.reigns, (number * 11) as Index, (number * 10) as Seq)
  }

  test('knows the last 128, sixteen in each doubling before, and the first', () => {
    const numbers = longHistory(3_000).reigns.map(({ number }) => number)
    const ages = (from: number, to: number) =>
      numbers.filter((number) => 3_000 - number >= from && 3_000 - number < to).length
    expect(ages(0, 128)).toBe(128)
    for (let from = 128; from < 2_048; from *= 2) expect(ages(from, 2 * from)).toBe(16)
    expect(numbers[0]).toBe(1)
  })

  test('is bounded, however long the room lives', () => {
    const history = longHistory(20_000)
    expect(history.reigns.length).toBeLessThanOrEqual(HISTORY_TERMS_MAX)
    expect(history.reigns[0]?.number).toBe(1)
    const middle = new History([
      { number: 2 ** 40, claim: claim(2 ** 40), index: 1 as Index, seq: 0 as Seq },
    ])
    expect(begin(middle, 2 ** 41, 9, 9).reigns).toHaveLength(2)
  })

  test('ends each reign where it ended, though the next one is forgotten', () => {
    for (const { number, index, seq } of endsIn(longHistory(1_000)))
      expect([index, seq]).toEqual([number * 11, number * 10])
  })

  test('that went on alone is found to fork a little too early, and never too late', () => {
    for (const shared of [1, 5, 130, 300, 511]) {
      for (const [ours, theirs] of [
        [shared, 700],
        [shared + 300, shared + 1],
        [700, 2_500],
      ] as const) {
        const [a, b] = ['a', 'b'].map((host, i) => {
          const trunk = new History(longHistory(shared).reigns)
          return endsIn(longHistory([ours, theirs][i]!, trunk, host))
        }) as [ReignPlace[], ReignPlace[]]
        const fork = forkOf(a, b)!
        expect(forkOf(b, a)).toEqual(fork)
        expect(fork.number).toBeLessThanOrEqual(shared)
        const age = Math.max(ours, theirs) - shared
        const [longer, shorter] = ours > theirs ? [a, b] : [b, a]
        expect(fork.number).toBeGreaterThanOrEqual(age < 128 ? shared : shared - age / 4)
        const ofLonger = longer.filter(({ number }) => number <= shared)
        for (const { claim: kept } of ofLonger)
          expect(shorter.map((reign) => reign.claim)).toContainEqual(kept)
      }
    }
  })
})

describe('[MG2] of two logs', () => {
  test('the one of the higher term is further, however short', () =>
    expect(comparePositions(at(3, 4), at(2, 1_000))).toBeGreaterThan(0))
  test('the one of the higher claim is further within a term', () =>
    expect(comparePositions(at(2, 4, 'b'), at(2, 1_000, 'a'))).toBeGreaterThan(0))
  test('the longer one is further within a reign', () =>
    expect(comparePositions(at(2, 4), at(2, 5))).toBeLessThan(0))
  test('neither is further at one place', () =>
    expect(comparePositions(at(2, 4), at(2, 4))).toBe(0))
  test('any is further than none', () => {
    expect(comparePositions(at(1, 1), null)).toBeGreaterThan(0)
    expect(comparePositions(null, at(1, 1))).toBeLessThan(0)
    expect(comparePositions(null, null)).toBe(0)
  })
})

describe('[MG5] the fork of two logs', () => {
  const ends = ({ reigns }: History, last: number, lastSeq: number) =>
    endsOf(reigns, last as Index, lastSeq as Seq)
  const trunk = begin(begin(new History(), 1, 0, 0), 2, 9, 7)
  const trunkThen = (term: number, index: number, seq: number) =>
    begin(new History(trunk.reigns), term, index, seq)

  test('is where the shorter one left the last reign that both know', () => {
    const longer = ends(trunk, 20, 15)
    const parted = ends(trunkThen(4, 12, 9), 40, 30)
    expect(forkOf(longer, parted)).toMatchObject({ claim: claim(2), index: 12, seq: 9 })
    expect(forkOf(parted, longer)).toMatchObject({ claim: claim(2), index: 12, seq: 9 })
  })

  test('is the end of a log that the other continues', () => {
    expect(forkOf(ends(trunk, 20, 15), ends(trunkThen(5, 20, 15), 30, 20))).toMatchObject({
      index: 20,
      seq: 15,
    })
  })

  test('is none where they know no reign in common', () => {
    expect(forkOf(ends(trunk, 20, 15), ends(begin(new History(), 3, 0, 0), 2, 1))).toBeNull()
    expect(forkOf([], ends(trunk, 20, 15))).toBeNull()
  })
})
