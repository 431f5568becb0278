import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { AUTHORS_MAX, MISSING_RUNS_MAX } from '../protocol/limits.ts'
import type { OpId, PeerId } from '../protocol/ids.ts'
import { OpTable } from './op-table.ts'

const author = (n: number) => String(n).padStart(22, '0') as PeerId
const op = (n: number) => n as OpId

describe('[MG3] the table of last ops', () => {
  test('keeps the last one of each author', () => {
    const table = new OpTable()
    table.take(author(1), op(1))
    table.take(author(2), op(7))
    table.take(author(1), op(2))
    expect(table.last(author(1))).toBe(2)
    expect(table.last(author(2))).toBe(7)
    expect(table.last(author(3))).toBeUndefined()
  })

  test('made from its own rows is the same table, in the same order', () => {
    const table = new OpTable()
    for (const [name, id] of [
      [1, 1],
      [2, 1],
      [1, 2],
    ] as const)
      table.take(author(name), op(id))
    expect([...new OpTable(table.rows).rows]).toEqual([
      { author: author(2), opId: 1, missing: [] },
      { author: author(1), opId: 2, missing: [] },
    ])
  })

  test('is bounded: the longest silent author is forgotten first', () => {
    const table = new OpTable()
    for (let name = 1; name <= AUTHORS_MAX; name++) table.take(author(name), op(1))
    table.take(author(1), op(2))
    table.take(author(AUTHORS_MAX + 1), op(1))
    expect(table.last(author(1))).toBe(2)
    expect(table.last(author(2))).toBeUndefined()
    expect([...table.rows]).toHaveLength(AUTHORS_MAX)
  })

  test('does not change with the rows that it was made of', () => {
    const rows = [{ author: author(1), opId: op(3), missing: [{ from: op(1), to: op(2) }] }]
    new OpTable(rows).take(author(1), op(2))
    expect(rows).toEqual([{ author: author(1), opId: 3, missing: [{ from: 1, to: 2 }] }])
  })

  test('an op that was left out is not taken, until it is', () => {
    const table = new OpTable()
    table.take(author(1), op(1))
    table.take(author(1), op(6))
    const isTaken = () => [1, 2, 3, 4, 5, 6, 7].map((n) => table.has(author(1), op(n)))
    expect(isTaken()).toEqual([true, false, false, false, false, true, false])
    table.take(author(1), op(4))
    expect(isTaken()).toEqual([true, false, false, true, false, true, false])
    for (const n of [2, 3, 5]) table.take(author(1), op(n))
    expect(table.rows).toEqual([{ author: author(1), opId: 6, missing: [] }])
  })

  test('an author that begins late has left out what comes before', () => {
    const table = new OpTable()
    table.take(author(1), op(4))
    expect(table.has(author(1), op(3))).toBe(false)
    expect(table.has(author(2), op(1))).toBe(false)
  })

  test('remembers the latest runs that were left out; what is forgotten counts as taken', () => {
    const table = new OpTable()
    for (let n = 1; n <= MISSING_RUNS_MAX + 1; n++) table.take(author(1), op(2 * n))
    expect(table.has(author(1), op(1))).toBe(true)
    expect(table.has(author(1), op(3))).toBe(false)
    expect(table.rows[0]?.missing).toHaveLength(MISSING_RUNS_MAX)
  })

  test('says the same of every op as the set of all that were taken', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 20 }), (numbers) => {
        const table = new OpTable()
        for (const n of numbers) table.take(author(1), op(n))
        const copy = new OpTable(table.rows)
        for (let n = 1; n <= 31; n++) expect(copy.has(author(1), op(n))).toBe(numbers.includes(n))
      }),
    )
  })
})
