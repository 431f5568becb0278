import { describe, expect, test } from 'vitest'
import { AUTHORS_MAX } from '../protocol/limits.ts'
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
    for (const [name, id] of [[1, 1], [2, 1], [1, 2]] as const) table.take(author(name), op(id))
    expect([...new OpTable(table.rows).rows]).toEqual([{ author: author(2), opId: 1 }, { author: author(1), opId: 2 }])
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
    const rows = [{ author: author(1), opId: op(1) }]
    new OpTable(rows).take(author(1), op(2))
    expect(rows).toEqual([{ author: author(1), opId: 1 }])
  })
})
