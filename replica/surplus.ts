// Owns what a log holds after a place: as entries, and as the ops that are submitted again. [MG5] It does not know which
// log goes on.

import type { Index, OpId, PeerId, Seq } from '../protocol/ids.ts'
import type { Entry, Op, RefusalCode } from '../protocol/entry.ts'
import type { Engine, Retained } from './engine.ts'
import type { Log } from './log.ts'

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

/** What peers had submitted among these entries, as it is submitted again. */
export function opsOf(entries: readonly Entry[], stable: Index): Op[] {
  return entries.flatMap((entry) => opOf(entry, stable) ?? [])
}

/** The keys that these entries changed. */
export function keysOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap((entry) => ('op' in entry ? [entry.op.key] : [])))]
}

/** What was refused keeps its number; a relay that reached its side is not repeated. */
export function opOf(entry: Entry, stable: Index): Op | null {
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
export function surplusAfter(
  log: Log,
  engine: Engine | null,
  after: Index,
  afterSeq: Seq,
): readonly Entry[] {
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
      made.push({
        type: 'message',
        index: (after + 1) as Index,
        seq,
        op: { action: kind === 'replace' ? 'replace' : 'append', author, opId, key, value },
      })
    }
  }
  made.sort((a, b) => a.seq - b.seq)
  const surplus: Entry[] = []
  let next = 0
  for (const entry of tail) {
    if (entry.type === 'message')
      for (; next < made.length && made[next]!.seq < entry.seq; next++) surplus.push(made[next]!)
    surplus.push(...('op' in entry ? unlessFolded(entry, foldByKey.get(entry.op.key)) : [entry]))
  }
  return [...surplus, ...made.slice(next)]
}

/** Of what a fold stands for only the number goes along; of the compaction that made it nothing. */
function unlessFolded(entry: OpEntry, fold: Retained | undefined): Entry[] {
  const { author, opId, action } = entry.op
  if (
    fold === undefined ||
    action === 'relay' ||
    (entry.type === 'message' && entry.seq > fold.seq)
  )
    return [entry]
  return author === fold.author && opId === fold.opId
    ? []
    : [{ type: 'refusal', index: entry.index, author, opId, code: 'not-repeated' }]
}

export function voided(
  { author, opId }: { readonly author: PeerId; readonly opId: OpId },
  code: RefusalCode,
): Op {
  return { action: 'void', author, opId, code }
}
