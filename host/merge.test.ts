import { describe, expect, test } from 'vitest'
import { AUTHORS_MAX } from '../protocol/limits.ts'
import type { Index, OpId, PeerId, Seq } from '../protocol/ids.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { Log } from '../replica/log.ts'
import { surplusAfter } from '../replica/surplus.ts'
import { append, Line, replace, sides, utf8 } from './branching-line.ts'
import { opsToMerge } from './merge.ts'

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
    // The reign and the second of a are lacking.
    const torn = { ...surplus, entries: surplus.entries.slice(2) }
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
      basis: claimOf(1, 'h'),
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

describe('[PE9] a branch of which the fork is found too early', () => {
  /** A trunk of many reigns, of which a history knows a few, and a line that each side goes on with. */
  function afterManyReigns(): { room: Line; alone: Line } {
    const trunk = new Line().reign(1, 'h')
    for (let term = 2; term <= 20; term++) trunk.reign(term, 'h').does(append('a'))
    trunk.does(append('b', 'r'))
    const room = new Line(trunk)
    for (let term = 21; term <= 320; term++) room.reign(term, 'g').does(append('c'))
    return { room, alone: new Line(trunk).reign(21, 'f').does(append('d')).does(append('a')) }
  }

  test('is merged whole, after 300 reigns that it did not see', () => {
    const { room, alone } = afterManyReigns()
    // They parted after 20 messages.
    expect(alone.surplusFrom(room).forkSeq).toBe(15)
    const before = room.streams
    const after = room.meets(alone).streams
    expect(after).toEqual({ ...before, k: [...before['k']!, 'd1', 'a20'] })
    expect(room.meets(alone).streams).toEqual(after)
  })

  test('takes in the room, where it is the one that goes on', () => {
    const { room, alone } = afterManyReigns()
    const said = (n: number) => Array.from({ length: n }, (_, i) => `c${i + 1}`)
    const before = alone.streams
    const after = alone.meets(room).streams
    expect(after).toEqual({ ...before, k: [...before['k']!, ...said(300)] })
    expect(alone.meets(room).streams).toEqual(after)
  })

  test('is not superseded by what both had: its log had taken that as well', () => {
    const { room, alone } = afterManyReigns()
    room.does(replace('c', 'r'))
    const surplus = room.surplusFrom(alone)
    // Its tail has let go what both had.
    const late = { ...surplus, entries: surplus.entries.slice(-300) }
    const codes = (taken: typeof surplus) =>
      opsToMerge(alone.replica, taken).flatMap((op) => (op.action === 'void' ? [op.code] : []))
    expect(codes({ ...late, taken: room.replica.ops })).toEqual([])
    expect(codes(late)).toEqual(['superseded'])
  })

  test('brings nothing again of an author that the room has forgotten, and still retains', () => {
    const { room, alone } = afterManyReigns()
    const crowd = Array.from({ length: AUTHORS_MAX }, (_, i) => `${i}`.padStart(22, 'x') as PeerId)
    for (const author of crowd)
      room.take({ action: 'relay', author, opId: 1 as OpId, key: 'z', value: utf8('z') })
    expect(room.replica.ops.last(peer('b'))).toBeUndefined()
    const before = room.streams
    expect(room.meets(alone).streams['r']).toEqual(before['r'])
    expect(room.streams['k']).toEqual([...before['k']!, 'd1', 'a20'])
  })
})
