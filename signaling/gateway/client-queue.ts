// Owns what one client has said and the room has not dealt with, in order. An answer keeps its place: it is told once
// the pushes before it stand in the log. Knows neither the room nor its log.

import type { Submitted, Ticket } from '../../peer/submission.ts'
import type { FromRoom, ToRoom } from './drift-messages.ts'

/** A message of a client; `error` where there is none, and why. */
export type Said = ToRoom | { readonly type: 'error'; readonly message: string }
/** The same, with the values of pushes as the room has them. */
export type Heard =
  | { readonly type: 'push'; readonly op: Submitted }
  | Exclude<Said, { readonly type: 'push' }>

type InFlight =
  | { readonly type: 'op'; readonly ticket: Ticket; readonly op: Submitted }
  | { readonly type: 'answer'; readonly message: FromRoom }

export class ClientQueue {
  /** Pushes whose entry is not in the log yet, and answers behind them. */
  readonly #flight: InFlight[] = []
  /** A get that waits for those or for the streams, and what was said after it. */
  readonly #waiting: Heard[] = []
  /** Bytes of the values in both. */
  bytes = 0

  get length(): number {
    return this.#flight.length + this.#waiting.length
  }

  /** Whether pushes are on their way to the log. */
  get isInFlight(): boolean {
    return this.#flight.length > 0
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  submitted(ticket: Ticket, op: Submitted): void {
    this.#flight.push({ type: 'op', ticket, op })
  }

  /** Keeps an answer behind the pushes on their way. */
  answerLater(message: FromRoom): void {
    this.#flight.push({ type: 'answer', message })
  }

  wait(said: Heard): void {
    this.#waiting.push(said)
  }

  /** Empties what waits. */
  drainWaiting(): Heard[] {
    return this.#waiting.splice(0)
  }

  /** An op has its place, or was refused: removes and answers it; null for an op that is not here. */
  placed(ticket: Ticket): Submitted | null {
    const at = this.#flight.findIndex((item) => item.type === 'op' && item.ticket === ticket)
    const [item] = at < 0 ? [] : this.#flight.splice(at, 1)
    return item?.type === 'op' ? item.op : null
  }

  /** Empties the answers that no push stands before. */
  drainAnswers(): FromRoom[] {
    const answers: FromRoom[] = []
    for (let [item] = this.#flight; item?.type === 'answer'; [item] = this.#flight) {
      answers.push(item.message)
      this.#flight.shift()
    }
    return answers
  }
}
