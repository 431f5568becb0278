// Owns the promise of shared objects: in the end all pages show the same, and every addition to a
// list that settled is in it once, unless all that held it are gone or the fold of a branch came as
// a message. [SH1] It reads what apps were shown at the end, beside the history.

import type { HistoryEvent } from './history.ts'
import { only } from './checker.ts'
import { survivorsOf } from './survivors.ts'
import { foldsThatCame, longBranchesLeft } from './taken-back.ts'

export type Shown = {
  readonly page: string
  readonly objects: { readonly list: unknown; readonly [name: string]: unknown }
}

/** `midById`: the messages that carried what was added to the list. */
export function objectsEqual(
  shown: readonly Shown[],
  midById: ReadonlyMap<string, string>,
  history: readonly HistoryEvent[],
): string | null {
  const [first] = shown
  if (first === undefined) return null
  for (const { page, objects } of shown) {
    for (const [name, value] of Object.entries(objects)) {
      const [text, other] = [JSON.stringify(value), JSON.stringify(first.objects[name])]
      if (text !== other)
        return `the ${name} of ${page} ends as ${text}, that of ${first.page} as ${other}`
    }
  }
  // A snapshot that a branch leaves behind starts its object afresh.
  if (longBranchesLeft(history).size > 0 || foldsThatCame(history).size > 0) return null
  const list = first.objects.list as readonly string[]
  const twice = list.find((id, at) => list.indexOf(id) !== at)
  if (twice !== undefined) return `the list has ${twice} more than once`
  const there = new Set(list)
  const survivors = survivorsOf(history)
  const receipts = new Map(only(history, 'acknowledged').map((event) => [event.mid, event]))
  const takenBack = new Set(
    [...only(history, 'conflict'), ...only(history, 'refused')].map(({ mid }) => mid),
  )
  for (const [id, mid] of midById) {
    const receipt = receipts.get(mid)
    if (receipt === undefined || takenBack.has(mid)) continue
    if (survivors.holds(receipt) && !there.has(id))
      return `${id}, which ${mid} brought and was acknowledged at ${receipt.atMs} ms, is not in the list`
  }
  return null
}
