import { describe, expect, test } from 'vitest'
import { HISTORY_TERMS_MAX } from '../protocol/limits.ts'
import type { Claim, Index, Seq } from '../protocol/ids.ts'
import { claimOf } from '../protocol/testing-ids.ts'
import type { Position } from '../protocol/frames.ts'
import { comparePositions, endsOf, forkOf, History } from './history.ts'

const claim = (term: number, host = 'h') => claimOf(term, host)
const start = (term: number, index: number, seq: number, host = 'h') => ({
  claim: claim(term, host),
  index: index as Index,
  seq: seq as Seq,
})
const at = (term: number, index: number, host = 'h'): Position => ({
  claim: claim(term, host),
  index: index as Index,
})

describe('[EL1] the history of a log', () => {
  const history = new History([start(1, 1, 0), start(2, 10, 7), start(5, 12, 8)])
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

  test('is bounded: the oldest reign goes first', () => {
    const long = new History()
    for (let term = 1; term <= HISTORY_TERMS_MAX + 1; term++) long.add(start(term, term, 0))
    expect(long.reigns).toHaveLength(HISTORY_TERMS_MAX)
    expect(long.endOf(claim(1), 999 as Index, 0 as Seq)).toBeNull()
    expect(long.endOf(claim(2), 999 as Index, 0 as Seq)).toMatchObject({ index: 2, seq: 0 })
  })

  test('does not change with the list that it was made of', () => {
    const list = [start(1, 1, 0)]
    const history = new History(list)
    history.add(start(2, 2, 0))
    expect(list).toHaveLength(1)
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
  const ends = (reigns: ReturnType<typeof start>[], last: number, lastSeq: number) =>
    endsOf(reigns, last as Index, lastSeq as Seq)
  const trunk = [start(1, 1, 0), start(2, 10, 7)]

  test('is where the shorter one left the last reign that both know', () => {
    const longer = ends(trunk, 20, 15)
    const parted = ends([...trunk, start(4, 13, 9)], 40, 30)
    expect(forkOf(longer, parted)).toEqual({ claim: claim(2), index: 12, seq: 9 })
    expect(forkOf(parted, longer)).toEqual({ claim: claim(2), index: 12, seq: 9 })
  })

  test('is the end of a log that the other continues', () => {
    expect(forkOf(ends(trunk, 20, 15), ends([...trunk, start(5, 21, 15)], 30, 20))).toMatchObject({
      index: 20,
      seq: 15,
    })
  })

  test('is none where they know no reign in common', () => {
    expect(forkOf(ends(trunk, 20, 15), ends([start(3, 1, 0)], 2, 1))).toBeNull()
    expect(forkOf([], ends(trunk, 20, 15))).toBeNull()
  })
})
