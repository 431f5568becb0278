// Owns what a person does on this page, as calls to the room: notes, lines of chat, and where the pointer is.

import type { Room } from '../client/api.ts'
import { chatRefusal, lineFailed, lineSaid } from './chat.ts'
import { conflate } from './conflate.ts'
import { freshId } from './fresh-id.ts'
import { RELAY_INTERVAL_MS } from './board-limits.ts'
import type { Store } from './model.ts'
import { createNoteActs, type NoteActs } from './note-acts.ts'
import { spotAt, type Pointing, type Spot } from './shapes.ts'

export type Acts = Omit<NoteActs, 'carryNote'> & {
  /** While the pointer holds a note: others see it move, nothing is kept. */
  dragNote(id: string, spot: Spot): void
  /** Says a line; answers why not, in a sentence, or null. */
  say(text: string): string | null
  point(spot: Spot): void
}

export function createActs(room: Room, store: Store, failed: (reason: unknown) => void): Acts {
  const noteActs = createNoteActs(room, store, failed)
  const dragSoon = conflate<Pointing>((drag) => whisper('drag', drag), RELAY_INTERVAL_MS)
  const pointSoon = conflate<Spot>(
    (spot) => whisper('cursor', { id: room.id, ...spot }),
    RELAY_INTERVAL_MS,
  )

  /** Relays that matter only now: not worth queueing, and not worth saying to an empty room. */
  function whisper(key: 'drag' | 'cursor', pointing: Pointing): void {
    if (room.status.status !== 'live' || room.peers.length === 0) return
    room.relay(key, pointing).catch(() => {
      // Lost with its host: the next one says the same better.
    })
  }

  return {
    ...noteActs,
    dragNote(id, spot) {
      noteActs.carryNote(id, spot)
      dragSoon.offer({ id, ...spotAt(spot.x, spot.y) })
    },
    dropNote(id) {
      dragSoon.cancel()
      noteActs.dropNote(id)
    },
    say(text) {
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
    point(spot) {
      pointSoon.offer(spotAt(spot.x, spot.y))
    },
  }
}
