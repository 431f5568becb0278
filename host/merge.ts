// Owns what becomes of a branch that did not go on: which of its ops the log that did orders again,
// in which order, and which come to nothing. [MG5] Pure, and the same whoever does it.

import { NO_OP, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { MessageOp, Op } from '../protocol/entry.ts'
import type { Engine } from '../replica/engine.ts'
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
 * - A stable relay: void, since it reached its side.
 * - A stable replace: void where the room put something under its key since the fork.
 * - What was refused: void. The number of a void op is used up.
 * - What the room has taken already: left out, so that meeting a branch again changes nothing.
 * - What comes behind a gap that its author can fill: left out. Whoever holds it submits it again.
 */
export function opsToMerge(base: MergeBase, { entries, stable, forkSeq }: Surplus): Op[] {
  const { engine, ops, isHere } = base
  const ofBranch = new Set(entries.flatMap((entry) => ('op' in entry ? [nameOf(entry.op)] : [])))
  const mergedByName = new Map<string, Op>()
  const lastByAuthor = new Map<PeerId, OpId>()
  for (const entry of entries) {
    const op = opOf(entry, stable)
    if (op === null) continue
    const { author, opId } = op
    if (ops.has(author, opId) || mergedByName.has(nameOf(op))) continue
    const last = lastByAuthor.get(author) ?? ops.last(author) ?? NO_OP
    if (opId > last + 1 && isHere?.(author)) continue
    if (opId > last) lastByAuthor.set(author, opId)
    const isStableReplace = op.action === 'replace' && entry.index <= stable
    const yields = isStableReplace && isTouched(engine, op, forkSeq, ofBranch)
    mergedByName.set(nameOf(op), yields ? voided(op, 'superseded') : op)
  }
  return [...mergedByName.values()]
}

/** Whether the room has put something under the key since the fork that is not of the branch. */
function isTouched(
  engine: Engine | null,
  { key }: MessageOp,
  forkSeq: Seq,
  ofBranch: ReadonlySet<string>,
): boolean {
  if (engine === null) return false
  for (const message of engine.messages(key, forkSeq))
    if (!ofBranch.has(nameOf(message))) return true
  return false
}

function nameOf({ author, opId }: { readonly author: PeerId; readonly opId: OpId }): string {
  return `${author} ${opId}`
}
