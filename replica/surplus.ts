// Owns what a log holds after a place, as entries and as the ops that are submitted again. Which
// log goes on is not known here. [MG5]

import { NO_INDEX, type Index, type OpId, type PeerId, type Seq } from '../protocol/ids.ts'
import type { Entry, Op, RefusalCode } from '../protocol/entry.ts'
import type { Engine, Retained } from './engine.ts'
import type { Log } from './log.ts'
import type { OpTable } from './op-table.ts'

type MessageEntry = Extract<Entry, { type: 'message' }>
type FoldByKey = ReadonlyMap<string, Retained>

/** What a log that did not go on holds after the fork. */
export type Surplus = {
  readonly entries: readonly Entry[]
  /** Up to here that log was stable: senders may have had their receipts. */
  readonly stable: Index
  /** Up to here that log is of earlier lives of its holder. [PE6] */
  readonly past: Index
  /** Last seq before the fork. */
  readonly forkSeq: Seq
  /** What that log had taken, where this is known. */
  readonly taken?: OpTable
}

/** Up to where the relays of a log have had their moment. */
export type Moments = { readonly stable: Index; readonly past: Index }

export const NO_MOMENTS: Moments = { stable: NO_INDEX, past: NO_INDEX }

/** The ops of these entries, as they are submitted again. */
export function opsOf(entries: readonly Entry[], moments: Moments): Op[] {
  return entries.flatMap((entry) => opOf(entry, moments) ?? [])
}

/** The keys that these entries changed. */
export function keysOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap((entry) => ('op' in entry ? [entry.op.key] : [])))]
}

/** Null for an entry without an op. A refused op keeps its number; a relay that had its moment is void. */
export function opOf(entry: Entry, { stable, past }: Moments): Op | null {
  if (entry.type === 'refusal') return voided(entry, entry.code)
  if (!('op' in entry)) return null
  const isOver = entry.op.action === 'relay' && entry.index <= Math.max(stable, past)
  return isOver ? voided(entry.op, 'not-repeated') : entry.op
}

/**
 * The entries of a log after a place. Those that its tail has let go are made again of the streams:
 * - a message that was replaced since does not come back: nobody needs it any more;
 * - a fold comes as an append, in the place of all it stands for.
 */
export function surplusAfter(
  log: Log,
  engine: Engine | null,
  after: Index,
  afterSeq: Seq,
): readonly Entry[] {
  const tail = log.after(after)
  const tailSeq = tail.find((entry) => entry.type === 'message')?.seq ?? Infinity
  const hasAll = log.reachesBackTo(after) || tailSeq === afterSeq + 1
  if (hasAll || engine === null) return tail
  const { made, foldByKey } = madeOfStreams(engine, after, afterSeq, tailSeq)
  const surplus: Entry[] = []
  let next = 0
  for (const entry of tail) {
    while (entry.type === 'message' && next < made.length && made[next]!.seq < entry.seq) {
      surplus.push(made[next]!)
      next++
    }
    surplus.push(...unlessFolded(entry, foldByKey))
  }
  return [...surplus, ...made.slice(next)]
}

/** Entries for what is retained between a place and the tail, by seq; and the folds among them. */
function madeOfStreams(
  engine: Engine,
  after: Index,
  afterSeq: Seq,
  tailSeq: number,
): { readonly made: readonly MessageEntry[]; readonly foldByKey: FoldByKey } {
  const made: MessageEntry[] = []
  const foldByKey = new Map<string, Retained>()
  for (const key of engine.keys) {
    for (const message of engine.messages(key, afterSeq)) {
      const isFold = message.kind === 'fold'
      if (!isFold && message.seq >= tailSeq) break
      if (isFold) foldByKey.set(key, message)
      made.push(entryOf(key, message, (after + 1) as Index))
    }
  }
  made.sort((a, b) => a.seq - b.seq)
  return { made, foldByKey }
}

function entryOf(key: string, message: Retained, index: Index): MessageEntry {
  const { kind, seq, author, opId, value } = message
  const action = kind === 'replace' ? 'replace' : 'append'
  return { type: 'message', index, seq, op: { action, author, opId, key, value } }
}

/** Of what a fold stands for only the number goes along; of its compaction, nothing. */
function unlessFolded(entry: Entry, foldByKey: FoldByKey): Entry[] {
  if (!('op' in entry) || entry.op.action === 'relay') return [entry]
  const { author, opId, key } = entry.op
  const fold = foldByKey.get(key)
  if (fold === undefined) return [entry]
  if (entry.type === 'message' && entry.seq > fold.seq) return [entry]
  const madeTheFold = author === fold.author && opId === fold.opId
  if (madeTheFold) return []
  return [{ type: 'refusal', index: entry.index, author, opId, code: 'not-repeated' }]
}

export function voided(
  { author, opId }: { readonly author: PeerId; readonly opId: OpId },
  code: RefusalCode,
): Op {
  return { action: 'void', author, opId, code }
}
