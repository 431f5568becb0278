// The words that tests of copies of a room speak: peers are letters, entries have names.

import type { Claim, Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import type { Replica } from './replica.ts'
import type { ReplicaState } from './replica-state.ts'
import { ReplicaWriter } from './replica-writer.ts'

export const peer = (letter: string) => letter.repeat(22) as PeerId
export const letter = (id: PeerId) => id[0]!
export const claimOf = (term: number, host: string): Claim => ({
  term: term as Term,
  host: peer(host),
})

const writerByReplica = new WeakMap<Replica, ReplicaWriter>()

/** The replica of a writer; the tests get back to the writer by it. */
function shown(writer: ReplicaWriter): Replica {
  writerByReplica.set(writer.replica, writer)
  return writer.replica
}

export const emptyReplica = (complete: boolean) => shown(ReplicaWriter.empty(complete))
export const replicaIn = (state: ReplicaState) => shown(new ReplicaWriter(state))
export const writerOf = (replica: Replica) => writerByReplica.get(replica)!

/**
 * Adds entries by name: `3g` begins the reign of g in term 3, `a1` is the first op of a, `a1!` a
 * large one.
 */
export function add(replica: Replica, ...entries: readonly string[]): Replica {
  for (const name of entries) {
    const index = (replica.lastIndex + 1) as Index
    if (/^\d/.test(name))
      writerOf(replica).append({
        type: 'reign',
        index,
        claim: claimOf(parseInt(name), name.at(-1)!),
        inSync: [],
      })
    else {
      const value = new Uint8Array(name.endsWith('!') ? 60_000 : 1)
      const op = {
        action: 'append' as const,
        author: peer(name[0]!),
        opId: parseInt(name.slice(1)) as OpId,
        key: 'k',
        value,
      }
      writerOf(replica).append({ type: 'message', index, seq: (replica.lastSeq + 1) as Seq, op })
    }
  }
  return replica
}

export const replicaOf = (...entries: readonly string[]) => add(emptyReplica(true), ...entries)
