import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { Claim, Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import type { Action, Entry, Op } from '../protocol/entry.ts'
import { endsOf, forkOf } from '../replica/history.ts'
import { Log } from '../replica/log.ts'
import { surplusAfter, type Surplus } from '../replica/surplus.ts'
import { opsToMerge } from './merge.ts'
import { Replica } from '../replica/replica.ts'

const peer = (letter: string) => letter.repeat(22) as PeerId
const claim = (term: number, host: string): Claim => ({ term: term as Term, host: peer(host) })
const utf8 = (text: string) => new TextEncoder().encode(text)

type Act = { readonly action: Action; readonly author: string; readonly key: string }

/** One log that grows: the only way in is the one a host has. */
class Line {
  readonly replica: Replica
  readonly entries: Entry[] = []

  constructor(trunk?: Line) {
    this.replica = Replica.empty(true)
    for (const entry of trunk?.entries ?? []) this.#append(entry)
  }

  reign(term: number, host: string): this {
    return this.#append({ type: 'reign', index: this.#next, claim: claim(term, host), inSync: [] })
  }

  does({ action, author, key }: Act): this {
    const name = {
      author: peer(author),
      opId: ((this.replica.ops.last(peer(author)) ?? 0) + 1) as OpId,
    }
    const value = utf8(`${author}${name.opId}`)
    if (action !== 'compact') return this.take({ action, ...name, key, value })
    return this.take({
      action,
      ...name,
      key,
      value,
      seq: Math.max(1, this.replica.lastSeq - 1) as Seq,
      basis: this.replica.position!.claim,
    })
  }

  take(op: Op): this {
    if (op.action === 'void')
      return this.#append({
        type: 'refusal',
        index: this.#next,
        author: op.author,
        opId: op.opId,
        code: op.code,
      })
    const code = this.replica.engine!.refusalOf(op)
    if (code !== null)
      return this.#append({
        type: 'refusal',
        index: this.#next,
        author: op.author,
        opId: op.opId,
        code,
      })
    if (op.action === 'compact') {
      const end = this.replica.endOf(op.basis)
      if (end === null || op.seq > end.seq)
        return this.#append({
          type: 'refusal',
          index: this.#next,
          author: op.author,
          opId: op.opId,
          code: 'compact-outdated',
        })
      return this.#append({ type: 'compaction', index: this.#next, op })
    }
    return this.#append({
      type: 'message',
      index: this.#next,
      seq: (this.replica.lastSeq + 1) as Seq,
      op,
    })
  }

  /** What this line ordered since it left the other. */
  surplusFrom(other: Line, stable = this.replica.lastIndex): Surplus {
    const fork = forkOf(other.replica.ends, this.replica.ends)
    const { log, engine } = this.replica
    return {
      entries: surplusAfter(log, engine, (fork?.index ?? 0) as Index, (fork?.seq ?? 0) as Seq),
      stable,
      forkSeq: (fork?.seq ?? 0) as Seq,
    }
  }

  meets(other: Line, stable?: Index): this {
    for (const op of opsToMerge(this.replica, other.surplusFrom(this, stable))) this.take(op)
    return this
  }

  get streams(): { readonly [key: string]: readonly string[] } {
    return Object.fromEntries(
      [...this.replica.engine!.keys].toSorted().map((key) => {
        const run = this.replica.engine!.replay(key, 0)!
        return [
          key,
          Array.from(run.seqs, (_, i) =>
            new TextDecoder().decode(run.bytes.subarray(run.ends[i - 1] ?? 0, run.ends[i])),
          ),
        ]
      }),
    )
  }

  get #next(): Index {
    return (this.replica.lastIndex + 1) as Index
  }

  #append(entry: Entry): this {
    this.replica.append(entry)
    this.entries.push(entry)
    return this
  }
}

const append = (author: string, key = 'k'): Act => ({ action: 'append', author, key })
const replace = (author: string, key = 'k'): Act => ({ action: 'replace', author, key })

/** Two sides of a split: both begin with what a and b had said. */
function sides(): { goesOn: Line; givesWay: Line } {
  const trunk = new Line().reign(1, 'h').does(append('a')).does(append('b'))
  return { goesOn: new Line(trunk).reign(2, 'g'), givesWay: new Line(trunk).reign(2, 'f') }
}

describe('[MG5] what a branch that gives way had ordered', () => {
  test('is appended again, in its order', () => {
    const { goesOn, givesWay } = sides()
    goesOn.does(append('c'))
    givesWay.does(append('a')).does(append('d')).does(append('a'))
    expect(goesOn.meets(givesWay).streams).toEqual({ k: ['a1', 'b1', 'c1', 'a2', 'd1', 'a3'] })
  })

  test('changes nothing when it is met again', () => {
    const { goesOn, givesWay } = sides()
    givesWay
      .does(append('a'))
      .does({ action: 'relay', author: 'b', key: 'k' })
      .does(replace('a', 'r'))
    const { lastIndex } = goesOn.meets(givesWay).replica
    expect(goesOn.meets(givesWay).replica.lastIndex).toBe(lastIndex)
  })

  test('waits behind a gap that its author, who is here, can fill', () => {
    const { goesOn, givesWay } = sides()
    givesWay.does(append('a')).does(append('a')).does(append('d'))
    const surplus = givesWay.surplusFrom(goesOn)
    const torn = { ...surplus, entries: surplus.entries.slice(2) } // the reign and the second of a are lacking
    const { engine, ops } = goesOn.replica
    const merged = (here: string) =>
      opsToMerge(
        { engine, ops, isHere: (author) => [...here].map(peer).includes(author) },
        torn,
      ).map(({ author, opId }) => `${author[0]}${opId}`)
    expect(merged('ad')).toEqual(['d1'])
    expect(merged('d')).toEqual(['a3', 'd1'])
  })

  test('replaces what the other branch left alone', () => {
    const { goesOn, givesWay } = sides()
    goesOn.does(append('c', 'elsewhere'))
    givesWay.does(replace('a')).does(replace('d'))
    expect(goesOn.meets(givesWay).streams['k']).toEqual(['d1'])
  })

  test('yields where the other branch has changed the key, and says so in the log', () => {
    const { goesOn, givesWay } = sides()
    goesOn.does(replace('c'))
    givesWay.does(replace('a')).does(append('d'))
    expect(goesOn.meets(givesWay).streams['k']).toEqual(['c1', 'd1'])
    expect(goesOn.entries.find((entry) => entry.type === 'refusal')).toMatchObject({
      author: peer('a'),
      opId: 2,
      code: 'superseded',
    })
  })

  test('and was not stable there is ordered as if it came only now', () => {
    const { goesOn, givesWay } = sides()
    goesOn.does(replace('c'))
    givesWay.does(replace('a')).does({ action: 'relay', author: 'b', key: 'k' })
    const before = goesOn.replica.lastSeq
    goesOn.meets(givesWay, 4 as Index)
    expect(goesOn.streams['k']).toEqual(['a2'])
    expect(goesOn.replica.lastSeq).toBe(before + 2)
  })

  test('is not relayed twice', () => {
    const { goesOn, givesWay } = sides()
    givesWay.does({ action: 'relay', author: 'a', key: 'k' }).does(append('a'))
    const before = goesOn.replica.lastSeq
    expect(goesOn.meets(givesWay).replica.lastSeq).toBe(before + 1)
    expect(goesOn.entries.find((entry) => entry.type === 'refusal')).toMatchObject({
      opId: 2,
      code: 'not-repeated',
    })
  })

  test('is known to a log of its author that had gone over to the other side', () => {
    const { goesOn, givesWay } = sides()
    givesWay.does(append('a'))
    goesOn.meets(givesWay).does(append('a'))
    expect(goesOn.meets(givesWay.does(append('d'))).streams['k']).toEqual([
      'a1',
      'b1',
      'a2',
      'a3',
      'd1',
    ])
  })

  test('keeps what its compaction folded, since its numbers mean nothing here', () => {
    const { goesOn, givesWay } = sides()
    goesOn.does(append('c'))
    givesWay.does(append('a')).does(append('d')).does({ action: 'compact', author: 'd', key: 'k' })
    expect(goesOn.meets(givesWay).streams['k']).toEqual(['a1', 'b1', 'c1', 'a2', 'd1'])
  })

  test('folds what was there before the split, where its compaction spoke of that', () => {
    const { goesOn, givesWay } = sides()
    goesOn.does(append('c'))
    givesWay.take({
      action: 'compact',
      author: peer('a'),
      opId: 2 as OpId,
      key: 'k',
      value: utf8('ab'),
      seq: 2 as Seq,
      basis: claim(1, 'h'),
    })
    expect(goesOn.meets(givesWay).streams['k']).toEqual(['ab', 'c1'])
  })

  test('is made again of what is retained where the tail has let it go', () => {
    const { goesOn, givesWay } = sides()
    for (let i = 0; i < 9_000; i++) givesWay.does(append('d', `k${i % 7}`))
    expect(givesWay.replica.log.reachesBackTo(4 as Index)).toBe(false)
    goesOn.does(append('c')).meets(givesWay)
    for (let key = 0; key < 7; key++)
      expect(goesOn.streams[`k${key}`]).toEqual(givesWay.streams[`k${key}`])
    expect(goesOn.streams['k']).toEqual(['a1', 'b1', 'c1'])
  })

  test('replaces with what it had replaced, even where the tail has let it go', () => {
    const { goesOn, givesWay } = sides()
    givesWay.does(replace('a')).does(append('d'))
    for (let i = 0; i < 9_000; i++) givesWay.does(append('d', 'log'))
    expect(givesWay.replica.log.reachesBackTo(4 as Index)).toBe(false)
    expect(sides().goesOn.meets(givesWay).streams['k']).toEqual(['a2', 'd1'])
    expect(goesOn.does(append('c')).meets(givesWay).streams['k']).toEqual(['a1', 'b1', 'c1', 'd1'])
  })

  test('comes folded, as a message, where the tail has let go some of what was folded', () => {
    const { goesOn, givesWay } = sides()
    givesWay.does(append('d'))
    for (let i = 0; i < 9_000; i++) givesWay.does(append('d', 'log'))
    givesWay
      .does(append('e'))
      .does(append('f'))
      .does({ action: 'compact', author: 'e', key: 'k' })
      .does(append('e'))
    expect(givesWay.streams['k']).toEqual(['e2', 'f1', 'e3'])
    goesOn.does(append('c')).meets(givesWay)
    expect(goesOn.streams['k']).toEqual(['a1', 'b1', 'c1', 'e2', 'f1', 'e3'])
    expect([1, 2, 3].map((opId) => goesOn.replica.log.find(peer('e'), opId as OpId)?.type)).toEqual(
      ['refusal', 'message', 'message'],
    )
    const { lastIndex } = goesOn.replica
    expect(goesOn.meets(givesWay).replica.lastIndex).toBe(lastIndex)
  })

  test('comes with its compaction where nothing was let go, though the tail begins behind the fork', () => {
    const log = new Log(2 as Index)
    const line = new Line()
      .reign(1, 'h')
      .reign(2, 'h')
      .does(append('a'))
      .does(append('a'))
      .does({ action: 'compact', author: 'a', key: 'k' })
    for (const entry of line.entries.slice(2)) log.append(entry)
    expect(surplusAfter(log, line.replica.engine, 0 as Index, 0 as Seq)).toEqual(
      line.entries.slice(2),
    )
  })

  test('comes with its relays, though their key was folded', () => {
    const { goesOn, givesWay } = sides()
    for (let i = 0; i < 9_000; i++) givesWay.does(append('d', 'log'))
    givesWay
      .does(append('e'))
      .does({ action: 'relay', author: 'f', key: 'k' })
      .does(append('e'))
      .does({ action: 'compact', author: 'e', key: 'k' })
    goesOn.meets(givesWay, 4 as Index)
    expect(goesOn.replica.log.find(peer('f'), 1 as OpId)?.type).toBe('message')
  })
})

/** A tree of branches: who forks from whom, and what each goes on with. Authors are on one branch at a time. */
const acts = (authors: string) =>
  fc.array(
    fc
      .record({
        action: fc.constantFrom<Action>(
          'append',
          'append',
          'append',
          'replace',
          'relay',
          'compact',
        ),
        author: fc.constantFrom(...authors),
        key: fc.constantFrom('log', 'a', 'b'),
      })
      .map((act): Act =>
        act.key === 'log' ? { ...act, action: act.action === 'relay' ? 'relay' : 'append' } : act,
      ),
    { maxLength: 25 },
  )

const trees = fc.record({
  trunk: acts('abcdef'),
  left: acts('ab'),
  right: acts('cd'),
  twig: acts('ef'),
  twigForksLate: fc.boolean(),
})

function grow({
  trunk,
  left,
  right,
  twig,
  twigForksLate,
}: {
  trunk: Act[]
  left: Act[]
  right: Act[]
  twig: Act[]
  twigForksLate: boolean
}): { left: Line; right: Line; twig: Line } {
  const play = (line: Line, all: Act[]) => all.reduce((grown, act) => grown.does(act), line)
  const root = play(new Line().reign(1, 'h'), trunk)
  const rightLine = play(new Line(root).reign(2, 'r'), right)
  return {
    left: play(new Line(root).reign(2, 'l'), left),
    right: rightLine,
    twig: play(new Line(twigForksLate ? rightLine : root).reign(3, 't'), twig),
  }
}

const opsIn = (line: Line) =>
  line.entries.flatMap((entry) =>
    entry.type === 'message' ? [`${entry.op.author[0]}${entry.op.opId}`] : [],
  )

describe('[MG5] joining branches', () => {
  test('leaves the log that goes on as it was, and continues it', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { left, right, twig } = grow(tree)
        const before = [...left.entries]
        left.meets(right).meets(twig)
        expect(left.entries.slice(0, before.length)).toEqual(before)
      }),
      { numRuns: 300 },
    )
  })

  test('twice is the same as once', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { left, right, twig } = grow(tree)
        const { length } = left.meets(right).meets(twig).entries
        expect(left.meets(twig).meets(right).entries).toHaveLength(length)
      }),
      { numRuns: 300 },
    )
  })

  test('keeps the order of every author, and takes every op once', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { left, right, twig } = grow(tree)
        left.meets(right).meets(twig)
        const lastByAuthor = new Map<string, number>()
        for (const name of opsIn(left)) {
          expect(Number(name.slice(1))).toBeGreaterThan(lastByAuthor.get(name[0]!) ?? 0)
          lastByAuthor.set(name[0]!, Number(name.slice(1)))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('loses no append, whichever branch goes on', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        for (const winner of ['left', 'right', 'twig'] as const) {
          const lines = grow(tree)
          const appended = new Set(
            Object.values(lines).flatMap((line) => line.streams['log'] ?? []),
          )
          for (const name of ['left', 'right', 'twig'] as const)
            if (name !== winner) lines[winner].meets(lines[name])
          expect(new Set(lines[winner].streams['log'] ?? [])).toEqual(appended)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('is the same whoever does it', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const one = grow(tree)
        const other = grow(tree)
        one.left.meets(one.right).meets(one.twig)
        other.left.meets(other.right).meets(other.twig)
        expect(one.left.entries).toEqual(other.left.entries)
      }),
      { numRuns: 100 },
    )
  })
})

test('[MG5] two logs know where they parted, whichever is asked', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      const { left, twig } = grow(tree)
      const ends = ({ replica }: Line) =>
        endsOf(replica.history.reigns, replica.lastIndex, replica.lastSeq)
      const fork = forkOf(ends(left), ends(twig))
      expect(fork).toEqual(forkOf(ends(twig), ends(left)))
      const at = fork?.index ?? 0
      expect(left.entries.slice(0, at)).toEqual(twig.entries.slice(0, at))
      expect(left.entries[at]).not.toEqual(twig.entries[at])
    }),
    { numRuns: 300 },
  )
})
