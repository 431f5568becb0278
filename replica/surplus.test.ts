import { expect, test } from 'vitest'
import type { Index, OpId, Seq } from '../protocol/ids.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { opsOf } from './surplus.ts'
import { replicaOf, writerOf } from './testing-words.ts'
import { NO_MOMENTS } from './surplus.ts'

test('[MG3] the ops among entries are messages, compactions, and void ones for what was refused', () => {
  const replica = replicaOf('1h', 'a1')
  writerOf(replica).append({
    type: 'refusal',
    index: 3 as Index,
    author: peer('a'),
    opId: 2 as OpId,
    code: 'room-full',
  })
  writerOf(replica).append({
    type: 'compaction',
    index: 4 as Index,
    op: {
      action: 'compact',
      author: peer('a'),
      opId: 3 as OpId,
      key: 'k',
      value: new Uint8Array(),
      seq: 1 as Seq,
      basis: claimOf(1, 'h'),
    },
  })
  writerOf(replica).append({ type: 'in-sync', index: 5 as Index, inSync: [] })
  expect(
    opsOf(replica.log.after(0 as Index), NO_MOMENTS).map((op) => [op.action, op.opId]),
  ).toEqual([
    ['append', 1],
    ['void', 2],
    ['compact', 3],
  ])
})
