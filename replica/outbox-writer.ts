// Owns what a batch changes of the outbox of one life on its disk, and of what its app was told is over. Each life writes
// its own, whoever writes the copy. [PE5 PE11 PE13]

import { assert } from '../protocol/errors.ts'
import type { Op } from '../protocol/entry.ts'
import type { OpId, PeerId } from '../protocol/ids.ts'
import type { Write } from '../storage/store.ts'
import type { OverOp, PromisedOp } from './copy.ts'
import { deleteAllIn, deleteOne, type CopyPlaces } from './copy-places.ts'
import { overCodec, promisedCodec, put } from './copy-records.ts'

/** What lies there of an op. `number`: its place among those of this life. */
type Note = Omit<PromisedOp, 'op'> & { readonly number: number; readonly action: Op['action'] }

type Notes = {
  readonly noteByName: ReadonlyMap<string, Note>
  readonly overByName: ReadonlyMap<string, OverOp>
}

export class OutboxWriter {
  readonly #life: PeerId
  readonly #places: CopyPlaces
  #notes: Notes
  #ordered: Notes | null = null
  #lastNumber = 0

  /** `overThere`: what earlier lives have written. */
  constructor(life: PeerId, places: CopyPlaces, overThere: readonly OverOp[] = []) {
    this.#life = life
    this.#places = places
    this.#notes = { noteByName: new Map(), overByName: byName(overThere) }
  }

  /** All that is promised and over now, in order. None where nothing has changed. */
  order(promised: readonly PromisedOp[], over: readonly OverOp[]): readonly Write[] {
    assert(this.#ordered === null, 'one batch at a time')
    const writes: Write[] = []
    const noteByName = this.#orderPromised(promised, writes)
    const overByName = this.#orderOver(over, writes)
    this.#ordered = { noteByName, overByName }
    return writes
  }

  written(): void {
    assert(this.#ordered !== null, 'a batch was ordered')
    this.#notes = this.#ordered
    this.#ordered = null
  }

  failed(): void {
    this.#ordered = null
  }

  #orderPromised(promised: readonly PromisedOp[], writes: Write[]): ReadonlyMap<string, Note> {
    const noteByName = new Map<string, Note>()
    for (const { op, heard, wasSent } of promised) {
      const name = nameOf(op)
      const before = this.#notes.noteByName.get(name)
      const number = before?.number ?? this.#nextNumber()
      const note = { number, action: op.action, heard, wasSent }
      noteByName.set(name, note)
      if (before !== undefined && isSame(before, note)) continue
      const place = this.#places.promised(this.#life, number)
      writes.push(put(place, promisedCodec, { heard, wasSent, ops: [op] }))
    }
    for (const [name, { number }] of this.#notes.noteByName)
      if (!noteByName.has(name)) writes.push(deleteOne(this.#places.promised(this.#life, number)))
    return noteByName
  }

  #orderOver(over: readonly OverOp[], writes: Write[]): ReadonlyMap<string, OverOp> {
    const overByName = byName(over)
    const before = this.#notes.overByName
    for (const [name, { author, opId, code }] of overByName)
      if (!before.has(name))
        writes.push(put(this.#places.overOp(author, opId), overCodec, { code }))
    for (const [name, { author, opId }] of before)
      if (!overByName.has(name)) writes.push(deleteOne(this.#places.overOp(author, opId)))
    return overByName
  }

  #nextNumber(): number {
    this.#lastNumber++
    return this.#lastNumber
  }
}

/** A life after these promises what they had promised: once that is written, theirs go. */
export function deleteOutboxes(lives: readonly PeerId[], places: CopyPlaces): readonly Write[] {
  return lives.map((life) => deleteAllIn(places.outboxOf(life)))
}

function byName(over: readonly OverOp[]): ReadonlyMap<string, OverOp> {
  return new Map(over.map((op) => [nameOf(op), op]))
}

function isSame(a: Note, b: Note): boolean {
  return a.action === b.action && a.heard === b.heard && a.wasSent === b.wasSent
}

function nameOf({ author, opId }: { readonly author: PeerId; readonly opId: OpId }): string {
  return `${author} ${opId}`
}
