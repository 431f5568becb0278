// Owns the replays that were asked for and not answered yet, and how an answer becomes messages. Whose they are,
// an app's or a subscription's, it does not know.

import { BatonError } from '../protocol/errors.ts'
import type { ReplayedItem } from '../protocol/frames.ts'
import { REPLAY_QUERIES_MAX, REPLAYS_MAX } from '../protocol/limits.ts'
import { decodeValues, type Value } from '../protocol/value.ts'
import type { Query } from './argument-checks.ts'
import type { Message, Replayed } from './api.ts'
import type { Connection } from './connection.ts'

type Answer = (items: readonly Replayed[]) => void

type Asked = {
  readonly queries: readonly Query[]
  readonly answer: Answer
  readonly reject: (error: BatonError) => void
}

export class AskedReplays {
  readonly #connection: Connection
  readonly #decode: (bytes: Uint8Array) => Value | undefined
  readonly #byRequest = new Map<number, Asked>()
  #requests = 0

  /** `decode` is undefined for bytes that hold no value: they are left out. */
  constructor(connection: Connection, decode: (bytes: Uint8Array) => Value | undefined) {
    this.#connection = connection
    this.#decode = decode
  }

  /** @throws BatonError `bad-argument` for too many keys at once, `queue-full` while too many replays wait. */
  checkSpace(queries: readonly Query[]): void {
    if (queries.length > REPLAY_QUERIES_MAX)
      throw new BatonError(
        'bad-argument',
        `A replay answers at most ${REPLAY_QUERIES_MAX} keys; ` +
          `this one asks for ${queries.length}. Split it.`,
      )
    if (this.#byRequest.size >= REPLAYS_MAX)
      throw new BatonError(
        'queue-full',
        `${this.#byRequest.size} replays of this page already wait for an answer. ` +
          'Ask for several keys in one replay, or wait.',
      )
  }

  /** `answer` is called in the moment in which the answer is there, not a turn later. */
  ask(queries: readonly Query[], answer: Answer, reject: Asked['reject'] = () => {}): void {
    this.#requests++
    this.#byRequest.set(this.#requests, { queries, answer, reject })
    this.#connection.feed({ type: 'replay-asked', request: this.#requests, queries })
  }

  answered(request: number, items: readonly ReplayedItem[]): void {
    const asked = this.#byRequest.get(request)
    this.#byRequest.delete(request)
    asked?.answer(asked.queries.map((query) => this.#replayed(query, items)))
  }

  /** Nobody answers any more. */
  end(error: BatonError): void {
    for (const { reject } of this.#byRequest.values()) reject(error)
    this.#byRequest.clear()
  }

  #replayed({ key, after }: Query, items: readonly ReplayedItem[]): Replayed {
    const messages: Message[] = []
    for (const { seqs, ends, bytes } of items.filter((item) => item.key === key)) {
      const values = decodeValues(bytes, ends)
      seqs.forEach((seq, i) => {
        if (seq <= after) return
        const value = values?.[i] ?? this.#decode(bytes.subarray(ends[i - 1] ?? 0, ends[i]))
        if (value !== undefined) messages.push({ key, seq, value })
      })
    }
    return { key, messages }
  }
}
