// Owns how a shared object is bound to a room: the pure machine is fed with what the room brings, what the machine
// orders is carried out, and listeners are told what changed. It holds no rules.

import { BatonError } from '../../protocol/errors.ts'
import type { Message, Room } from '../api.ts'
import { checkRoom } from '../argument-checks.ts'
import { ownMembers } from '../own-members.ts'
import { Readiness } from '../readiness.ts'
import type { Shared } from './api.ts'
import { Listeners } from './listeners.ts'
import type { Machine, Order } from './machine.ts'

type Waiting = { readonly resolve: () => void; readonly reject: (error: unknown) => void }

export class Binding<S, A> implements Shared<S> {
  readonly #room: Room
  readonly #key: string
  readonly #machine: Machine<S, A>
  readonly #listeners: Listeners<S>
  readonly #readiness = new Readiness()
  readonly #waitingByTicket = new Map<number, Waiting[]>()
  readonly #offs: (() => void)[] = []
  /** What came in this turn of the event loop. */
  #messages: Message[] = []
  #isClosed = false

  /**
   * @throws BatonError `bad-argument` for no room, `bad-argument` or `key-too-long` for a key that can be none,
   * `queue-full` where 1,024 replays wait already.
   */
  constructor(room: Room, key: string, machine: Machine<S, A>) {
    checkRoom('A shared object', room)
    this.#room = room
    this.#key = key
    this.#machine = machine
    this.#listeners = new Listeners(() => machine.value)
    if (room.status.status === 'closed') this.#roomClosed()
    else this.#listen()
    ownMembers(this)
  }

  get ready(): Promise<void> {
    return this.#readiness.promise
  }

  get isReady(): boolean {
    return this.#readiness.isReached
  }

  get value(): S {
    return this.#machine.value
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
          `This object of key "${this.#key}" was closed. Make a new one to change its state.`,
        )
      this.#flush()
      const ticket = this.#machine.act(makeAction())
      const others = this.#waitingByTicket.get(ticket) ?? []
      this.#waitingByTicket.set(ticket, [...others, { resolve, reject }])
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
    this.#readiness.miss(
      new BatonError('closed', `This object of key "${this.#key}" was closed before it was read.`),
    )
  }

  #listen(): void {
    const room = this.#room
    this.#offs.push(
      room.on('reset', ({ seq, keys }) => {
        if (keys === 'all' || keys.includes(this.#key)) this.#reset(seq)
      }),
      room.on('status', ({ status }) => {
        if (status === 'closed') this.#roomClosed()
      }),
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
    this.#readiness.reach()
    this.#carryOut()
  }

  #roomClosed(): void {
    this.#readiness.miss(
      new BatonError(
        'closed',
        `This page left the room before "${this.#key}" was read. Join again to read.`,
      ),
    )
  }

  #carryOut(): void {
    for (const order of this.#machine.drainOrders()) this.#order(order)
    this.#listeners.tell()
  }

  #order(order: Order): void {
    switch (order.type) {
      case 'append':
      case 'replace':
        this.#room[order.type](this.#key, order.value).then(
          () => this.#settled(order.ticket),
          (error: unknown) => this.#refused(order.ticket, error),
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

  #settled(ticket: number): void {
    const waiting = this.#withdraw(ticket)
    this.#feed(() => this.#machine.settled(ticket))
    for (const { resolve } of waiting) resolve()
  }

  #refused(ticket: number, error: unknown): void {
    const waiting = this.#withdraw(ticket)
    this.#feed(() => this.#machine.refused(ticket))
    for (const { reject } of waiting) reject(error)
  }

  /** An outcome is told once all that came before it is part of `value`. */
  #feed(tellOutcome: () => void): void {
    if (this.#isClosed) return
    this.#flush()
    tellOutcome()
    this.#carryOut()
  }

  #withdraw(ticket: number): readonly Waiting[] {
    const waiting = this.#waitingByTicket.get(ticket) ?? []
    this.#waitingByTicket.delete(ticket)
    return waiting
  }
}
