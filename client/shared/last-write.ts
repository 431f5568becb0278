// Owns how one value is shared: the last replace in the room's order stands. One write of this page is on its way at a
// time; those made meanwhile become one, which goes next. Pure.

import { decodeValue, encodeValue, type Value } from '../../protocol/value.ts'
import type { Message } from '../api.ts'
import type { Machine, Order } from './machine.ts'
import { textOf } from './text-of.ts'

/** `isSeen`: the room has delivered it, and what came after it stands above it. */
type InFlight<T> = {
  readonly ticket: number
  readonly value: T
  readonly text: string
  isSeen: boolean
  isSettled: boolean
}

export class LastWrite<T> implements Machine<T, T> {
  readonly #initial: T
  readonly #orders: Order[] = []
  #confirmed: T
  /** Null for the initial value, which need not be one that travels. */
  #confirmedText: string | null = null
  #inFlight: InFlight<T> | null = null
  #next: { readonly ticket: number; readonly value: T } | null = null
  #tickets = 0
  #isReading = true

  constructor(initial: T) {
    this.#initial = initial
    this.#confirmed = initial
  }

  get value(): T {
    if (this.#next !== null) return this.#next.value
    if (this.#inFlight === null || this.#inFlight.isSeen) return this.#confirmed
    return this.#inFlight.value
  }

  act(value: T): number {
    const asItTravels = decodeValue(encodeValue(value)) as T
    const ticket = this.#next?.ticket ?? this.#newTicket()
    this.#next = { ticket, value: asItTravels }
    if (this.#inFlight === null || this.#inFlight.isSettled) this.#send()
    return ticket
  }

  reset(): void {
    this.#isReading = true
  }

  replayed(messages: readonly Message[]): void {
    this.#isReading = false
    if (this.#inFlight?.isSettled === true) this.#inFlight = null
    if (this.#inFlight !== null) this.#inFlight.isSeen = false
    const last = messages.at(-1)
    if (last !== undefined) return this.#received(last)
    this.#confirmed = this.#initial
    this.#confirmedText = null
  }

  received(messages: readonly Message[]): void {
    for (const message of messages) this.#received(message)
  }

  settled(ticket: number): void {
    const inFlight = this.#inFlight
    if (inFlight?.ticket !== ticket) return
    inFlight.isSettled = true
    // What settles unseen was missed; it is part of the answer that is awaited.
    if (inFlight.isSeen || !this.#isReading) this.#inFlight = null
    if (this.#next !== null) this.#send()
  }

  refused(ticket: number): void {
    if (this.#inFlight?.ticket !== ticket) return
    this.#inFlight = null
    if (this.#next !== null) this.#send()
  }

  compacted(): void {}

  close(): void {
    if (this.#next !== null) this.#send()
  }

  drainOrders(): Order[] {
    return this.#orders.splice(0)
  }

  #newTicket(): number {
    this.#tickets++
    return this.#tickets
  }

  #send(): void {
    const { ticket, value } = this.#next!
    this.#next = null
    this.#inFlight = { ticket, value, text: textOf(value), isSeen: false, isSettled: false }
    this.#orders.push({ type: 'replace', ticket, value: value as Value })
  }

  /** Another page's equal value is as good as this page's own: what stands is the same. */
  #received({ value }: Message): void {
    const inFlight = this.#inFlight
    const text = textOf(value)
    const isOwn = inFlight !== null && !inFlight.isSeen && inFlight.text === text
    if (isOwn) inFlight.isSeen = true
    if (isOwn) this.#confirmed = inFlight.value
    else if (text !== this.#confirmedText) this.#confirmed = value as T
    this.#confirmedText = text
  }
}
