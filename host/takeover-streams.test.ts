import { describe, expect, test } from 'vitest'
import { TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { type Index, type Seq } from '../protocol/ids.ts'
import { claimOf } from '../protocol/testing-ids.ts'
import { Log } from '../replica/log.ts'
import type { Replica } from '../replica/replica.ts'
import { add, emptyReplica, replicaIn, replicaOf, writerOf } from '../replica/testing-words.ts'
import { contents, surplusesOf, takesOverWith, TakeoverScene } from './takeover-scene.ts'
import { NO_MOMENTS } from '../replica/surplus.ts'

describe('[MG5 EL5b EL5c] a peer that takes over where streams are lacking', () => {
  test('takes the streams that its own log lacks from whoever has them, and stays where it is', () => {
    const mine = emptyReplica(false)
    writerOf(mine).startOver(2 as Index, 1 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    add(mine, 'b1')
    writerOf(mine).makeStreams()
    expect([mine.complete, mine.lacks.length, contents(mine)]).toEqual([true, 1, ['b1']])
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', replicaOf('1h', 'a1'))
    scene.answers('a', replicaOf('1h', 'a1'))
    expect(scene.ready).toBe(1)
    expect(scene.mine.lacks).toEqual([])
    expect(contents(scene.mine)).toEqual(['a1', 'b1'])
  })

  test('goes back to the streams that it had before it started over, where nobody has those of the room', () => {
    const mine = replicaOf('1h', 'a1', 'b1')
    writerOf(mine).startOver(
      9 as Index,
      7 as Seq,
      [
        ...replicaOf('1h', 'a1').ends,
        { number: 2, claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq },
      ],
      [],
      NO_MOMENTS,
    )
    add(mine, 'c4')
    const scene = new TakeoverScene(mine, 'm', '', 10)
    scene.greets('m', mine)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'b1'])
    expect(surplusesOf(scene)).toEqual(['c4 after 1'])
  })

  test('puts the streams together of all entries that it was given, where it never had more', () => {
    const mine = emptyReplica(false)
    writerOf(mine).startOver(2 as Index, 1 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    add(mine, 'b1', 'b2')
    writerOf(mine).startOver(9 as Index, 7 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    add(mine, 'c4')
    const scene = new TakeoverScene(mine, 'm')
    scene.greets('m', mine)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['b1', 'b2', 'c4'])
  })

  test('goes back to the streams that it had before, rather than take those of a peer that has less', () => {
    const mine = replicaOf('1h', 'a1', 'b1')
    writerOf(mine).startOver(
      9 as Index,
      7 as Seq,
      [
        ...replicaOf('1h', 'a1').ends,
        { number: 2, claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq },
      ],
      [],
      NO_MOMENTS,
    )
    const poor = emptyReplica(false)
    writerOf(poor).startOver(9 as Index, 7 as Seq, mine.history.reigns, [], NO_MOMENTS)
    add(poor, 'c4')
    writerOf(poor).makeStreams()
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', poor, 10)
    scene.answers('a', poor)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'b1'])
    expect(surplusesOf(scene)).toContain('c4 after 1')
  })

  test('keeps the whole streams where a later reign has only a part of them', () => {
    const mine = replicaOf('1h', 'a1')
    const poor = emptyReplica(false)
    writerOf(poor).startOver(
      3 as Index,
      1 as Seq,
      [...mine.ends, { number: 2, claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq }],
      [],
      NO_MOMENTS,
    )
    add(poor, '3a', 'c1')
    writerOf(poor).makeStreams()
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', poor, 5)
    scene.answers('a', poor)
    expect(scene.ready).toBe(1)
    expect([scene.mine.lacks, contents(scene.mine)]).toEqual([[], ['a1']])
    expect(surplusesOf(scene)).toEqual(['reign c1 after 1'])
  })

  test('takes from a peer that had to start over what that peer held before', () => {
    const source = replicaOf('1h', 'a1', 'b1')
    writerOf(source).startOver(
      9 as Index,
      7 as Seq,
      [
        ...replicaOf('1h', 'a1').ends,
        { number: 2, claim: claimOf(2, 'g'), index: 3 as Index, seq: 1 as Seq },
      ],
      [],
      NO_MOMENTS,
    )
    expect([source.complete, source.cannotGive]).toEqual([false, [{ from: 2, to: 7 }]])
    const mine = emptyReplica(false)
    writerOf(mine).startOver(9 as Index, 7 as Seq, source.history.reigns, [], NO_MOMENTS)
    add(mine, 'c4')
    writerOf(mine).makeStreams()
    const scene = takesOverWith(mine, source)
    expect([scene.mine.lacks, contents(scene.mine)]).toEqual([[], ['a1', 'b1']])
    expect(surplusesOf(scene)).toEqual(['c4 after 1'])
  })

  /** A peer that was welcomed at this place of a room of one reign, and follows since. */
  function welcomedAt(head: number, ...names: readonly string[]): Replica {
    const replica = emptyReplica(false)
    writerOf(replica).startOver(
      head as Index,
      (head - 1) as Seq,
      replicaOf('1h').history.reigns,
      [],
      NO_MOMENTS,
    )
    add(replica, ...names)
    return replica
  }

  test('takes a piece from each of two peers that have no streams', () => {
    const [first, second, mine] = [
      welcomedAt(2, 'a2', 'a3'),
      welcomedAt(4, 'b4', 'b5'),
      welcomedAt(6, 'c6'),
    ]
    writerOf(mine).makeStreams()
    const scene = new TakeoverScene(mine, 'mab')
    scene.greets('m', mine)
    scene.greets('a', first)
    scene.greets('b', second)
    scene.answers('b', second)
    scene.answers('a', first)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'b4', 'b5', 'c6'])
  })

  test('takes what fills a gap, though another gave it what lies before that', () => {
    const [first, second, mine] = [
      welcomedAt(2, 'a2', 'a3'),
      welcomedAt(5, 'b5'),
      welcomedAt(8, 'c8'),
    ]
    writerOf(mine).makeStreams()
    writerOf(mine).fill(first.pieces[0]!)
    expect(mine.lacks).toEqual([
      { from: 1, to: 1 },
      { from: 4, to: 7 },
    ])
    const scene = new TakeoverScene(mine, 'mb')
    scene.greets('m', mine)
    scene.greets('b', second)
    scene.answers('b', second)
    expect(scene.ready).toBe(1)
    expect(mine.lacks).toEqual([
      { from: 1, to: 1 },
      { from: 4, to: 4 },
      { from: 6, to: 7 },
    ])
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'b5', 'c8'])
  })

  /** It was welcomed twice, and leads from what it was given. */
  function welcomedTwice(): Replica {
    const replica = welcomedAt(2, 'a2', 'a3')
    writerOf(replica).startOver(
      8 as Index,
      7 as Seq,
      replicaOf('1h').history.reigns,
      [],
      NO_MOMENTS,
    )
    add(replica, 'a8')
    writerOf(replica).makeStreams()
    return replica
  }

  test('puts in what a peer whose streams lack more has in the gap of its own', () => {
    const mine = welcomedAt(4, 'a4', 'a5', 'a6', 'a7', 'a8')
    writerOf(mine).makeStreams()
    const scene = takesOverWith(mine, welcomedTwice())
    expect(mine.lacks).toEqual([{ from: 1, to: 1 }])
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'])
  })

  test('keeps what its own streams had in the gap of those that take their place', () => {
    const source = welcomedAt(4, 'a4', 'a5', 'a6', 'a7', 'a8')
    writerOf(source).makeStreams()
    const mine = welcomedTwice()
    const scene = takesOverWith(mine, source)
    expect(mine.lacks).toEqual([{ from: 1, to: 1 }])
    expect(contents(scene.mine)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'])
  })

  test('keeps what it had before it started over in the gap of the streams that it takes', () => {
    const source = welcomedAt(4, 'b4', 'b5')
    writerOf(source).makeStreams()
    writerOf(source).fill(replicaOf('1h', 'a1', 'a2').pieces[0]!)
    const { history, ops, inSync, streams } = welcomedAt(3, 'a3')
    const mine = replicaIn({
      log: new Log(4 as Index),
      history,
      ops,
      inSync,
      lastSeq: 3 as Seq,
      ...streams,
    }) // its tail was let go
    writerOf(mine).startOver(6 as Index, 5 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    const scene = takesOverWith(mine, source)
    expect(mine.lacks).toEqual([])
    expect(contents(scene.mine)).toEqual(['a1', 'a2', 'a3', 'b4', 'b5'])
  })

  test('asks again for what was more than a peer without streams could give at once', () => {
    const count = TAIL_ENTRIES_MAX + 500
    const source = welcomedAt(2)
    writerOf(source).awaitStreams()
    add(source, ...Array.from({ length: count }, (_, i) => `a${i + 1}`))
    const mine = welcomedAt(count + 1, `a${count}`)
    writerOf(mine).makeStreams()
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', source)
    scene.answers('a', source)
    expect(scene.ready).toBe(0)
    scene.answers('a', source)
    expect(scene.ready).toBe(1)
    expect(mine.lacks).toEqual([{ from: 1, to: 1 }])
    expect(contents(scene.mine)).toHaveLength(count)
  })

  test('takes from a peer both the streams it had and what it was given since', () => {
    const source = replicaOf('1h', 'a1', 'a2')
    const { reigns } = source.history
    writerOf(source).startOver(6 as Index, 5 as Seq, reigns, [], NO_MOMENTS)
    add(source, 'b6')
    writerOf(source).startOver(9 as Index, 8 as Seq, reigns, [], NO_MOMENTS)
    const mine = welcomedAt(8, 'c8')
    writerOf(mine).makeStreams()
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', source)
    scene.answers('a', source)
    scene.answers('a', source)
    expect(scene.ready).toBe(1)
    expect(contents(scene.mine)).toEqual(['a1', 'a2'])
    expect(surplusesOf(scene).join(' ')).toMatch(/\bb6\b.*\bc8\b/)
  })

  test('asks nobody who has nothing of what it lacks', () => {
    const mine = welcomedAt(4, 'a4', 'a5', 'a6', 'a7', 'a8')
    writerOf(mine).makeStreams()
    const other = welcomedAt(6, 'a6', 'a7', 'a8')
    writerOf(other).makeStreams()
    const scene = new TakeoverScene(mine, 'ma')
    scene.greets('m', mine)
    scene.greets('a', other)
    expect([scene.asked(), scene.ready]).toEqual(['', 1])
  })

  test('takes what a peer without streams was given before it had to start over, though there is a gap behind it', () => {
    const source = emptyReplica(false)
    writerOf(source).startOver(2 as Index, 1 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    add(source, 'b1', 'b2')
    writerOf(source).startOver(9 as Index, 7 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    const mine = emptyReplica(false)
    writerOf(mine).startOver(8 as Index, 6 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
    add(mine, 'c4', 'c5')
    writerOf(mine).makeStreams()
    const scene = takesOverWith(mine, source)
    expect(contents(scene.mine)).toEqual(['b1', 'b2', 'c4', 'c5'])
  })
})
