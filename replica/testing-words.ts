// The words that tests of copies of a room speak: peers are letters, entries have names.

import type { Index, OpId, Seq } from '../protocol/ids.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import type { Entry, MessageOp } from '../protocol/entry.ts'
import type { Replica } from './replica.ts'
import type { ReplicaState } from './replica-state.ts'
import { ReplicaWriter } from './replica-writer.ts'

const writerByReplica = new WeakMap<Replica, ReplicaWriter>()

/** The replica of a writer; the tests get back to the writer by it. */
function shown(writer: ReplicaWriter): Replica {
  writerByReplica.set(writer.replica, writer)
  return writer.replica
}

export const emptyReplica = (complete: boolean) => shown(ReplicaWriter.empty(complete))
export const replicaIn = (state: ReplicaState) => shown(new ReplicaWriter(state))
export const writerOf = (replica: Replica) => writerByReplica.get(replica)!

/** The op `n` of an author, whose value says so. */
export function op(author: string, n: number, key = 'k', size = 1): MessageOp {
  const value = new Uint8Array(size).fill(n)
  return { action: 'append', author: peer(author), opId: n as OpId, key, value }
}

/**
 * Adds entries by name: `3g` begins the reign of g in term 3, `a1` is the first op of a, `a1!` a
 * large one, `a1x` its refusal.
 */
export function add(replica: Replica, ...names: readonly string[]): Replica {
  for (const name of names) writerOf(replica).append(entryAfter(replica, name))
  return replica
}

function entryAfter(replica: Replica, name: string): Entry {
  const index = (replica.lastIndex + 1) as Index
  if (/^\d/.test(name))
    return { type: 'reign', index, claim: claimOf(parseInt(name), name.at(-1)!), inSync: [] }
  const [author, n] = [name[0]!, parseInt(name.slice(1))]
  if (name.endsWith('x'))
    return { type: 'refusal', index, author: peer(author), opId: n as OpId, code: 'room-full' }
  const size = name.endsWith('!') ? 60_000 : 1
  const seq = (replica.lastSeq + 1) as Seq
  return { type: 'message', index, seq, op: op(author, n, 'k', size) }
}

export const replicaOf = (...entries: readonly string[]) => add(emptyReplica(true), ...entries)
