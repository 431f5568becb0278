// The words that tests of copies of a room speak: peers are letters, entries have names.

import type { Claim, Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import { Replica } from './replica.ts'

export const peer = (letter: string) => letter.repeat(22) as PeerId
export const letter = (id: PeerId) => id[0]!
export const claimOf = (term: number, host: string): Claim => ({
  term: term as Term,
  host: peer(host),
})

/**
 * Adds entries by name: `3g` begins the reign of g in term 3, `a1` is the first op of a, `a1!` a
 * large one.
 */
export function add(replica: Replica, ...entries: readonly string[]): Replica {
  for (const name of entries) {
    const index = (replica.lastIndex + 1) as Index
    if (/^\d/.test(name))
      replica.append({
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
      replica.append({ type: 'message', index, seq: (replica.lastSeq + 1) as Seq, op })
    }
  }
  return replica
}

export const replicaOf = (...entries: readonly string[]) => add(Replica.empty(true), ...entries)
