// Owns what the app of a page has asked of its room, and what it waits for. It does not know what
// comes of it.

import type { OpId } from '../protocol/ids.ts'
import type { Message } from '../client/api.ts'

/** A replay that waits for its answer. */
export type AskedReplay = {
  readonly key: string
  readonly after: number
  readonly askedAtMs: number
  /** Whom to give the messages; null where the app asks for the history's sake. */
  readonly answer: ((messages: readonly Message[]) => void) | null
}

export class PageApp {
  readonly #page: string
  readonly #midByOp = new Map<number, string>()
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

  /** Names the operation that the peer will know by this number. */
  sends(opId: OpId): string {
    const mid = `${this.#page}/${++this.#sent}`
    this.#midByOp.set(opId, mid)
    return mid
  }

  midOf(opId: OpId): string {
    return this.#midByOp.get(opId)!
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
