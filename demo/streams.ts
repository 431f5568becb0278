// Owns which keys of the room the demo listens to, and the folding of streams that grow.

import type { Message, Room } from '../client/api.ts'
import { chatHeard, chatReset, foldedChat } from './chat.ts'
import { NO_INK, foldedInk, inkStepped, wetInkDried } from './ink.ts'
import { FOLD_AFTER, LISTED_MAX, RESET_HOLD_MS } from './board-limits.ts'
import type { Store } from './model.ts'
import {
  foldedListing,
  noteDragged,
  noteKey,
  noteListed,
  noteReplaced,
  notesReset,
} from './notes.ts'
import { cursorHeard } from './people.ts'
import type { Listing } from './shapes.ts'

type Fold = () => Parameters<Room['compact']>[2]

/** Feeds the room's messages into the model, from now until the room is left. */
export function followStreams(room: Room, store: Store): void {
  const messagesByKey = new Map<string, number>()
  const followedNotes = new Map<string, () => void>()

  /** Counts a stream's messages; the host folds it once they are many. The model holds all of them up to this one. */
  function counted({ key, seq }: Message, fold: Fold): void {
    const messages = (messagesByKey.get(key) ?? 0) + 1
    messagesByKey.set(key, messages)
    if (messages < FOLD_AFTER || room.status.role !== 'host') return
    messagesByKey.set(key, 1)
    // Refused after a migration in between, or when the room is left: whoever hosts then folds at the next message.
    room.compact(key, seq, fold()).catch(() => messagesByKey.set(key, FOLD_AFTER))
  }

  function followListed(): void {
    for (const id of store.model.notes.listed) {
      if (followedNotes.has(id)) continue
      followedNotes.set(
        id,
        room.subscribe(
          noteKey(id),
          ({ value, seq }) => {
            store.set({ notes: noteReplaced(store.model.notes, id, value, seq) })
          },
          { replay: true },
        ),
      )
    }
    if (followedNotes.size <= LISTED_MAX) return
    for (const [id, unfollow] of followedNotes) {
      if (store.model.notes.listed.has(id)) continue
      unfollow()
      followedNotes.delete(id)
    }
  }

  room.subscribe(
    'notes',
    (message) => {
      store.set({ notes: noteListed(store.model.notes, message.value) })
      followListed()
      counted(message, () => foldedListing(store.model.notes) satisfies Listing)
    },
    { replay: true },
  )

  room.subscribe(
    'strokes',
    (message) => {
      const ink = inkStepped(store.model.ink, message.value, message.seq)
      store.set({ ink, wetInk: wetInkDried(store.model.wetInk, ink) })
      counted(message, () => foldedInk(store.model.ink))
    },
    { replay: true },
  )

  room.subscribe(
    'chat',
    (message) => {
      store.set({ chat: chatHeard(store.model.chat, message.value) })
      counted(message, () => foldedChat(store.model.chat))
    },
    { replay: true },
  )

  room.subscribe('drag', ({ value }) =>
    store.set({ notes: noteDragged(store.model.notes, value, performance.now()) }),
  )
  room.subscribe('cursor', ({ value }) => {
    const { cursors, peers } = store.model
    store.set({ cursors: cursorHeard(cursors, value, peers, performance.now()) })
  })

  room.on('reset', ({ keys }) => {
    store.hold(RESET_HOLD_MS)
    const { notes, ink, chat } = store.model
    const strokesGone = keys === 'all' || keys.includes('strokes')
    store.set({
      notes: notesReset(notes, keys),
      chat: chatReset(chat, keys),
      ink: strokesGone ? NO_INK : ink,
    })
    for (const key of keys === 'all' ? [...messagesByKey.keys()] : keys) messagesByKey.delete(key)
  })
}
