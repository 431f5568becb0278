// The names and numbers that tests speak of: a peer is a letter, a claim a term and its host's letter.

import type { Claim, Index, OpId, PeerId, Seq, Term, Topic } from './ids.ts'

export const peer = (letter: string) => letter.repeat(22) as PeerId
export const letter = (id: PeerId) => id[0]!
export const topicOf = (letter: string) => letter.repeat(22) as Topic

export const claimOf = (term: number, host: string): Claim => ({
  term: term as Term,
  host: peer(host),
})

export const index = (n: number) => n as Index
export const seq = (n: number) => n as Seq
export const opId = (n: number) => n as OpId
