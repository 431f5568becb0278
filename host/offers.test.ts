import { describe, expect, test } from 'vitest'
import { type Index, type Seq } from '../protocol/ids.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { claimOf } from '../protocol/testing-ids.ts'
import type { Replica } from '../replica/replica.ts'
import { add, emptyReplica, replicaOf, writerOf } from '../replica/testing-words.ts'
import { bringsStreams, canFill, canGive, isBranch, isWanted } from './offers.ts'
import { helloOf } from './takeover-scene.ts'
import { NO_MOMENTS } from '../replica/surplus.ts'

const runs = (from: number, to: number): readonly SeqRun[] => [{ from: from as Seq, to: to as Seq }]

/** A peer that was welcomed after `a1`, and follows since. */
function follower(): Replica {
  const replica = emptyReplica(false)
  writerOf(replica).startOver(2 as Index, 1 as Seq, replicaOf('1h').history.reigns, [], NO_MOMENTS)
  return add(replica, 'b1')
}

/** The same, leading from what it was given. */
function withGap(): Replica {
  const replica = follower()
  writerOf(replica).makeStreams()
  return replica
}

const room = () => replicaOf('1h', 'a1', 'b1')

describe('[EL5b] a peer that greets can fill', () => {
  test('a replica without streams where it has them, or messages before', () => {
    expect(canFill(helloOf(room()), follower())).toBe(true)
    expect(canFill(helloOf(follower()), follower())).toBe(false)
    expect(canFill(helloOf(room(), { complete: false }), follower())).toBe(true)
  })

  test('a gap of streams with messages of the same log', () => {
    expect(canFill(helloOf(room()), withGap())).toBe(true)
    expect(canFill(helloOf(room(), { lacks: runs(1, 1) }), withGap())).toBe(false)
    expect(canFill(helloOf(room()), room())).toBe(false)
  })

  test('nothing where it holds nothing', () =>
    expect(canFill(helloOf(emptyReplica(true)), follower())).toBe(false))

  test('and gives only up to where its log ends', () => {
    const lacked = runs(2, 2)
    expect(canGive(helloOf(room()), withGap(), lacked)).toBe(true)
    expect(canGive(helloOf(replicaOf('1h', 'a1')), withGap(), lacked)).toBe(false)
  })

  test('and brings streams where its own lack less', () => {
    expect(bringsStreams(helloOf(room()), withGap())).toBe(true)
    expect(bringsStreams(helloOf(room(), { complete: false }), withGap())).toBe(false)
    expect(bringsStreams(helloOf(withGap()), withGap())).toBe(false)
    const lacksAsMuch = { lacks: runs(2, 2) }
    expect(canFill(helloOf(room(), lacksAsMuch), withGap())).toBe(true)
    expect(bringsStreams(helloOf(room(), lacksAsMuch), withGap())).toBe(false)
  })

  test('and brings none where it lacks nothing because its log ends before the gap', () => {
    const short = helloOf(replicaOf('1h'))
    expect(short).toMatchObject({ complete: true, lacks: [] })
    expect(bringsStreams(short, withGap())).toBe(false)
  })
})

describe('[MG5] a peer that greets is a branch', () => {
  test('where it knows of stable entries after the end of a reign that both know', () => {
    const longer = replicaOf('1h', 'a1', 'b1', 'b2')
    expect(isBranch(helloOf(longer, { stable: 4 as Index }), room())).toBe(true)
    expect(isBranch(helloOf(longer, { stable: 3 as Index }), room())).toBe(false)
    expect(isBranch(helloOf(room(), { stable: 3 as Index }), longer)).toBe(false)
  })

  test('where anything is stable in a reign that is unknown here', () => {
    const elsewhere = replicaOf('1h', '2g', 'a1')
    expect(isBranch(helloOf(elsewhere, { stable: 1 as Index }), room())).toBe(true)
    expect(isBranch(helloOf(elsewhere), room())).toBe(false)
  })

  test('[PE9] also where its reign is unknown here, and may be older than those of this log', () => {
    const late = emptyReplica(true)
    writerOf(late).startOver(
      50 as Index,
      40 as Seq,
      [{ number: 300, claim: claimOf(8, 'g'), index: 50 as Index, seq: 40 as Seq }],
      [],
      NO_MOMENTS,
    )
    expect(isBranch(helloOf(room(), { stable: 2 as Index }), late)).toBe(true)
  })
})

test('[MG2] a peer that is further, a branch, or can fill something is asked in a takeover', () => {
  const further = helloOf(replicaOf('1h', 'a1', 'b1', 'b2'))
  expect(isWanted(further, room(), [])).toBe(true)
  expect(isWanted(helloOf(replicaOf('1h', 'a1')), room(), [])).toBe(false)
  expect(isWanted(helloOf(room()), withGap(), runs(1, 1))).toBe(true)
  expect(isWanted(helloOf(room()), withGap(), [])).toBe(false)
})
