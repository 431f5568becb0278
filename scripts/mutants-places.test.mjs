import { expect, test } from 'vitest'
import { mutantsOf, withMutant } from './mutants-places.mjs'

/** All that becomes of a text, each by one mutant. */
function becomes(text) {
  return mutantsOf('some.ts', text).map((mutant) => withMutant(text, mutant))
}

test('operators give way to their neighbours, and operands are left out', () => {
  expect(becomes('f(a && b)')).toEqual(['{}', 'f((b))', 'f((a))', 'f(a || b)'])
  expect(becomes('let x = a - (b)')).toEqual(['let x = a + (b)'])
  expect(becomes('let x = a <= b')).toEqual(['let x = a < b'])
  expect(becomes('let x = a !== b')).toEqual(['let x = a === b'])
})

test('a condition is negated once, whether it is a negation or not', () => {
  expect(becomes('let x = a ? b : c')).toEqual(['let x = !(a) ? b : c'])
  expect(becomes('let x = !a ? b : c')).toEqual(['let x = (a) ? b : c'])
})

test('a statement is dropped, and so is an early end', () => {
  expect(becomes('for (;;) if (a) continue')).toContain('for (;;) {}')
  expect(becomes('for (;;) if (a) { b(); break }')).toContain('for (;;) {}')
  expect(becomes('if (a) b()')).toEqual(['if (!(a)) b()', 'if (a) {}'])
})

test('numbers and truths are others', () => {
  expect(becomes('let x = 7')).toEqual(['let x = (8)', 'let x = (6)'])
  expect(becomes('let x = true')).toEqual(['let x = false'])
  expect(becomes('x.max(y)')).toContain('x.min(y)')
  expect(becomes('let x = y--')).toEqual(['let x = y++'])
})

test('what cannot matter while the code is right is left alone: types, texts, assertions', () => {
  expect(becomes('type A = 1 | true')).toEqual([])
  expect(becomes("let x = 'a' + b")).toEqual([])
  expect(becomes("assert(a, 'a')")).toEqual([])
})

test('each says its line and what it changes', () => {
  const [, mutant] = mutantsOf('some.ts', 'let a\nlet b = a === 0')
  expect(mutant).toMatchObject({ line: 2, what: '1 for 0' })
})
