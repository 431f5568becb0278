// Owns what a person does on this page, as calls to the room. Everything is shown at once and settles when the
// room has taken it; while nobody hosts it waits, and nothing here needs to know.

import type { Room } from '../client/api.ts'
import { chatRefusal, lineFailed, lineSaid } from './chat.ts'
import { conflate } from './conflate.ts'
import { EDIT_INTERVAL_MS, NOTES_MAX, RELAY_INTERVAL_MS } from './limits.ts'
import type { Store } from './model.ts'
import { draftRefused, draftSettled, noteDrafted, noteKey, shownNotes } from './notes.ts'
import { nextNoteColor } from './palette.ts'
import { spotAt, type Note, type Pointing, type Spot } from './shapes.ts'

export type Acts = ReturnType<typeof createActs>

/** A name for a note, a stroke or a line that nobody else picks. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join('')
}

export function createActs(room: Room, store: Store, failed: (reason: unknown) => void) {
  const saveSoon = conflate<string>(save, EDIT_INTERVAL_MS)
  const dragSoon = conflate<Pointing>((drag) => whisper('drag', drag), RELAY_INTERVAL_MS)
  const pointSoon = conflate<Spot>((spot) => whisper('cursor', { id: room.id, ...spot }), RELAY_INTERVAL_MS)
  let saving: string | null = null

  /** Relays that matter only now: not worth queueing, and not worth saying to an empty room. */
  function whisper(key: 'drag' | 'cursor', pointing: Pointing): void {
    if (room.status.status !== 'live' || room.peers.length === 0) return
    room.relay(key, pointing).catch(() => {
      // Lost with its host: the next one says the same better.
    })
  }

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

  function change(id: string, patch: Partial<Note>): void {
    const note = shownNotes(store.model.notes).get(id)?.note
    if (note === undefined) return
    if (saving !== id) saveSoon.flush()
    saving = id
    draft(id, { ...note, ...patch })
  }

  return {
    /** Puts an empty note up; answers its id, or null on a full board. */
    addNote(spot: Spot): string | null {
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
    },
    writeNote(id: string, text: string): void {
      change(id, { text })
      saveSoon.offer(id)
    },
    /** While the pointer holds it: others see it move, nothing is kept. */
    dragNote(id: string, spot: Spot): void {
      change(id, spotAt(spot.x, spot.y))
      dragSoon.offer({ id, ...spotAt(spot.x, spot.y) })
    },
    /** Where it was let go. */
    dropNote(id: string): void {
      dragSoon.cancel()
      save(id)
    },
    nudgeNote(id: string, dx: number, dy: number): void {
      const note = shownNotes(store.model.notes).get(id)?.note
      if (note === undefined) return
      change(id, spotAt(note.x + dx, note.y + dy))
      saveSoon.offer(id)
    },
    recolorNote(id: string): void {
      const note = shownNotes(store.model.notes).get(id)?.note
      if (note === undefined) return
      change(id, { color: nextNoteColor(note.color) })
      save(id)
    },
    removeNote(id: string): void {
      saveSoon.flush()
      draft(id, null)
      save(id)
    },
    /** Says a line; answers why not, in a sentence, or null. */
    say(text: string): string | null {
      const refusal = chatRefusal(text)
      if (refusal !== null || text.trim() === '') return refusal
      const { name, color } = store.model.me
      const line = { id: freshId(), name, color, text: text.trim() }
      store.set({ chat: lineSaid(store.model.chat, line) })
      room.append('chat', { lines: [line] }).catch((error: unknown) => {
        store.set({ chat: lineFailed(store.model.chat, line.id) })
        failed(error)
      })
      return null
    },
    point(spot: Spot): void {
      pointSoon.offer(spotAt(spot.x, spot.y))
    },
  }
}
