// Owns what becomes of a branch that did not go on: which of its ops the log that did orders again,
// in which order, and which come to nothing. [MG5] Pure, and the same whoever does it.

import { NO_OP, NO_SEQ, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { MessageOp, Op } from '../protocol/entry.ts'
import type { Engine, Retained } from '../replica/engine.ts'
import type { OpTable } from '../replica/op-table.ts'
import { opOf, voided, type Surplus } from '../replica/surplus.ts'

/** The room that goes on, as a merge looks at it. */
export type MergeBase = {
  readonly engine: Engine | null
  readonly ops: OpTable
  /** Whether an author is here, and so submits by itself what it has not got in yet. */
  readonly isHere?: (author: PeerId) => boolean
}

/**
 * The ops to order next, in order.
 * - Appends, relays without a receipt, compactions: as they were.
 * - A relay that is stable, or from an earlier life of its holder: void, since it had its moment.
 * - A stable replace: void where the room put something under its key since the fork.
 * - What was refused: void. The number of a void op is used up.
 * - What the room has taken already: left out, so that meeting a branch again changes nothing.
 * - What comes behind a gap that its author can fill: left out. Whoever holds it submits it again.
 */
export function opsToMerge(base: MergeBase, surplus: Surplus): Op[] {
  const { engine, ops, isHere } = base
  const { entries, stable, forkSeq } = surplus
  const isOfBranch = ofBranch(surplus)
  const forgotten = takenAndForgotten(base)
  const mergedByName = new Map<string, Op>()
  const lastByAuthor = new Map<PeerId, OpId>()
  for (const entry of entries) {
    const op = opOf(entry, surplus)
    if (op === null) continue
    const { author, opId } = op
    if (ops.has(author, opId) || forgotten.has(nameOf(op))) continue
    if (mergedByName.has(nameOf(op))) continue
    const last = lastByAuthor.get(author) ?? ops.last(author) ?? NO_OP
    if (opId > last + 1 && isHere?.(author)) continue
    if (opId > last) lastByAuthor.set(author, opId)
    const isStableReplace = op.action === 'replace' && entry.index <= stable
    const yields = isStableReplace && isTouched(engine, op, forkSeq, isOfBranch)
    mergedByName.set(nameOf(op), yields ? voided(op, 'superseded') : op)
  }
  return [...mergedByName.values()]
}

/** Whether the room has put something under the key since the fork that is not of the branch. */
function isTouched(
  engine: Engine | null,
  { key }: MessageOp,
  forkSeq: Seq,
  isOfBranch: (message: Retained) => boolean,
): boolean {
  if (engine === null) return false
  for (const message of engine.messages(key, forkSeq)) if (!isOfBranch(message)) return true
  return false
}

/** The fork may be found too early, and the tail of a branch too late: what the branch had taken is of it as well. */
function ofBranch({ entries, taken }: Surplus): (message: Retained) => boolean {
  const names = new Set(entries.flatMap((entry) => ('op' in entry ? [nameOf(entry.op)] : [])))
  return (message) =>
    names.has(nameOf(message)) || taken?.has(message.author, message.opId) === true
}

/** The names of what the room retains of authors that its op table has forgotten. [PE9] */
function takenAndForgotten({ engine, ops }: MergeBase): ReadonlySet<string> {
  const names = new Set<string>()
  if (engine === null || !ops.isFull) return names
  for (const key of engine.keys)
    for (const message of engine.messages(key, NO_SEQ))
      if (ops.last(message.author) === undefined) names.add(nameOf(message))
  return names
}

function nameOf({ author, opId }: { readonly author: PeerId; readonly opId: OpId }): string {
  return `${author} ${opId}`
}
