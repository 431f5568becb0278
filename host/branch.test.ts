import { describe, expect, test } from 'vitest'
import type { Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import { peer } from '../protocol/testing-ids.ts'
import { compareBranches, weightOf, type Branch } from './branch.ts'

const FORK = 10

/** `3gab` begins the reign of g in term 3, a and b in sync; `=a` is an in-sync set, `m` a message. */
function branch(stable: number, ...names: readonly string[]): Branch {
  let claim = { term: 1 as Term, host: peer('h') }
  let inSync: readonly PeerId[] = []
  const entries = names.map((name, i): Entry => {
    const index = (FORK + 1 + i) as Index
    if (name === 'm')
      return {
        type: 'message',
        index,
        seq: (i + 1) as Seq,
        op: {
          action: 'append',
          author: peer('x'),
          opId: (i + 1) as OpId,
          key: 'k',
          value: new Uint8Array(1),
        },
      }
    if (name.startsWith('=')) {
      inSync = [...name.slice(1)].map(peer)
      return { type: 'in-sync', index, inSync }
    }
    claim = { term: parseInt(name) as Term, host: peer(name[1]!) }
    inSync = [...name.slice(2)].map(peer)
    return { type: 'reign', index, claim, inSync }
  })
  return {
    position: { claim, index: (FORK + names.length) as Index },
    entries,
    stable: (FORK + stable) as Index,
    past: 0 as Index,
    lacks: [],
    inSync,
  }
}

describe('[MG5b] of two branches that went their own ways', () => {
  test('one with nothing stable since weighs nothing', () => {
    expect(weightOf(branch(0, 'm', 'm'))).toBe(0)
    expect(weightOf(branch(3, '2gab', '=a', '=b'))).toBe(0)
  })

  test('one weighs its host and the standbys in sync at its end', () => {
    expect(weightOf(branch(2, '2gab', 'm'))).toBe(3)
    expect(weightOf(branch(3, 'm', '2gab', 'm'))).toBe(3)
    expect(weightOf(branch(1, 'm'))).toBe(1)
  })

  test('who came in sync counts as soon as the entry that says so is stable, which it then holds', () => {
    expect(weightOf(branch(3, '2g', 'm', '=a'))).toBe(2)
    expect(weightOf(branch(2, '2g', 'm', '=a'))).toBe(1)
  })

  test('who left counts no more, nor do hosts that gave way', () => {
    expect(weightOf(branch(3, '2gab', 'm', '=a'))).toBe(2)
    expect(weightOf(branch(4, '2gab', 'm', '=a', '3ab'))).toBe(2)
    expect(weightOf(branch(2, '2gab', 'm', '=a', '3ab'))).toBe(2)
  })

  test('who left after all that is stable counts no more, where nobody was in sync before', () => {
    expect(weightOf(branch(1, 'm', '=a', '=abc'))).toBe(2)
  })

  test('a host alone weighs one, whichever of its standbys it heard last', () => {
    for (const last of ['=a', '=b']) {
      const alone = branch(5, 'm', 'm', last, '=', 'm')
      expect(weightOf(alone)).toBe(1)
      expect(compareBranches(branch(2, '2ab', 'm'), alone)).toBeGreaterThan(0)
    }
  })

  test('the one that more peers hold goes on, whatever its term and length', () => {
    const lone = branch(9, '2z', 'm', '3z', 'm', '4z', 'm', '5z', 'm', 'm')
    const room = branch(2, '2gab', 'm')
    expect(compareBranches(room, lone)).toBeGreaterThan(0)
    expect(compareBranches(lone, room)).toBeLessThan(0)
  })

  test('held by as many, the one with more that is stable goes on, then the higher reign', () => {
    expect(compareBranches(branch(3, '2ga', 'm', 'm'), branch(2, '3qb', 'm', 'm'))).toBeGreaterThan(
      0,
    )
    expect(compareBranches(branch(2, '2ga', 'm'), branch(2, '3qb', 'm'))).toBeLessThan(0)
  })

  test('one that had to begin without the streams gives way to one that has them', () => {
    expect(
      compareBranches(
        { ...branch(2, '2gab', 'm'), lacks: [{ from: 1 as Seq, to: 4 as Seq }] },
        branch(1, 'm'),
      ),
    ).toBeLessThan(0)
  })

  test('with nothing stable on either, the one of the higher reign goes on, then the longer', () => {
    expect(compareBranches(branch(0, 'm', 'm', 'm'), branch(0, '2g'))).toBeLessThan(0)
    expect(compareBranches(branch(0, 'm', 'm'), branch(0, 'm'))).toBeGreaterThan(0)
  })
})
