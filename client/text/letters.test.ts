import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applied, editOf, offsetOf, placeAt, textOf, type Edit, type Letters } from './letters.ts'
import { spanOf } from './span.ts'

/** Two letters that begin alike, and one that ends like the first, are three emoji of two units each. */
const LETTERS = ['a', 'b', ' ', '\n', '😀', '😁', '🀀']
const text = fc.array(fc.constantFrom(...LETTERS), { maxLength: 12 }).map((all) => all.join(''))
const typed = fc.array(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 3 })

/** One page: what the room told it, and its own edits that the room has not told yet. */
class Page {
  readonly name: string
  confirmed: Letters
  pending: Edit[] = []
  heard = 0
  written = 0

  constructor(name: string, initial: string) {
    this.name = name
    this.confirmed = initial
  }

  get view(): Letters {
    return this.pending.reduce(applied, this.confirmed)
  }

  /** Replaces the letters from one place to another. */
  replace(from: number, to: number, put: string): Edit | null {
    const now = [...textOf(this.view)]
    const [start, end] = [from, to].map((at) => at % (now.length + 1)).sort((a, b) => a - b)
    const next = [...now.slice(0, start), put, ...now.slice(end)].join('')
    const edit = editOf(this.view, next, [this.name, this.written])
    if (edit === null) return null
    this.written += edit.put.length
    this.pending.push(edit)
    expect(textOf(this.view)).toBe(next)
    return edit
  }

  hear(edit: Edit): void {
    this.heard++
    if (edit === this.pending[0]) this.pending.shift()
    this.confirmed = applied(this.confirmed, edit)
  }
}

const step = fc.record({
  what: fc.constantFrom('type', 'type', 'order', 'hear', 'hear'),
  page: fc.nat({ max: 2 }),
  from: fc.nat({ max: 20 }),
  to: fc.nat({ max: 20 }),
  put: typed,
})

describe('[SH14] letters', () => {
  test('all pages end equal, whatever the order; every letter is there once that nobody cut', () => {
    fc.assert(
      fc.property(text, fc.array(step, { maxLength: 60 }), (initial, steps) => {
        const pages = ['p', 'q', 'r'].map((name) => new Page(name, initial))
        const log: Edit[] = []
        const sent = pages.map(() => 0)
        const made: Edit[][] = pages.map(() => [])
        const order = (i: number) => {
          const edit = made[i]![sent[i]!]
          if (edit === undefined) return
          sent[i]!++
          log.push(edit)
        }
        const hear = (page: Page) => {
          if (page.heard < log.length) page.hear(log[page.heard]!)
        }
        for (const { what, page, from, to, put } of steps) {
          if (what === 'order') order(page)
          else if (what === 'hear') hear(pages[page]!)
          else {
            const edit = pages[page]!.replace(from, to, put.join(''))
            if (edit !== null) made[page]!.push(edit)
          }
        }
        for (const [i, edits] of made.entries()) for (const _ of edits) order(i)
        for (const page of pages) while (page.heard < log.length) hear(page)

        const end = textOf(pages[0]!.view)
        for (const page of pages) {
          expect(page.pending).toEqual([])
          expect(textOf(page.view)).toBe(end)
        }
        expect(() => encodeURIComponent(end)).not.toThrow() // no half of an emoji alone
        const all = [{ by: '', n: 0, put: initial }, ...log]
        const names = all.flatMap(({ by, n, put }) => [...put].map((_, i) => `${by} ${n + i}`))
        const cut = new Set(
          log.flatMap(({ cut }) =>
            cut.flatMap(([by, n, count]) =>
              Array.from({ length: count }, (_, i) => `${by} ${n + i}`),
            ),
          ),
        )
        const units = all.reduce((sum, { put }) => sum + put.length, 0)
        expect(names.length).toBeLessThanOrEqual(units)
        expect(end.length).toBe(units - cut.size)
      }),
      { numRuns: 500 },
    )
  })

  test('two edits of one text whose spans are apart give the same in either order, with all of both', () => {
    fc.assert(
      fc.property(text, text, text, typed, typed, (left, kept, right, one, two) => {
        const base = `${left}|${kept}|${right}`
        const first = editOf(base, `${one.join('')}|${kept}|${right}`, ['p', 0])
        const second = editOf(base, `${left}|${kept}|${two.join('')}`, ['q', 0])
        const both = `${one.join('')}|${kept}|${two.join('')}`
        const edits = [first, second].filter((edit) => edit !== null)
        expect(textOf(edits.reduce(applied, base as Letters))).toBe(both)
        expect(textOf(edits.reverse().reduce(applied, base as Letters))).toBe(both)
      }),
    )
  })

  test('words that two type at one place, letter by letter, do not mingle', () => {
    const [p, q] = [new Page('p', '<>'), new Page('q', '<>')]
    const edits: Edit[] = []
    for (const i of [0, 1, 2]) {
      edits.push(p.replace(1 + i, 1 + i, 'abc'[i]!)!, q.replace(1 + i, 1 + i, 'xyz'[i]!)!)
    }
    expect(textOf(edits.reduce(applied, '<>' as Letters))).toBe('<xyzabc>')
  })

  test('what is typed into a range that another page cuts stays', () => {
    const [p, q] = [new Page('p', 'one two three'), new Page('q', 'one two three')]
    const cut = p.replace(4, 8, '')!
    const put = q.replace(6, 6, 'W')!
    for (const edits of [
      [cut, put],
      [put, cut],
    ])
      expect(textOf(edits.reduce(applied, 'one two three' as Letters))).toBe('one tWhree')
  })

  test('a place stays with its letter, and goes where the letter was', () => {
    const before: Letters = 'abcd'
    const place = placeAt(before, 2)
    const front = applied(before, editOf(before, '__abcd', ['p', 0])!)
    expect(offsetOf(front, place)).toBe(4)
    const gone = applied(front, editOf(front, '__d', ['p', 2])!)
    expect(offsetOf(gone, place)).toBe(2)
    expect(offsetOf(gone, null)).toBe(0)
    expect(placeAt(before, 0)).toBe(null)
  })

  test('what an author types in a row, and cuts, is remembered in one run each', () => {
    const page = new Page('p', '')
    for (const [i, letter] of [...'hello'].entries()) page.hear(page.replace(i, i, letter)!)
    expect(page.confirmed).toEqual([['p', 0, 'hello']])
    for (const at of [4, 3, 2]) page.hear(page.replace(at, at + 1, '')!)
    expect(page.confirmed).toEqual([
      ['p', 0, 'he'],
      ['p', 2, 3],
    ])
  })

  test('of a text that was much edited only the letters that live are remembered', () => {
    let letters: Letters = ''
    for (let i = 0; i < 1_500; i++) {
      letters = applied(letters, editOf(letters, i % 2 === 0 ? 'x' : '', [`p${i}`, 0])!)
      expect(letters.length).toBeLessThanOrEqual(1_024)
    }
    const late: Edit = { after: ['p2', 0], by: 'late', n: 0, put: '!', cut: [['p2', 0, 1]] }
    const now = applied('kept', { after: null, by: 'p', n: 0, put: '', cut: [] })
    expect(textOf(applied(now, late))).toBe('kept!')
  })

  test.each([
    null,
    'text',
    {},
    { after: null, by: 'p', n: 0, put: 7, cut: [] },
    { after: 'p', by: 'p', n: 0, put: 'x', cut: [] },
    { after: ['p'], by: 'p', n: 0, put: 'x', cut: [] },
    { after: null, by: 'p', n: 0.5, put: 'x', cut: [] },
    { after: null, by: 'p', n: 0, put: 'x', cut: {} },
    { after: null, by: 'p', n: 0, put: 'x', cut: [['p', 0]] },
  ])('%j is no edit', (edit) => {
    expect(() => applied('text', edit as Edit)).toThrow(TypeError)
  })
})

test('the span between two texts is the shortest that splits no emoji', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { start, end, put } = spanOf(before, after)
      expect(before.slice(0, start) + put + before.slice(end)).toBe(after)
      expect(
        () => encodeURIComponent(before.slice(0, start)) + encodeURIComponent(put),
      ).not.toThrow()
    }),
  )
  expect(spanOf('😀', '😁')).toEqual({ start: 0, end: 2, put: '😁' })
  expect(spanOf('😀', '🀀')).toEqual({ start: 0, end: 2, put: '🀀' })
  expect(spanOf('abcd', 'abXcd')).toEqual({ start: 2, end: 2, put: 'X' })
})

test('of spans that make the same text, the caret tells which', () => {
  expect(spanOf('aaa', 'aaaa')).toEqual({ start: 3, end: 3, put: 'a' })
  expect(spanOf('aaa', 'aaaa', 1)).toEqual({ start: 0, end: 0, put: 'a' })
  expect(spanOf('one two three', 'one three')).toEqual({ start: 5, end: 9, put: '' })
  expect(spanOf('one two three', 'one three', 4)).toEqual({ start: 4, end: 8, put: '' })
  fc.assert(
    fc.property(text, text, fc.nat({ max: 20 }), (before, after, caret) => {
      const { start, end, put } = spanOf(before, after, caret)
      expect(before.slice(0, start) + put + before.slice(end)).toBe(after)
    }),
  )
})
