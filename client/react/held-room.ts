// Owns the room that a provider joined: when it is joined, and when it is left. It knows no React.

import type { Room } from '../index.ts'
import { closeAll } from './shared-objects.ts'

type Held = {
  readonly name: string
  readonly room: Room
  leaving: ReturnType<typeof setTimeout> | undefined
}

/**
 * React may take a component down and put it up again at once (StrictMode does so on purpose). The room is therefore
 * left one task later, and not at all if the same room is wanted again by then.
 */
export class HeldRoom {
  #held: Held | null = null

  /** The room of this name, joined unless it is held already. */
  hold(name: string, join: () => Room): Room {
    if (this.#held?.name !== name) this.#held = { name, room: join(), leaving: undefined }
    clearTimeout(this.#held.leaving)
    return this.#held.room
  }

  /** Nobody wants it any more, as far as is known now. */
  letGo(): void {
    const held = this.#held
    if (held === null) return
    held.leaving = setTimeout(() => {
      if (this.#held === held) this.#held = null
      // React ends a provider before what is below it. A presence can say goodbye only before the room is left.
      closeAll(held.room)
      void held.room.leave()
    })
  }
}
