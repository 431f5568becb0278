// Owns how the last messages of one key are read from a stored copy, from the end on, without the rest of it. [PE15]

import { fail, ok, type Result } from '../protocol/result.ts'
import type { Row } from '../storage/store.ts'
import { pieceCodec, read } from './copy-records.ts'
import type { Retained } from './engine.ts'
import { messagesIn } from './streams-reader.ts'

export class NewestMessages {
  readonly #after: number
  readonly #last: number
  /** The newest first. */
  readonly #messages: Retained[] = []
  #hasAll = false

  /** Those with seq > `after`, and of these the newest `last`. */
  constructor({ after = 0, last = Infinity }: { after?: number; last?: number }) {
    this.#after = after
    this.#last = last
  }

  /** Whether earlier records can hold none of those asked for. */
  get hasAll(): boolean {
    return this.#hasAll || this.#messages.length >= this.#last
  }

  /** In seq order. */
  get messages(): readonly Retained[] {
    return this.#messages.slice(0, this.#last).reverse()
  }

  /** The records of the key come from the last one on. */
  add([place, record]: Row): Result<null> {
    const piece = read(place, record, pieceCodec)
    if (!piece.ok) return piece
    const messages = messagesIn(piece.value)
    if (!messages.ok) return messages
    for (const message of [...messages.value].reverse()) {
      if (message.seq >= (this.#messages.at(-1)?.seq ?? Infinity))
        return fail('seqs that do not rise')
      if (message.seq <= this.#after) this.#hasAll = true
      if (this.hasAll) return ok(null)
      this.#messages.push(message)
    }
    return ok(null)
  }
}
