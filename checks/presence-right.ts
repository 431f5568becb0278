// Owns the promise of presence: in the end each page shows all others that are here with what they
// last told, and nobody else; and whoever is here and well never goes from a board in between,
// whoever hosts. [SH11 SH12 MG6] It reads what apps show.

import type { PeerId } from '../protocol/ids.ts'

/** `flickered`: who went from this board while it was here. */
export type Board = {
  readonly id: PeerId
  readonly name: string
  readonly mine: string
  readonly others: ReadonlyMap<PeerId, string>
  readonly flickered: PeerId | null
}

export function presenceRight(boards: readonly Board[]): string | null {
  const boardById = new Map(boards.map((board) => [board.id, board]))
  const named = (id: PeerId) => boardById.get(id)?.name ?? id
  for (const { id, name, others, flickered } of boards) {
    if (flickered !== null)
      return `${named(flickered)} went from the board of ${name} while it was here`
    for (const [other, state] of others) {
      const told = boardById.get(other)
      if (told === undefined) return `${name} ends with ${other}, which is gone`
      if (told.mine !== state)
        return `${name} ends with ${told.name} as ${state}, which last told ${told.mine}`
    }
    const missing = boards.find((other) => other.id !== id && !others.has(other.id))
    if (missing !== undefined) return `${name} ends without ${missing.name}`
  }
  return null
}
