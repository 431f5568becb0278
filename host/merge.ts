// Owns what becomes of a branch that did not go on: which of its ops are ordered again by the branch that did, in
// which order, and which yield. [MG5] Pure, and the same whoever does it.

import { NO_OP, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { MessageOp, Op } from '../protocol/entry.ts'
import type { Engine } from '../replica/engine.ts'
import type { OpTable } from '../replica/op-table.ts'
import { opOf, voided, type Surplus } from '../replica/surplus.ts'

/** The room that goes on, as a merge looks at it. */
export type MergeBase = {
  readonly engine: Engine | null
  readonly ops: OpTable
  /** Its authors that are here, and bring what they have not got in yet. */ readonly isHere?: (
    author: PeerId,
  ) => boolean
}

/**
 * The ops to order next, in order: appends as they were; a stable replace only where the other branch left its key
 * alone meanwhile; stable relays not at all. What is left out goes along as a void op, since its number is spent.
 * Ops that the room has taken already are skipped, so that meeting a branch again changes nothing; and so are those after
 * a gap that their author can fill: whoever holds them submits them again behind it.
 */
export function opsToMerge(
  { engine, ops, isHere }: MergeBase,
  { entries, stable, forkSeq }: Surplus,
): Op[] {
  const own = new Set(
    entries.flatMap((entry) => ('op' in entry ? [nameOf(entry.op.author, entry.op.opId)] : [])),
  )
  const taken = new Set<string>()
  const lastByAuthor = new Map<PeerId, OpId>()
  const merged: Op[] = []
  for (const entry of entries) {
    const op = opOf(entry, stable)
    const name = op === null ? '' : nameOf(op.author, op.opId)
    if (op === null || taken.has(name) || ops.has(op.author, op.opId)) continue
    const last = lastByAuthor.get(op.author) ?? ops.last(op.author) ?? NO_OP
    if (op.opId > last + 1 && isHere?.(op.author)) continue
    taken.add(name)
    if (op.opId > last) lastByAuthor.set(op.author, op.opId)
    const yields =
      op.action === 'replace' && entry.index <= stable && isTouched(engine, op, forkSeq, own)
    merged.push(yields ? voided(op, 'superseded') : op)
  }
  return merged
}

/** Whether the room's own branch has put something under the key since the fork. */
function isTouched(
  engine: Engine | null,
  op: MessageOp,
  forkSeq: Seq,
  own: ReadonlySet<string>,
): boolean {
  const run = engine?.replay(op.key, forkSeq)
  if (engine === null || run === null || run === undefined) return false
  return run.seqs.some(
    (_seq, i) => !own.has(nameOf(engine.authorName(run.authors[i]!), run.opIds[i] as OpId)),
  )
}

function nameOf(author: PeerId, opId: OpId): string {
  return `${author} ${opId}`
}
