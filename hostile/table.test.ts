// Holds docs/bad-input.md to the tests: each row of theirs stands there word for word, and each numbered row there is
// one of theirs, or says that it does not apply.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('.', import.meta.url)
const table = readFileSync(new URL('../docs/bad-input.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
const LITERAL = /'[^']*'|"[^"]*"/g
/** One literal, or several with a plus between them. */
const TEXT = /(?:'[^']*'|"[^"]*")(?:\s*\+\s*(?:'[^']*'|"[^"]*"))*/.source
const ROW = new RegExp(`\\brow\\(\\s*(${TEXT}),\\s*(${TEXT}),\\s*(${TEXT}),`, 'g')

const textOf = (source = '') =>
  (source.match(LITERAL) ?? []).map((literal) => literal.slice(1, -1)).join('')

const rows = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => {
    const source = readFileSync(new URL(name, folder), 'utf8')
    return [...source.matchAll(ROW)].map(
      ([, number, input, answer]) => `| ${textOf(number)} | ${textOf(input)} | ${textOf(answer)} |`,
    )
  })

test('every row that is tested stands in the table', () => {
  expect(rows.length).toBeGreaterThan(80)
  expect(rows.filter((line) => !table.includes(line))).toEqual([])
})

test('every row of the table is tested, or does not apply', () => {
  const applies = (line: string) => !line.includes('*does not apply:')
  expect(table.filter((line) => applies(line) && !rows.includes(line))).toEqual([])
})

test('no number stands twice', () => {
  const numbers = table.map((line) => line.split('|')[1])
  expect(new Set(numbers).size).toBe(numbers.length)
})
