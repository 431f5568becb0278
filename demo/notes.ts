// Owns what the board knows of its notes, as pure steps: what the room says (`listed`, `standing`), what this
// page has changed and the room has not confirmed yet (`drafts`), and where others are dragging notes right now.

import { LISTED_MAX } from './board-limits.ts'
import { readListing, readNote, readPointing, type Note, type Spot } from './shapes.ts'

type Standing = { readonly note: Note | null; readonly seq: number }
/** `settledAt`: the seq under which the room took it, null before. A null note is a deletion. */
export type Draft = { readonly note: Note | null; readonly settledAt: number | null }
type Drag = Spot & { readonly at: number }

export type Notes = {
  readonly listed: ReadonlySet<string>
  /** By note id; a note that was deleted stands as null. */
  readonly standing: ReadonlyMap<string, Standing>
  readonly drafts: ReadonlyMap<string, Draft>
  readonly drags: ReadonlyMap<string, Drag>
}

/** `order`: a higher one was touched later and lies on top. */
export type ShownNote = { readonly note: Note; readonly order: number; readonly waiting: boolean }

/** The height of what the room has given no place yet. */
export const ON_TOP = 2 ** 30

export const NO_NOTES: Notes = {
  listed: new Set(),
  standing: new Map(),
  drafts: new Map(),
  drags: new Map(),
}

export const noteKey = (id: string): string => `note/${id}`

/** A message of the stream `notes` came. When there are too many, the deleted ones make room. */
export function noteListed(notes: Notes, value: unknown): Notes {
  const fresh = readListing(value)?.ids.filter((id) => !notes.listed.has(id)) ?? []
  if (fresh.length === 0) return notes
  if (notes.listed.size + fresh.length <= LISTED_MAX)
    return { ...notes, listed: new Set([...notes.listed, ...fresh]) }
  const alive = foldedListing(notes).ids
  const standing = new Map([...notes.standing].filter(([, { note }]) => note !== null))
  return { ...notes, standing, listed: new Set([...alive, ...fresh].slice(0, LISTED_MAX)) }
}

/** A message of `note/<id>` came: null deletes, a bad shape changes nothing. */
export function noteReplaced(notes: Notes, id: string, value: unknown, seq: number): Notes {
  const note = readNote(value)
  if (note === null && value !== null) return notes
  const draft = notes.drafts.get(id)
  const confirmed = draft !== undefined && draft.settledAt !== null && draft.settledAt <= seq
  return {
    ...notes,
    standing: withEntry(notes.standing, id, { note, seq }),
    drafts: confirmed ? without(notes.drafts, id) : notes.drafts,
    drags: without(notes.drags, id),
  }
}

/** Someone drags a note; its resting place follows by `noteReplaced`. */
export function noteDragged(notes: Notes, value: unknown, at: number): Notes {
  const drag = readPointing(value)
  if (drag === null || !notes.standing.get(drag.id)?.note) return notes
  return { ...notes, drags: withEntry(notes.drags, drag.id, { x: drag.x, y: drag.y, at }) }
}

/** Forgets drags that nobody ended. */
export function dragsExpired(notes: Notes, before: number): Notes {
  const drags = new Map([...notes.drags].filter(([, drag]) => drag.at >= before))
  return drags.size === notes.drags.size ? notes : { ...notes, drags }
}

/** This page changed a note (null: deleted it); shown at once, whatever the room is doing. */
export function noteDrafted(notes: Notes, id: string, note: Note | null): Notes {
  return { ...notes, drafts: withEntry(notes.drafts, id, { note, settledAt: null }) }
}

/** The room took this draft as message `seq`; it is dropped once that message is here. */
export function draftSettled(notes: Notes, id: string, draft: Draft, seq: number): Notes {
  if (notes.drafts.get(id) !== draft) return notes
  const here = (notes.standing.get(id)?.seq ?? 0) >= seq
  return {
    ...notes,
    drafts: here
      ? without(notes.drafts, id)
      : withEntry(notes.drafts, id, { ...draft, settledAt: seq }),
  }
}

/** The room refused this draft: what stands is shown again. */
export function draftRefused(notes: Notes, id: string, draft: Draft): Notes {
  return notes.drafts.get(id) === draft ? { ...notes, drafts: without(notes.drafts, id) } : notes
}

/** What was heard under these keys no longer stands and comes again; drafts without an outcome stay. */
export function notesReset(notes: Notes, keys: readonly string[] | 'all'): Notes {
  const gone = (key: string): boolean => keys === 'all' || keys.includes(key)
  return {
    listed: gone('notes') ? new Set() : notes.listed,
    standing: new Map([...notes.standing].filter(([id]) => !gone(noteKey(id)))),
    drafts: new Map(
      [...notes.drafts].filter(([id, { settledAt }]) => settledAt === null || !gone(noteKey(id))),
    ),
    drags: new Map(),
  }
}

/** What the board shows, by note id. */
export function shownNotes(notes: Notes): ReadonlyMap<string, ShownNote> {
  const shown = new Map<string, ShownNote>()
  for (const id of new Set([...notes.standing.keys(), ...notes.drafts.keys()])) {
    const order = notes.standing.get(id)?.seq ?? Infinity
    const draft = notes.drafts.get(id)
    const note = draft === undefined ? standingNote(notes, id) : draft.note
    if (note !== null) shown.set(id, { note, order, waiting: draft?.settledAt === null })
  }
  return shown
}

/** As the room has it, and where somebody drags it. */
function standingNote(notes: Notes, id: string): Note | null {
  const note = notes.standing.get(id)?.note ?? null
  const drag = notes.drags.get(id)
  if (note === null || drag === undefined) return note
  return { ...note, x: drag.x, y: drag.y }
}

/** What the stream `notes` folds into: the ids without those whose note is known to be deleted. */
export function foldedListing(notes: Notes): { readonly ids: readonly string[] } {
  return { ids: [...notes.listed].filter((id) => notes.standing.get(id)?.note !== null) }
}

function withEntry<T>(map: ReadonlyMap<string, T>, id: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(id, value)
}

function without<T>(map: ReadonlyMap<string, T>, id: string): ReadonlyMap<string, T> {
  if (!map.has(id)) return map
  const rest = new Map(map)
  rest.delete(id)
  return rest
}
