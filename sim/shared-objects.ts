// Owns the shared objects of a simulated page: the machines and subscriptions that a real page has, over its simulated
// peer. What they send travels as a mid like all else, and behind it what it says.

import type { Action } from '../protocol/entry.ts'
import type { Json } from '../protocol/value.ts'
import type { Message } from '../client/api.ts'
import { Subscriptions } from '../client/subscriptions.ts'
import { LastWrite } from '../client/shared/last-write.ts'
import type { Machine } from '../client/shared/machine.ts'
import { OptimisticFold } from '../client/shared/optimistic-fold.ts'
import { mapKind, reducerKind, type MapAction } from '../client/shared/kinds.ts'
import { valueIn } from './said.ts'

export const OBJECTS = ['list', 'map', 'value'] as const
export type ObjectName = (typeof OBJECTS)[number]

/** Folded so early that every run sees it often. */
const FOLD_AFTER = 6
const PREFIX = 'shared '

/** What the page is to do for its objects. */
export type SharedOrder =
  | { readonly type: 'send'; readonly action: Action; readonly key: string; readonly seq: number; readonly text: string; readonly sent: (mid: string) => void; readonly failed: () => void }
  | { readonly type: 'ask'; readonly key: string; readonly answer: (messages: readonly Message[]) => void }

export class SharedObjects {
  readonly #page: string
  readonly #list: OptimisticFold<readonly string[], string>
  readonly #map: OptimisticFold<ReadonlyMap<string, string>, MapAction<string>>
  readonly #value = new LastWrite<string>('')
  readonly #machines: { readonly [name in ObjectName]: Machine<unknown, never> }
  readonly #subscriptions: Subscriptions
  readonly #endByMid = new Map<string, (isRefused: boolean) => void>()
  readonly #orders: SharedOrder[] = []
  #changes = 0
  /** The mids of what was added to the list, by what was added. */
  readonly midById = new Map<string, string>()

  constructor(page: string, isHost: () => boolean) {
    this.#page = page
    this.#list = new OptimisticFold(reducerKind<readonly string[], string>((list, id) => [...list, id], [], FOLD_AFTER), page)
    this.#map = new OptimisticFold(mapKind<string>(FOLD_AFTER), page)
    this.#machines = { list: this.#list, map: this.#map, value: this.#value }
    this.#subscriptions = new Subscriptions((key, _after, answer) => this.#orders.push({ type: 'ask', key, answer }), raise)
    for (const name of OBJECTS) {
      const machine = this.#machines[name]
      const told = (feed: () => void) => {
        feed()
        this.#take(name)
      }
      this.#subscriptions.add(PREFIX + name, (message) => told(() => machine.received([message], isHost())), 0, (messages) => told(() => machine.replayed(messages)))
    }
  }

  /** What an app sees: the same on all pages in the end. */
  get shown(): { readonly [name in ObjectName]: Json } {
    return { list: this.#list.value, map: [...this.#map.value].sort(([a], [b]) => (a < b ? -1 : 1)), value: this.#value.value }
  }

  /** The app changes one of them. */
  change(name: ObjectName): void {
    const n = ++this.#changes
    const id = `${this.#page}.${n}`
    if (name === 'list') this.#list.act(id)
    else if (name === 'value') this.#value.act(id)
    else this.#map.act(n % 11 === 0 ? ['clear'] : n % 3 === 0 ? ['delete', String(n % 4)] : ['set', String(n % 4), id])
    this.#take(name)
  }

  delivered(key: string, seq: number, value: Uint8Array): void {
    if (key.startsWith(PREFIX)) this.#subscriptions.deliver({ key, seq, value: valueIn(value) })
  }

  ended(mid: string, isRefused: boolean): void {
    this.#endByMid.get(mid)?.(isRefused)
    this.#endByMid.delete(mid)
  }

  reset(seq: number, keys: readonly string[] | 'all'): void {
    for (const name of OBJECTS) if (keys === 'all' || keys.includes(PREFIX + name)) this.#machines[name].reset(seq)
    this.#subscriptions.reset(seq, keys)
  }

  nextOrder(): SharedOrder | undefined {
    return this.#orders.shift()
  }

  #take(name: ObjectName): void {
    const machine = this.#machines[name]
    for (const order of machine.takeOrders()) {
      if (order.type === 'report') raise(order.error)
      const ended = (isRefused: boolean) => {
        if (order.type === 'compact') machine.compacted()
        else if (isRefused) machine.refused(order.ticket)
        else machine.settled(order.ticket)
        this.#take(name)
      }
      const sent = (mid: string) => {
        this.#endByMid.set(mid, ended)
        if (name === 'list' && order.type === 'append') this.midById.set((order.value as { readonly apply: string }).apply, mid)
      }
      this.#orders.push({ type: 'send', action: order.type, key: PREFIX + name, seq: order.type === 'compact' ? order.seq : 0, text: JSON.stringify(order.value), sent, failed: () => ended(true) })
    }
  }
}

function raise(error: unknown): never {
  throw error
}
