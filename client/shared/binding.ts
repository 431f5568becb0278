// Owns how a shared object is bound to a room: it feeds the pure machine what the room brings, carries out what it orders,
// and tells listeners what changed. It holds no rules.

import { BatonError } from '../../protocol/errors.ts'
import type { Message, Room } from '../api.ts'
import type { Shared } from './api.ts'
import { Listeners } from './listeners.ts'
import type { Machine, Order } from './machine.ts'

type Waiting = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class Binding<S, A> implements Shared<S> {
  readonly ready: Promise<void>
  readonly #room: Room
  readonly #key: string
  readonly #machine: Machine<S, A>
  readonly #listeners: Listeners<S>
  readonly #waitingByTicket = new Map<number, Waiting[]>()
  /** What came in this turn of the event loop. */
  #messages: Message[] = []
  #isReady = false
  #isClosed = false
  #settleReady!: Waiting
  readonly #offs: (() => void)[] = []

  /** @throws BatonError `bad-argument` or `key-too-long` for a key that can be none, `queue-full` where 1,024 replays wait already. */
  constructor(room: Room, key: string, machine: Machine<S, A>) {
    this.#room = room
    this.#key = key
    this.#machine = machine
    this.#listeners = new Listeners(() => machine.value)
    this.ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }))
    this.ready.catch(() => {}) // an app that never looks at `ready` must not see an unhandled rejection
    if (room.status.status === 'closed') this.#roomClosed()
    else this.#listen()
  }

  get value(): S {
    return this.#machine.value
  }

  get isReady(): boolean {
    return this.#isReady
  }

  subscribe(listener: (value: S) => void): () => void {
    return this.#isClosed ? () => {} : this.#listeners.add(listener)
  }

  /** `makeAction` is asked once everything that has come is part of `value`. */
  act(makeAction: () => A): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed)
        throw new BatonError(
          'closed',
          `This object of key "${this.#key}" was closed. Make a new one to change what it shares.`,
        )
      this.#flush()
      const ticket = this.#machine.act(makeAction())
      this.#waitingByTicket.set(ticket, [
        ...(this.#waitingByTicket.get(ticket) ?? []),
        { resolve, reject },
      ])
      this.#carryOut()
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const off of this.#offs) off()
    this.#listeners.clear()
    this.#machine.close()
    this.#carryOut()
    this.#settleReady.reject(
      new BatonError('closed', `This object of key "${this.#key}" was closed before it was read.`),
    )
  }

  #listen(): void {
    const room = this.#room
    this.#offs.push(
      room.on('reset', ({ seq, keys }) =>
        keys === 'all' || keys.includes(this.#key) ? this.#reset(seq) : undefined,
      ),
      room.on('status', ({ status }) => (status === 'closed' ? this.#roomClosed() : undefined)),
      room.subscribe(this.#key, (message) => this.#heard(message), {
        onReplay: (messages) => this.#replayed(messages),
      }),
    )
  }

  #heard(message: Message): void {
    if (this.#messages.length === 0) queueMicrotask(() => this.#flush())
    this.#messages.push(message)
  }

  #flush(): void {
    const messages = this.#messages
    this.#messages = []
    if (messages.length === 0 || this.#isClosed) return
    this.#machine.received(messages, this.#room.status.role === 'host')
    this.#carryOut()
  }

  #reset(seq: number): void {
    this.#flush()
    this.#machine.reset(seq)
  }

  #replayed(messages: readonly Message[]): void {
    this.#flush()
    this.#machine.replayed(messages)
    this.#isReady = true
    this.#settleReady.resolve()
    this.#carryOut()
  }

  #roomClosed(): void {
    this.#settleReady.reject(
      new BatonError(
        'closed',
        `This page has left the room before what "${this.#key}" holds was read. Join again to read.`,
      ),
    )
  }

  #carryOut(): void {
    for (const order of this.#machine.takeOrders()) this.#order(order)
    this.#listeners.tell()
  }

  #order(order: Order): void {
    switch (order.type) {
      case 'append':
      case 'replace':
        this.#room[order.type](this.#key, order.value).then(
          () => this.#ended(order.ticket),
          (error: unknown) => this.#ended(order.ticket, error),
        )
        return
      case 'compact': {
        // A refusal means that the room went on meanwhile; the stream is folded when it is too long again.
        const ended = () => this.#machine.compacted()
        this.#room.compact(this.#key, order.seq, order.value).then(ended, ended)
        return
      }
      case 'report':
        return reportError(order.error)
    }
  }

  #ended(ticket: number, error?: unknown): void {
    const waiting = this.#waitingByTicket.get(ticket) ?? []
    this.#waitingByTicket.delete(ticket)
    if (!this.#isClosed) {
      this.#flush()
      if (error === undefined) this.#machine.settled(ticket)
      else this.#machine.refused(ticket)
      this.#carryOut()
    }
    for (const { resolve, reject } of waiting) {
      if (error === undefined) resolve()
      else reject(error)
    }
  }
}
