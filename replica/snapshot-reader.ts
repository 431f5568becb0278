// Owns how the parts of a copy are put together again, in the order they were made. What an honest
// peer does not send is an error. [MG2b]

import {
  KEYS_MAX,
  RETAINED_BYTES_MAX,
  TAIL_BYTES_MAX,
  TAIL_ENTRIES_MAX,
} from '../protocol/limits.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { payloadBytes, type Entry } from '../protocol/entry.ts'
import type { Index, OpId, PeerId, Seq } from '../protocol/ids.ts'
import type { ReignPlace, SeqRun } from '../protocol/frames.ts'
import { Engine } from './engine.ts'
import { endsOf, History } from './history.ts'
import { Log } from './log.ts'
import { OpTable } from './op-table.ts'
import type { ReplicaState } from './replica-state.ts'
import {
  readParts,
  type HeadPart,
  type MessagesPart,
  type Part,
  type TailPart,
} from './snapshot-parts.ts'

/** What came of a fetch. */
export type Fetched =
  | { readonly extent: 'nothing' }
  | {
      readonly extent: 'tail'
      readonly entries: readonly Entry[]
      /** Where the reigns of the source's log end. */
      readonly ends: readonly ReignPlace[]
      /** Who is in sync at its end. */
      readonly inSync: readonly PeerId[]
      readonly lacks: readonly SeqRun[]
    }
  | { readonly extent: 'whole'; readonly copy: ReplicaState }

export class SnapshotReader {
  #head: HeadPart | null = null
  readonly #tail: Entry[] = []
  #tailBytes = 0
  /** Seq of the last message in the tail. */
  #tailSeq: Seq | null = null
  readonly #lastSeqByKey = new Map<string, number>()
  readonly #engine = new Engine()

  /** The error says what was wrong with the part. */
  add(data: Uint8Array): Result<null> {
    try {
      for (const part of readParts(data)) {
        const added = this.#add(part)
        if (!added.ok) return added
      }
      return ok(null)
    } catch (error) {
      return fail((error as Error).message)
    }
  }

  /** Call it once the last part is added. */
  finish(): Result<Fetched> {
    const head = this.#head
    if (head === null) return fail('no head')
    switch (head.extent) {
      case 'nothing':
        return ok({ extent: 'nothing' })
      case 'tail': {
        const { history, index, lastSeq, inSync, lacks } = head
        const ends = endsOf(history, index, lastSeq)
        return ok({ extent: 'tail', entries: this.#tail, ends, inSync, lacks })
      }
      case 'whole':
        return this.#copy(head)
    }
  }

  #copy({ index, lastSeq, history, inSync, ops, lacks }: HeadPart): Result<Fetched> {
    const first = this.#tail[0]?.index ?? index + 1
    const log = new Log((first - 1) as Index)
    for (const entry of this.#tail) log.append(entry)
    if (log.last !== index || (this.#tailSeq ?? lastSeq) !== lastSeq)
      return fail('a tail with another end')
    this.#engine.restoreCounter(lastSeq)
    return ok({
      extent: 'whole',
      copy: {
        log,
        history: new History(history),
        ops: new OpTable(ops),
        inSync,
        lastSeq,
        engine: this.#engine,
        lacks,
      },
    })
  }

  #add(part: Part): Result<null> {
    if (part.type === 'head') return this.#addHead(part)
    if (this.#head === null) return fail('a head that is not first')
    return part.type === 'tail'
      ? this.#addTail(part, this.#head)
      : this.#addMessages(part, this.#head)
  }

  #addHead(head: HeadPart): Result<null> {
    if (this.#head !== null) return fail('a head that is not first')
    this.#head = head
    return ok(null)
  }

  #addTail({ entries }: TailPart, { extent }: HeadPart): Result<null> {
    for (const entry of entries) {
      const follows = extent === 'tail' ? this.#comesLater(entry) : this.#comesNext(entry)
      if (!follows) return fail('a tail with a gap')
      this.#tail.push(entry)
      this.#tailBytes += 'op' in entry ? payloadBytes(entry.op) : 0
      if (entry.type === 'message') this.#tailSeq = entry.seq
    }
    const isTooLong = this.#tail.length > TAIL_ENTRIES_MAX || this.#tailBytes > TAIL_BYTES_MAX
    return isTooLong ? fail('too long a tail') : ok(null)
  }

  /** The entries of a peer without streams may have gaps between them. */
  #comesLater(entry: Entry): boolean {
    const before = this.#tail.at(-1)
    if (before !== undefined && entry.index <= before.index) return false
    return entry.type !== 'message' || this.#tailSeq === null || entry.seq > this.#tailSeq
  }

  #comesNext(entry: Entry): boolean {
    const before = this.#tail.at(-1)
    if (before !== undefined && entry.index !== before.index + 1) return false
    return entry.type !== 'message' || this.#tailSeq === null || entry.seq === this.#tailSeq + 1
  }

  #addMessages(part: MessagesPart, head: HeadPart): Result<null> {
    for (let i = 0; i < part.seqs.length; i++) {
      const problem = this.#addMessage(part, i, head.lastSeq)
      if (problem !== null) return fail(problem)
    }
    const isTooMuch =
      this.#engine.retainedBytes > RETAINED_BYTES_MAX || this.#engine.keyCount > KEYS_MAX
    return isTooMuch ? fail('too much') : ok(null)
  }

  /** What is wrong with the message at this place of the part, or null. */
  #addMessage(part: MessagesPart, at: number, lastSeq: Seq): string | null {
    const { key, authors, origins, opIds, seqs, ends, bytes } = part
    const author = authors[origins[at] ?? -1]
    const opId = opIds[at]
    const end = ends[at] ?? 0
    const seq = seqs[at] as Seq
    const kind = at === 0 ? part.first : 'append'
    if (author === undefined || opId === undefined || end > bytes.length)
      return 'fields that do not belong together'
    const before = this.#lastSeqByKey.get(key)
    if (seq <= (before ?? 0) || seq > lastSeq) return 'messages out of order'
    if (kind !== 'append' && before !== undefined) return `a ${kind} that is not first`
    const value = bytes.subarray(ends[at - 1] ?? 0, end)
    this.#lastSeqByKey.set(key, seq)
    this.#engine.restore(key, { kind, seq, author, opId: opId as OpId, value })
    return null
  }
}
