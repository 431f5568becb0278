import { describe, expect, test } from 'vitest'
import { FILL_ENTRIES_MAX, OUTBOX_OPS_MAX, TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { type Claim, type Index, type OpId, type Seq, type Term } from '../protocol/ids.ts'
import { peer } from '../protocol/testing-ids.ts'
import { Log } from './log.ts'
import type { Replica } from './replica.ts'
import { emptyReplica, replicaIn, writerOf } from './testing-words.ts'
import { NO_MOMENTS } from './surplus.ts'

const CLAIM: Claim = { term: 1 as Term, host: peer('h') }
const REIGN = { number: 1, claim: CLAIM, index: 1 as Index, seq: 0 as Seq }

function add(replica: Replica, ...keys: readonly string[]): Replica {
  for (const key of keys) {
    const seq = (replica.lastSeq + 1) as Seq
    const op = {
      action: 'append' as const,
      author: peer('a'),
      opId: seq as number as OpId,
      key,
      value: Uint8Array.of(seq),
    }
    writerOf(replica).append({ type: 'message', index: (replica.lastIndex + 1) as Index, seq, op })
  }
  return replica
}

/** A peer that was there from the start of a room of one reign, whose messages have these keys. */
function wholeOf(...keys: readonly string[]): Replica {
  const replica = emptyReplica(true)
  writerOf(replica).append({ type: 'reign', index: 1 as Index, claim: CLAIM, inSync: [] })
  return add(replica, ...keys)
}

/** The same streams, behind a tail that was let go. */
function withoutTail({
  history,
  ops,
  inSync,
  lastIndex,
  lastSeq,
  engine,
  lacks,
}: Replica): Replica {
  return replicaIn({ log: new Log(lastIndex), history, ops, inSync, lastSeq, engine, lacks })
}

/** A peer that follows that room from after its message of this seq on. */
function followingFrom(seq: number, replica = emptyReplica(false)): Replica {
  writerOf(replica).startOver((seq + 1) as Index, seq as Seq, [REIGN], [], NO_MOMENTS)
  return replica
}

/** The copy of a host that was welcomed there and never got what lay before. */
function copyFrom(seq: number, ...keys: readonly string[]) {
  const { log, history, ops, inSync, lastSeq, streams } = add(followingFrom(seq), ...keys)
  return { log, history, ops, inSync, lastSeq, ...streams }
}

const seqs = (replica: Replica) =>
  [...replica.engine!.keys]
    .flatMap((key) => Array.from(replica.engine!.replay(key, 0)?.seqs ?? []))
    .sort((a, b) => a - b)

describe('[EL5b] a peer that takes the copy of its host, which lacks some of the room', () => {
  test('keeps of that what it held before it started over', () => {
    const mine = followingFrom(4, withoutTail(wholeOf('k', 'l', 'k')))
    expect(writerOf(mine).catchUp(copyFrom(2, 'k', 'm'))).toBe(true)
    expect(mine.lacks).toEqual([])
    expect(seqs(mine)).toEqual([1, 2, 3, 4])
  })

  test('keeps of that what it was given, though it never had the streams', () => {
    const mine = followingFrom(4, add(followingFrom(1), 'l'))
    writerOf(mine).catchUp(copyFrom(2, 'k', 'm'))
    expect(mine.lacks).toEqual([{ from: 1, to: 1 }])
    expect(seqs(mine)).toEqual([2, 3, 4])
  })

  test('keeps nothing of a log that is not this one', () => {
    const other = emptyReplica(true)
    writerOf(other).append({
      type: 'reign',
      index: 1 as Index,
      claim: { term: 2 as Term, host: peer('g') },
      inSync: [],
    })
    const mine = followingFrom(4, add(other, 'k', 'l'))
    writerOf(mine).catchUp(copyFrom(2, 'k', 'm'))
    expect(mine.lacks).toEqual([{ from: 1, to: 2 }])
    expect(seqs(mine)).toEqual([3, 4])
  })

  test('takes a copy that is not near enough to go on from as little as any other', () => {
    const mine = add(followingFrom(4, wholeOf('k', 'l')), 'k')
    expect(writerOf(mine).catchUp(copyFrom(1, 'k'))).toBe(false)
    expect(mine.complete).toBe(false)
  })
})

describe('[EL5b] what a peer kept of a room while it awaited the streams that never came', () => {
  const many = (count: number) => Array.from({ length: count }, () => 'k')
  const kept = ({ log }: Replica) => log.last - log.first + 1

  function makingDo(): Replica {
    const mine = followingFrom(2)
    writerOf(mine).awaitStreams()
    add(mine, ...many(TAIL_ENTRIES_MAX + 10))
    writerOf(mine).makeStreams()
    return mine
  }

  test('stays while it orders all that one page may have queued, so that what it lacks can be filled in', () => {
    const mine = makingDo()
    add(mine, ...many(OUTBOX_OPS_MAX))
    expect(mine.mayBeFilled).toBe(true)
    writerOf(mine).fill(wholeOf('l', 'm').pieces[0]!)
    expect(mine.lacks).toEqual([])
    expect(seqs(mine).slice(0, 4)).toEqual([1, 2, 3, 4])
  })

  test('is a tail like any other after that', () => {
    const mine = makingDo()
    add(mine, ...many(FILL_ENTRIES_MAX))
    expect(kept(mine)).toBe(TAIL_ENTRIES_MAX)
    expect(mine.mayBeFilled).toBe(false)
  })
})

test('[EL5c] a peer that starts over while it awaits the streams keeps more than a tail of what came', () => {
  const mine = followingFrom(2)
  writerOf(mine).awaitStreams()
  add(mine, ...Array.from({ length: TAIL_ENTRIES_MAX + 10 }, () => 'k'))
  const seen = mine.lastSeq
  followingFrom(seen, mine)
  expect(mine.lacks).toEqual([{ from: 1, to: 2 }])
  expect(mine.held).toHaveLength(TAIL_ENTRIES_MAX + 10)
})
