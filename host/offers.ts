// Owns what a peer that greets has to offer, judged by its hello and this replica alone: streams,
// messages that are lacking here, a longer log, a branch. Whether it keeps its word is not known
// here. [MG2 MG5 EL5b]

import { NO_INDEX, type Seq } from '../protocol/ids.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { comparePositions } from '../replica/history.ts'
import type { Replica } from '../replica/replica.ts'
import { countOf, gainedFrom } from '../replica/runs.ts'
import type { Hello } from './follower.ts'

/** Whether there is a reason to fetch from the peer. `lacked`: the messages still lacking. */
export function isWanted(hello: Hello, replica: Replica, lacked: readonly SeqRun[]): boolean {
  return canFill(hello, replica, lacked) || isAhead(hello, replica) || isBranch(hello, replica)
}

/** Whether the peer has the streams, or messages, that this replica lacks and could take in. */
export function canFill(hello: Hello, replica: Replica, lacked = replica.lacks): boolean {
  if (hello.position === null) return false
  if (!replica.complete) return hello.complete || canGive(hello, replica, lacked)
  if (!canGive(hello, replica, lacked)) return false
  return replica.mayBeFilled || lacksLess(hello, replica)
}

/** Whether the peer holds some of these messages, as far as its hello tells. */
export function canGive(hello: Hello, replica: Replica, lacked: readonly SeqRun[]): boolean {
  const { position, headSeq, lacks } = hello
  const end = position === null ? null : replica.endOf(position.claim)
  const sharedUpTo = Math.min(headSeq, end?.seq ?? headSeq) as Seq
  return gainedFrom(lacked, lacks, sharedUpTo).length > 0
}

/** Whether the peer has streams that had better take the place of this replica's. */
export function bringsStreams(hello: Hello, replica: Replica): boolean {
  return hello.complete && lacksLess(hello, replica) && canFill(hello, replica)
}

function lacksLess({ lacks }: Hello, replica: Replica): boolean {
  return countOf(lacks) < countOf(replica.lacks)
}

/** Whether the peer's log is further than this one, by its position alone. */
function isAhead({ position }: Hello, replica: Replica): boolean {
  return comparePositions(position, replica.position) > 0
}

/** Whether the peer knows of stable entries that are not in this log: a branch is met. [MG5] */
export function isBranch({ position, stable }: Hello, replica: Replica): boolean {
  if (position === null) return false
  const { index } = replica.endOf(position.claim) ?? { index: NO_INDEX }
  return position.index > index && stable > index
}
