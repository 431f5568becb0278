import { describe, expect, test } from 'vitest'
import { complaints, inOrder, rulesIn, rulesNamedIn, rulesNotedIn } from './spec-rules.mjs'

const NONE = { rules: [], named: [], untested: [], list: 'list.txt' }

describe('rulesIn', () => {
  test('headings and bold items define rules; what refers to one does not', () => {
    const page = [
      '# Links (LK)',
      '## LK1 Who',
      'As EL1 says.',
      '## LK10 Relayed',
      'Text (LK11).',
      '- **LK10a** One.',
      '- **LK10b** Two, see **LK7**.',
      '## PE Stored',
      'PE1 comes.',
    ]
    expect(rulesIn(page.join('\n'))).toEqual(['LK1', 'LK10', 'LK10a', 'LK10b'])
  })
})

describe('rulesNamedIn', () => {
  test('the brackets at the start of a title name rules, in every kind of string', () => {
    expect(
      rulesNamedIn('test(\'[MG4 EL5b] a\'); it(\n  "[SH11] b"); describe.each(all)(`[GW4] ${c}`)'),
    ).toEqual(['MG4', 'EL5b', 'SH11', 'GW4'])
  })

  test('a range names each numbered rule in it', () => {
    expect(rulesNamedIn("describe('[RE1-RE3] x')")).toEqual(['RE1', 'RE2', 'RE3'])
  })

  test('comments and other brackets name nothing', () => {
    expect(rulesNamedIn("// [MG4]\nconst a = ['MG4'], b = x[EL5]")).toEqual([])
  })

  test('what is written wrongly comes back as it is, so that it is found to be no rule', () => {
    expect(rulesNamedIn("test('[MG4, EL5] x'); test('[RE6-RE1] x')")).toEqual([
      'MG4,',
      'EL5',
      'RE6-RE1',
    ])
  })
})

test('a checker and a scenario name rules in a comment', () => {
  expect(rulesNotedIn('# The plainest migration. [EL3 MG2]\nt=0 join')).toEqual(['EL3', 'MG2'])
})

test('the order of ids is that of their numbers', () => {
  expect(['SG10', 'SG2b', 'RE1', 'SG2', 'SG2a'].sort(inOrder)).toEqual([
    'RE1',
    'SG2',
    'SG2a',
    'SG2b',
    'SG10',
  ])
})

describe('complaints', () => {
  test('there are none where each rule is named or listed', () => {
    expect(
      complaints({
        ...NONE,
        rules: ['EL1', 'EL1a'],
        named: [['EL1', 'a.test.ts']],
        untested: ['EL1a'],
      }),
    ).toEqual([])
  })

  test('a rule without a test is one, unless it is listed', () => {
    expect(complaints({ ...NONE, rules: ['EL1'] })).toEqual([
      "No test names EL1. Write one, or put the id into the title of the one that proves it: test('[EL1] …').",
    ])
  })

  test('a test that names no rule is one', () => {
    expect(complaints({ ...NONE, named: [['EL9', 'a.test.ts']] })).toEqual([
      'a.test.ts names EL9, which is no rule. Mend the id in the title, or write the rule.',
    ])
  })

  test('a listed rule that has a test, or is no rule any more, is one', () => {
    expect(
      complaints({
        ...NONE,
        rules: ['EL1'],
        named: [['EL1', 'a.test.ts']],
        untested: ['EL1', 'EL2'],
      }),
    ).toEqual([
      'EL1 has a test now, in a.test.ts. Take its line out of list.txt.',
      'list.txt lists EL2, which is no rule. Take the line out.',
    ])
  })

  test('a list out of order, a line that stands twice and a rule that is defined twice are', () => {
    expect(
      complaints({ ...NONE, rules: ['EL1', 'EL1', 'EL2'], untested: ['EL2', 'EL1', 'EL1'] }),
    ).toHaveLength(3)
  })
})
