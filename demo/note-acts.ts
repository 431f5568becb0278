// Owns what a person does to notes: each change is shown at once as a draft and settles when the room has taken
// it; while nobody hosts it waits, and nothing here needs to know.

import type { Room } from '../client/api.ts'
import { conflate } from './conflate.ts'
import { freshId } from './fresh-id.ts'
import { EDIT_INTERVAL_MS, NOTES_MAX } from './board-limits.ts'
import type { Store } from './model.ts'
import { draftRefused, draftSettled, noteDrafted, noteKey, shownNotes } from './notes.ts'
import { nextNoteColor } from './palette.ts'
import { spotAt, type Note, type Spot } from './shapes.ts'

export type NoteActs = {
  /** Puts an empty note up; answers its id, or null on a full board. */
  addNote(spot: Spot): string | null
  writeNote(id: string, text: string): void
  /** Moves it on this page only. */
  carryNote(id: string, spot: Spot): void
  /** Lets the room know where it lies now. */
  dropNote(id: string): void
  nudgeNote(id: string, dx: number, dy: number): void
  recolorNote(id: string): void
  removeNote(id: string): void
}

export function createNoteActs(
  room: Room,
  store: Store,
  failed: (reason: unknown) => void,
): NoteActs {
  const saveSoon = conflate<string>(save, EDIT_INTERVAL_MS)
  let changing: string | null = null

  function draft(id: string, note: Note | null): void {
    store.set({ notes: noteDrafted(store.model.notes, id, note) })
  }

  /** Hands the newest draft of a note to the room. */
  function save(id: string): void {
    const sent = store.model.notes.drafts.get(id)
    if (sent === undefined || sent.settledAt !== null) return
    room.replace(noteKey(id), sent.note).then(
      ({ seq }) => store.set({ notes: draftSettled(store.model.notes, id, sent, seq) }),
      (error: unknown) => {
        store.set({ notes: draftRefused(store.model.notes, id, sent) })
        failed(error)
      },
    )
  }

  function change(id: string, patch: (note: Note) => Partial<Note>): void {
    const note = shownNotes(store.model.notes).get(id)?.note
    if (note === undefined) return
    if (changing !== id) saveSoon.flush()
    changing = id
    draft(id, { ...note, ...patch(note) })
  }

  function addNote(spot: Spot): string | null {
    if (shownNotes(store.model.notes).size >= NOTES_MAX) {
      failed(new Error(`The board holds at most ${NOTES_MAX} notes. Delete one to make room.`))
      return null
    }
    const id = freshId()
    const { color, me } = store.model
    draft(id, { ...spotAt(spot.x, spot.y), text: '', color, author: me.name })
    save(id)
    room.append('notes', { ids: [id] }).catch(failed)
    return id
  }

  return {
    addNote,
    writeNote(id, text) {
      change(id, () => ({ text }))
      saveSoon.offer(id)
    },
    carryNote: (id, { x, y }) => change(id, () => spotAt(x, y)),
    dropNote: save,
    nudgeNote(id, dx, dy) {
      change(id, ({ x, y }) => spotAt(x + dx, y + dy))
      saveSoon.offer(id)
    },
    recolorNote(id) {
      change(id, ({ color }) => ({ color: nextNoteColor(color) }))
      save(id)
    },
    removeNote(id) {
      saveSoon.flush()
      draft(id, null)
      save(id)
    },
  }
}
