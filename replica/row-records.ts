// Owns how history and op table lie in records, a row each, and what a batch changes of them. [PE11]

import type { Index, PeerId } from '../protocol/ids.ts'
import type { Write } from '../storage/store.ts'
import { deleteOne, type GenerationPlaces } from './copy-places.ts'
import { authorCodec, put, reignCodec } from './copy-records.ts'
import type { History } from './history.ts'
import type { OpTable } from './op-table.ts'
import type { Unwritten } from './unwritten.ts'

export type ReignChanges = { readonly writes: readonly Write[]; readonly reigns: readonly number[] }

/** `before`: the numbers of the reigns that lie there. */
export function reignChanges(
  history: History,
  before: readonly number[],
  places: GenerationPlaces,
): ReignChanges {
  const reigns = history.reigns.map(({ number }) => number)
  const latestThere = before.at(-1) ?? 0
  if (reigns.at(-1) === latestThere) return { writes: [], reigns: before }
  const remembered = new Set(reigns)
  const forgotten = before.filter((number) => !remembered.has(number))
  // The reign that was the last one has an end now.
  const changed = history.reigns.filter(({ number }) => number >= latestThere)
  const writes = [
    ...forgotten.map((number) => deleteOne(places.reign(number))),
    ...changed.map((reign) => put(places.reign(reign.number), reignCodec, reign)),
  ]
  return { writes, reigns }
}

export type AuthorChanges = {
  readonly writes: readonly Write[]
  readonly authors: ReadonlySet<PeerId>
}

/** `before`: the authors whose rows lie there. */
export function authorChanges(
  ops: OpTable,
  { isAll, orderByAuthor }: Unwritten,
  before: ReadonlySet<PeerId>,
  last: Index,
  places: GenerationPlaces,
): AuthorChanges {
  const orders = isAll ? ordersOf(ops, last) : orderByAuthor
  const writes: Write[] = []
  const authors = new Set(before)
  for (const [author, order] of orders) {
    const row = ops.row(author)
    if (row === null) continue
    writes.push(put(places.author(author), authorCodec, { ...row, order }))
    authors.add(author)
  }
  const mayHaveForgotten = isAll || ops.isFull
  for (const author of mayHaveForgotten ? authors : []) {
    if (ops.row(author) !== null) continue
    writes.push(deleteOne(places.author(author)))
    authors.delete(author)
  }
  return { writes, authors }
}

/** Who was silent for longer comes first. Each author has an entry of its own, so none of these is below 1. */
function ordersOf(ops: OpTable, last: Index): ReadonlyMap<PeerId, number> {
  const { rows } = ops
  return new Map(rows.map(({ author }, at) => [author, last - (rows.length - 1 - at)]))
}
