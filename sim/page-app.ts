// Owns what the app of a page has asked of its room, and what it waits for. It does not know what
// comes of it.

import type { ReplayedItem } from '../protocol/frames.ts'
import type { Ticket } from '../peer/submission.ts'

/** Is given what a replay answers for its key. */
export type Answer = (items: readonly ReplayedItem[]) => void

/** A replay that waits for its answer. */
export type AskedReplay = {
  readonly key: string
  readonly after: number
  readonly askedAtMs: number
  /** Whom to give the messages; null where the app asks for the history's sake. */
  readonly answer: Answer | null
}

export class PageApp {
  readonly #page: string
  readonly #replayByRequest = new Map<number, AskedReplay>()
  #sent = 0
  #asked = 0

  constructor(page: string) {
    this.#page = page
  }

  /** How many operations it has sent. */
  get sent(): number {
    return this.#sent
  }

  /** The ticket of one more operation. */
  sends(): Ticket {
    return ++this.#sent
  }

  /** What the history calls the operation with this ticket. */
  midOf(ticket: Ticket): string {
    return `${this.#page}/${ticket}`
  }

  /** Returns the number of the request. */
  asks(replay: AskedReplay): number {
    const request = ++this.#asked
    this.#replayByRequest.set(request, replay)
    return request
  }

  answered(request: number): AskedReplay {
    const replay = this.#replayByRequest.get(request)!
    this.#replayByRequest.delete(request)
    return replay
  }
}
