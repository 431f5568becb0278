import { describe, expect, test } from 'vitest'
import { type Index, type Seq } from '../protocol/ids.ts'
import { letter } from '../protocol/testing-ids.ts'
import type { FormerCopy } from './former-copy.ts'
import type { Replica } from './replica.ts'
import { add, replicaOf, writerOf } from './testing-words.ts'
import { NO_MOMENTS } from './surplus.ts'

/** What a peer that held this gave up, and the peer as it follows since. */
function givenUp(held: Replica): { readonly peer: Replica; readonly former: FormerCopy } {
  writerOf(held).startOver(9 as Index, 7 as Seq, [], [], { stable: 3 as Index, past: 0 as Index })
  return { peer: held, former: held.former! }
}

describe('[EL5c] a copy that was given up', () => {
  test('is what the peer held, and how far that was stable', () => {
    const { former } = givenUp(replicaOf('1h', 'a1', 'b1'))
    expect(former.ends).toEqual(replicaOf('1h', 'a1', 'b1').ends)
    expect(former.stable).toBe(3)
    expect(former.lacks).toEqual([])
  })

  test('gives of what another log lacks the messages before the fork', () => {
    const { former } = givenUp(replicaOf('1h', 'a1', 'b1', '2g', 'a2'))
    const lacked = [{ from: 1 as Seq, to: 9 as Seq }]
    const other = replicaOf('1h', 'a1', 'b1', '3m', 'c1').ends
    expect(former.gives(other, lacked)).toEqual([{ from: 1, to: 2 }])
    expect(former.gives(replicaOf('4m').ends, lacked)).toEqual([])
  })

  test('holds beyond another log what came after the fork', () => {
    const { former } = givenUp(replicaOf('1h', 'a1', 'b1', 'b2'))
    const { entries, stable, forkSeq } = former.surplusBeyond(replicaOf('1h', 'a1', '3m').ends)
    const names = entries.map((entry) =>
      'op' in entry ? `${letter(entry.op.author)}${entry.op.opId}` : entry.type,
    )
    expect([names, stable, forkSeq]).toEqual([['b1', 'b2'], 3, 1])
  })

  test('stays however often the peer starts over, and is gone once that has streams', () => {
    const { peer, former } = givenUp(replicaOf('1h', 'a1'))
    writerOf(peer).startOver(20 as Index, 15 as Seq, [], [], NO_MOMENTS)
    expect(peer.former).toBe(former)
    add(peer, 'c1')
    expect(writerOf(peer).goBackTo(former).entries).toHaveLength(1)
    expect([peer.former, peer.complete, peer.position?.index]).toEqual([null, true, 2])
  })
})
