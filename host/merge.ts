// Owns what becomes of a branch that did not go on: which of its ops are ordered again by the branch that did, in
// which order, and which yield. [MG5] Pure, and the same whoever does it.

import { NO_OP, type Index, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { Entry, MessageOp, Op, RefusalCode } from '../protocol/entry.ts'
import type { Engine, Retained } from './engine.ts'
import type { Log } from './log.ts'
import type { OpTable } from './op-table.ts'

type OpEntry = Extract<Entry, { type: 'message' | 'compaction' }>
type MessageEntry = Extract<Entry, { type: 'message' }>

/** The branch that gave way, from where it had left the one that goes on. */
export type Surplus = {
  readonly entries: readonly Entry[]
  /** Up to here it was stable there: its senders may have had their receipts. */
  readonly stable: Index
  /** Last seq before the fork. */
  readonly forkSeq: Seq
}

/** The room that goes on, as a merge looks at it. */
export type MergeBase = { readonly engine: Engine | null; readonly ops: OpTable; /** Its authors that are here, and bring what they have not got in yet. */ readonly isHere?: (author: PeerId) => boolean }

/**
 * The ops to order next, in order: appends as they were; a stable replace only where the other branch left its key
 * alone meanwhile; stable relays not at all. What is left out goes along as a void op, since its number is spent.
 * Ops that the room has taken already are skipped, so that meeting a branch again changes nothing; and so are those after
 * a gap that their author can fill: whoever holds them submits them again behind it.
 */
export function opsToMerge({ engine, ops, isHere }: MergeBase, { entries, stable, forkSeq }: Surplus): Op[] {
  const own = new Set(entries.flatMap((entry) => ('op' in entry ? [nameOf(entry.op.author, entry.op.opId)] : [])))
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
    const yields = op.action === 'replace' && entry.index <= stable && isTouched(engine, op, forkSeq, own)
    merged.push(yields ? voided(op, 'superseded') : op)
  }
  return merged
}

/** What peers had submitted among these entries, as it is submitted again. */
export function opsOf(entries: readonly Entry[], stable: Index): Op[] {
  return entries.flatMap((entry) => opOf(entry, stable) ?? [])
}

/** The keys that these entries changed. */
export function keysOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap((entry) => ('op' in entry ? [entry.op.key] : [])))]
}

/** What was refused keeps its number; a relay that reached its side is not repeated. */
function opOf(entry: Entry, stable: Index): Op | null {
  if (entry.type === 'refusal') return voided(entry, entry.code)
  if (!('op' in entry)) return null
  const isSpent = entry.type === 'message' && entry.op.action === 'relay' && entry.index <= stable
  return isSpent ? voided(entry.op, 'not-repeated') : entry.op
}

/**
 * The entries of a log after a place. Those that its tail has let go are made again of what is retained: a message
 * that was replaced since is gone, and no longer lacking to anybody; a fold comes as a message, in the place of all it
 * stands for.
 */
export function surplusAfter(log: Log, engine: Engine | null, after: Index, afterSeq: Seq): readonly Entry[] {
  const tail = log.after(after)
  const tailSeq = tail.find((entry) => entry.type === 'message')?.seq ?? Infinity
  if (log.reachesBackTo(after) || tailSeq === afterSeq + 1 || engine === null) return tail
  const made: MessageEntry[] = []
  const foldByKey = new Map<string, Retained>()
  for (const key of engine.keys) {
    for (const message of engine.messages(key, afterSeq)) {
      const { kind, seq, author, opId, value } = message
      if (kind === 'fold') foldByKey.set(key, message)
      else if (seq >= tailSeq) break
      made.push({ type: 'message', index: (after + 1) as Index, seq, op: { action: kind === 'replace' ? 'replace' : 'append', author, opId, key, value } })
    }
  }
  made.sort((a, b) => a.seq - b.seq)
  const surplus: Entry[] = []
  let next = 0
  for (const entry of tail) {
    if (entry.type === 'message') for (; next < made.length && made[next]!.seq < entry.seq; next++) surplus.push(made[next]!)
    surplus.push(...('op' in entry ? unlessFolded(entry, foldByKey.get(entry.op.key)) : [entry]))
  }
  return [...surplus, ...made.slice(next)]
}

/** Of what a fold stands for only the number goes along; of the compaction that made it nothing. */
function unlessFolded(entry: OpEntry, fold: Retained | undefined): Entry[] {
  const { author, opId, action } = entry.op
  if (fold === undefined || action === 'relay' || (entry.type === 'message' && entry.seq > fold.seq)) return [entry]
  return author === fold.author && opId === fold.opId ? [] : [{ type: 'refusal', index: entry.index, author, opId, code: 'not-repeated' }]
}

/** Whether the room's own branch has put something under the key since the fork. */
function isTouched(engine: Engine | null, op: MessageOp, forkSeq: Seq, own: ReadonlySet<string>): boolean {
  const run = engine?.replay(op.key, forkSeq)
  if (engine === null || run === null || run === undefined) return false
  return run.seqs.some((_seq, i) => !own.has(nameOf(engine.authorName(run.authors[i]!), run.opIds[i] as OpId)))
}

function voided({ author, opId }: { readonly author: PeerId; readonly opId: OpId }, code: RefusalCode): Op {
  return { action: 'void', author, opId, code }
}

function nameOf(author: PeerId, opId: OpId): string {
  return `${author} ${opId}`
}
