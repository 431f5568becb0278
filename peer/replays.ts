// Owns what this peer asks its host to replay. Each request stands until it is answered, over
// changes of host, and one question is on its way at a time.

import { REPLAY_QUERIES_MAX } from '../protocol/limits.ts'
import type { ReplayedItem, ReplayItem, ReplayQuestion } from '../protocol/frames.ts'

/** `items` may hold more than was asked: other keys, earlier messages. */
export type Replayed = { readonly request: number; readonly items: readonly ReplayedItem[] }

export class Replays {
  readonly #waiting = new Map<number, readonly ReplayItem[]>()
  #questions = 0
  /** The question on its way, with the items that have come. */
  #asked: {
    readonly question: number
    readonly requests: readonly number[]
    readonly items: ReplayedItem[]
  } | null = null

  /** A question is on its way. */
  get isAsking(): boolean {
    return this.#asked !== null
  }

  add(request: number, queries: readonly ReplayItem[]): void {
    this.#waiting.set(request, queries)
  }

  /** Who was asked answers no more. */
  again(): void {
    this.#asked = null
  }

  /** The same: what to ask in a hello. */
  askAgain(): ReplayQuestion | null {
    this.again()
    return this.next()
  }

  /**
   * All that waits, each key once: a burst of subscriptions is one round trip, and one copy of
   * their streams. Null where there is nothing to ask now.
   */
  next(): ReplayQuestion | null {
    if (this.#asked !== null || this.#waiting.size === 0) return null
    const afterByKey = new Map<string, number>()
    const requests: number[] = []
    for (const [request, queries] of this.#waiting) {
      if (requests.length > 0 && afterByKey.size + queries.length > REPLAY_QUERIES_MAX) break
      requests.push(request)
      for (const { key, after } of queries)
        afterByKey.set(key, Math.min(after, afterByKey.get(key) ?? after))
    }
    const question = ++this.#questions
    this.#asked = { question, requests, items: [] }
    return {
      request: question,
      queries: Array.from(afterByKey, ([key, after]) => ({ key, after })),
    }
  }

  /** A part of an answer came. Returns the requests that it completes. */
  answered(question: number, items: readonly ReplayedItem[], isLast: boolean): Replayed[] {
    const asked = this.#asked
    if (asked === null || asked.question !== question) return []
    asked.items.push(...items)
    if (!isLast) return []
    this.#asked = null
    for (const request of asked.requests) this.#waiting.delete(request)
    return asked.requests.map((request) => ({ request, items: asked.items }))
  }
}
