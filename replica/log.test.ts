import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import type { Entry } from '../protocol/entry.ts'
import type { Index, OpId, Seq } from '../protocol/ids.ts'
import { index, peer } from '../protocol/testing-ids.ts'
import { Log, type LogLimits } from './log.ts'

const AUTHOR = peer('A')
/** What the log counts for an entry besides its key and value. */
const OVERHEAD = 96

function entry(index: number, size = 0): Entry {
  return {
    type: 'message',
    index: index as Index,
    seq: index as Seq,
    op: {
      action: 'append',
      author: AUTHOR,
      opId: index as OpId,
      key: '',
      value: new Uint8Array(size),
    },
  }
}

/** A log of entries 1 to `length`. */
function logOf(length: number, limits?: LogLimits): Log {
  const log = new Log(0 as Index, limits)
  for (let index = 1; index <= length; index++) log.append(entry(index))
  return log
}

const indexes = (entries: readonly Entry[]) => entries.map(({ index }) => index)

describe('the tail', () => {
  test('of a fresh room is empty and reaches back to the beginning', () => {
    const log = new Log()
    expect([log.first, log.last]).toEqual([1, 0])
    expect(log.reachesBackTo(index(0))).toBe(true)
    expect(log.after(index(0))).toEqual([])
    expect(log.at(index(1))).toBeUndefined()
  })

  test('that starts in the middle knows nothing before', () => {
    const log = new Log(index(40))
    expect(log.reachesBackTo(index(39))).toBe(false)
    expect(log.reachesBackTo(index(40))).toBe(true)
    log.append(entry(41))
    expect(indexes(log.after(index(40)))).toEqual([41])
  })

  test('[MG2] answers what came after an index, and at most so many', () => {
    const log = logOf(9)
    expect(indexes(log.after(index(6)))).toEqual([7, 8, 9])
    expect(indexes(log.after(index(6), 2))).toEqual([7, 8])
    expect(log.after(index(9))).toEqual([])
    expect(log.after(index(100))).toEqual([])
  })

  test('does not reach to what is not there yet', () =>
    expect(logOf(3).reachesBackTo(index(4))).toBe(false))

  test('forgets the oldest beyond its number of entries', () => {
    const log = logOf(10, { entriesMax: 4, bytesMax: Infinity })
    expect([log.first, log.last]).toEqual([7, 10])
    expect(log.reachesBackTo(index(6))).toBe(true)
    expect(log.reachesBackTo(index(5))).toBe(false)
    expect(log.at(index(6))).toBeUndefined()
    expect(log.at(index(7))?.index).toBe(7)
  })

  test('forgets the oldest beyond its bytes, and the newest too when it alone is larger', () => {
    const log = new Log(index(0), { entriesMax: 100, bytesMax: 3 * OVERHEAD + 30 })
    for (let i = 1; i <= 4; i++) log.append(entry(i, 10))
    expect([log.first, log.last]).toEqual([2, 4])
    log.append(entry(5, 1_000))
    expect([log.first, log.last]).toEqual([6, 5])
    log.append(entry(6, 10))
    expect(indexes(log.after(index(0)))).toEqual([6])
  })

  test('takes nothing out of turn: that would be a bug of ours', () => {
    expect(() => logOf(3).append(entry(5))).toThrow('entry 5 follows 3')
    expect(() => logOf(3).append(entry(3))).toThrow('entry 3 follows 3')
  })

  test('holds exactly the last entries, whatever came', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat({ max: 70 }),
        (length, entriesMax, after) => {
          const log = logOf(length, { entriesMax, bytesMax: Infinity })
          const kept = Array.from({ length }, (_, i) => i + 1).slice(-entriesMax)
          expect(indexes(log.after(index(after)))).toEqual(kept.filter((i) => i > after))
          expect(log.first).toBe(kept[0] ?? 1)
          expect(log.at(index(after))?.index).toBe(kept.includes(after) ? after : undefined)
        },
      ),
    )
  })

  test('keeps more for as long as it is told to', () => {
    const log = logOf(3, { entriesMax: 3, bytesMax: Infinity })
    log.keep({ entriesMax: 5, bytesMax: Infinity })
    for (let next = 4; next <= 5; next++) log.append(entry(next))
    expect(log.first).toBe(1)
    log.keep({ entriesMax: 2, bytesMax: Infinity })
    expect([log.first, log.last]).toEqual([4, 5])
  })

  test('is cut to its ordinary length from an index on, if told to', () => {
    const log = logOf(1)
    log.keep({ entriesMax: Infinity, bytesMax: Infinity })
    log.keepUntil(index(TAIL_ENTRIES_MAX + 10))
    for (let next = 2; next < TAIL_ENTRIES_MAX + 10; next++) log.append(entry(next))
    expect(log.first).toBe(1)
    log.append(entry(TAIL_ENTRIES_MAX + 10))
    expect(log.first).toBe(11)
  })

  test('finds an op that it still holds, and its first message', () => {
    const log = new Log(index(0), { entriesMax: 3, bytesMax: Infinity })
    expect(log.firstSeq).toBe(null)
    log.append({ type: 'in-sync', index: index(1), inSync: [] })
    expect(log.firstSeq).toBe(null)
    for (let next = 2; next <= 5; next++) log.append(entry(next))
    expect(log.firstSeq).toBe(3)
    expect(log.find(AUTHOR, 4 as OpId)?.index).toBe(4)
    expect(log.find(AUTHOR, 2 as OpId)).toBe(null)
    expect(log.find(peer('B'), 4 as OpId)).toBe(null)
  })
})
