// A stage for tests of merging: logs that part and meet again.

import type { Index, OpId, Seq } from '../protocol/ids.ts'
import type { Action, Entry, Op } from '../protocol/entry.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import { forkOf } from '../replica/history.ts'
import type { Replica } from '../replica/replica.ts'
import { surplusAfter, type Surplus } from '../replica/surplus.ts'
import { opsToMerge } from './merge.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'

export const utf8 = (text: string) => new TextEncoder().encode(text)

export type Act = { readonly action: Action; readonly author: string; readonly key: string }

/** One log that grows: the only way in is the one a host has. */
export class Line {
  readonly replica: Replica
  readonly entries: Entry[] = []

  constructor(trunk?: Line) {
    this.replica = emptyReplica(true)
    for (const entry of trunk?.entries ?? []) this.#append(entry)
  }

  reign(term: number, host: string): this {
    return this.#append({
      type: 'reign',
      index: this.#next,
      claim: claimOf(term, host),
      inSync: [],
    })
  }

  does({ action, author, key }: Act): this {
    const name = {
      author: peer(author),
      opId: ((this.replica.ops.last(peer(author)) ?? 0) + 1) as OpId,
    }
    const value = utf8(`${author}${name.opId}`)
    if (action !== 'compact') return this.take({ action, ...name, key, value })
    return this.take({
      action,
      ...name,
      key,
      value,
      seq: Math.max(1, this.replica.lastSeq - 1) as Seq,
      basis: this.replica.position!.claim,
    })
  }

  take(op: Op): this {
    if (op.action === 'void')
      return this.#append({
        type: 'refusal',
        index: this.#next,
        author: op.author,
        opId: op.opId,
        code: op.code,
      })
    const code = this.replica.engine!.refusalOf(op)
    if (code !== null)
      return this.#append({
        type: 'refusal',
        index: this.#next,
        author: op.author,
        opId: op.opId,
        code,
      })
    if (op.action === 'compact') {
      const end = this.replica.endOf(op.basis)
      if (end === null || op.seq > end.seq)
        return this.#append({
          type: 'refusal',
          index: this.#next,
          author: op.author,
          opId: op.opId,
          code: 'compact-outdated',
        })
      return this.#append({ type: 'compaction', index: this.#next, op })
    }
    return this.#append({
      type: 'message',
      index: this.#next,
      seq: (this.replica.lastSeq + 1) as Seq,
      op,
    })
  }

  /** What this line ordered since it left the other. */
  surplusFrom(other: Line, stable = this.replica.lastIndex): Surplus {
    const fork = forkOf(other.replica.ends, this.replica.ends)
    const { log, engine } = this.replica
    return {
      entries: surplusAfter(log, engine, (fork?.index ?? 0) as Index, (fork?.seq ?? 0) as Seq),
      stable,
      past: 0 as Index,
      forkSeq: (fork?.seq ?? 0) as Seq,
    }
  }

  meets(other: Line, stable?: Index): this {
    for (const op of opsToMerge(this.replica, other.surplusFrom(this, stable))) this.take(op)
    return this
  }

  get streams(): { readonly [key: string]: readonly string[] } {
    return Object.fromEntries(
      [...this.replica.engine!.keys].toSorted().map((key) => {
        const run = this.replica.engine!.replay(key, 0)!
        return [
          key,
          Array.from(run.seqs, (_, i) =>
            new TextDecoder().decode(run.bytes.subarray(run.ends[i - 1] ?? 0, run.ends[i])),
          ),
        ]
      }),
    )
  }

  get #next(): Index {
    return (this.replica.lastIndex + 1) as Index
  }

  #append(entry: Entry): this {
    writerOf(this.replica).append(entry)
    this.entries.push(entry)
    return this
  }
}

export const append = (author: string, key = 'k'): Act => ({ action: 'append', author, key })
export const replace = (author: string, key = 'k'): Act => ({ action: 'replace', author, key })

/** Two sides of a split: both begin with what a and b had said. */
export function sides(): { goesOn: Line; givesWay: Line } {
  const trunk = new Line().reign(1, 'h').does(append('a')).does(append('b'))
  return { goesOn: new Line(trunk).reign(2, 'g'), givesWay: new Line(trunk).reign(2, 'f') }
}
