import { describe, expect, test } from 'vitest'
import type { Index, OpId, Seq } from '../protocol/ids.ts'
import { TAIL_ENTRIES_MAX } from '../protocol/limits.ts'
import { peer } from '../protocol/testing-ids.ts'
import { add, emptyReplica, replicaOf, writerOf } from '../replica/testing-words.ts'
import { LogTeller } from './log-teller.ts'
import { NO_MOMENTS } from '../replica/surplus.ts'

function mirrored(...entries: readonly string[]) {
  const replica = replicaOf(...entries)
  return { replica, teller: new LogTeller(peer('m'), replica) }
}

describe('whoever mirrors a log', () => {
  test('is told of the entries that came, once, and before what comes of them', () => {
    const { replica, teller } = mirrored('1g', 'a1')
    expect(teller.tell([])).toEqual([])
    add(replica, 'a2', 'b1')
    const entries = replica.log.after(2 as Index)
    const more = { type: 'retired' } as const
    expect(teller.tell([more])).toEqual([{ type: 'grew', entries, own: new Map() }, more])
    expect(teller.tell([])).toEqual([])
  })

  test('finds among them by their tickets those that were submitted here', () => {
    const { replica, teller } = mirrored('1g')
    teller.submitted(1 as OpId, 70)
    teller.submitted(2 as OpId, 80)
    add(replica, 'a1', 'm1', 'm2')
    expect(teller.tell([])).toMatchObject([
      {
        own: new Map([
          [3, 70],
          [4, 80],
        ]),
      },
    ])
  })

  test('finds none of which the outcome was told before they came', () => {
    const { replica, teller } = mirrored('1g')
    const ids = { ticket: 70, opId: 1 as OpId }
    teller.submitted(ids.opId, ids.ticket)
    teller.tell([{ type: 'outcome', outcome: { type: 'settled', ...ids, seq: 1 as Seq } }])
    add(replica, 'm1')
    expect(teller.tell([])).toMatchObject([{ type: 'grew', own: new Map() }])
  })

  test('is told to look anew where another log took its place, and then of what comes behind that', () => {
    const { replica, teller } = mirrored('1g', 'a1')
    writerOf(replica).startOver(9 as Index, 5 as Seq, [], [], NO_MOMENTS)
    add(replica, 'b1')
    expect(teller.tell([])).toEqual([{ type: 'replaced' }])
    add(replica, 'b2')
    expect(teller.tell([])).toMatchObject([{ type: 'grew', entries: [{ index: 11 }] }])
  })

  test('is told to look anew where the streams came', () => {
    const { replica, teller } = mirrored('1g', 'a1')
    writerOf(replica).startOver(
      replica.lastIndex,
      replica.lastSeq,
      replica.history.reigns,
      [],
      NO_MOMENTS,
    )
    teller.tell([])
    writerOf(replica).makeStreams()
    expect(teller.tell([])).toEqual([{ type: 'replaced' }])
  })

  test('is told to look anew where more came than a tail holds', () => {
    const replica = emptyReplica(true)
    const teller = new LogTeller(peer('m'), replica)
    const names = Array.from({ length: TAIL_ENTRIES_MAX + 1 }, (_, i) => `a${i + 1}`)
    add(replica, '1g', ...names)
    expect(teller.tell([])).toEqual([{ type: 'replaced' }])
  })
})
