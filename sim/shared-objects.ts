// Owns the shared objects of a simulated page: the machines and subscriptions that a real page has,
// over its simulated peer, and its presence. What they send travels as a mid like all else, and
// behind it what it says.

import type { Action } from '../protocol/entry.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { Peer } from '../peer/peer.ts'
import type { Json } from '../protocol/value.ts'
import type { Message } from '../client/api.ts'
import { Subscriptions } from '../client/subscriptions.ts'
import { LastWrite } from '../client/shared/last-write.ts'
import type { Machine } from '../client/shared/machine.ts'
import { OptimisticFold } from '../client/shared/optimistic-fold.ts'
import { logKind, mapKind, reducerKind, type MapAction } from '../client/shared/kinds.ts'
import { PagePresence } from './page-presence.ts'
import { valueIn } from './said.ts'

export const OBJECTS = ['list', 'map', 'value', 'log'] as const
export type ObjectName = (typeof OBJECTS)[number]
export const PRESENCE = 'presence'
/** What the app of a page may change. */
export type ShareName = ObjectName | typeof PRESENCE
export const isShareName = (name: string): name is ShareName =>
  ([...OBJECTS, PRESENCE] as readonly string[]).includes(name)
/** What the apps of the pages have besides messages. */
export type Shares = 'nothing' | 'objects' | 'objects and presence'

/** Folded so early that every run sees it often. */
const FOLD_AFTER = 6
/** Values that the log keeps. */
const LOG_KEEPS = 3
const PREFIX = 'shared '

/** What the page is to do for its objects. */
export type SharedOrder =
  | {
      readonly type: 'send'
      readonly action: Action
      readonly key: string
      readonly seq: number
      readonly text: string
      readonly sent: (mid: string) => void
      readonly failed: () => void
    }
  | {
      readonly type: 'ask'
      readonly key: string
      readonly answer: (messages: readonly Message[]) => void
    }

/** `isHere`: whether a page has not ended; `nowMs`: this page's own clock. */
export function sharedObjectsOf(
  { peer, name }: { readonly peer: Peer; readonly name: string },
  shares: Shares,
  isHere: (peer: PeerId) => boolean,
  nowMs: () => number,
): SharedObjects | null {
  if (shares === 'nothing') return null
  return new SharedObjects(
    name,
    () => peer.isHosting,
    shares === 'objects' ? null : new PagePresence(peer, name, isHere, nowMs()),
    nowMs,
  )
}

export class SharedObjects {
  readonly #page: string
  readonly #list: OptimisticFold<readonly string[], string>
  readonly #map: OptimisticFold<ReadonlyMap<string, string>, MapAction<string>>
  readonly #value = new LastWrite<string>('')
  readonly #log: OptimisticFold<readonly string[], string>
  readonly #machines: { readonly [name in ObjectName]: Machine<unknown, never> }
  readonly #subscriptions: Subscriptions
  readonly #endByMid = new Map<string, (isRefused: boolean) => void>()
  readonly #orders: SharedOrder[] = []
  #changes = 0
  /** The mids of what was added to the list, by what was added. */
  readonly midById = new Map<string, string>()
  /** Null in rooms of objects alone. */
  readonly presence: PagePresence | null
  readonly #nowMs: () => number

  /** `nowMs`: the page's own clock. */
  constructor(
    page: string,
    isHost: () => boolean,
    presence: PagePresence | null,
    nowMs: () => number,
  ) {
    this.#page = page
    this.presence = presence
    this.#nowMs = nowMs
    this.#list = new OptimisticFold(
      reducerKind<readonly string[], string>((list, id) => [...list, id], [], FOLD_AFTER),
      page,
    )
    this.#map = new OptimisticFold(mapKind<string>(FOLD_AFTER), page)
    this.#log = new OptimisticFold(logKind<string>(LOG_KEEPS), page)
    this.#machines = { list: this.#list, map: this.#map, value: this.#value, log: this.#log }
    this.#subscriptions = new Subscriptions(
      (key, _after, answer) => this.#orders.push({ type: 'ask', key, answer }),
      raise,
    )
    for (const name of OBJECTS) {
      const machine = this.#machines[name]
      const told = (feed: () => void) => {
        feed()
        this.#carryOut(name)
      }
      this.#subscriptions.add(
        PREFIX + name,
        (message) => told(() => machine.received([message], isHost())),
        0,
        (messages) => told(() => machine.replayed(messages)),
      )
    }
  }

  /** What an app sees: the same on all pages in the end. */
  get shown(): { readonly [name in ObjectName]: Json } {
    return {
      list: this.#list.value,
      map: [...this.#map.value].sort(([a], [b]) => (a < b ? -1 : 1)),
      value: this.#value.value,
      log: this.#log.value,
    }
  }

  /** The app changes one of them. */
  change(name: ShareName): void {
    const n = ++this.#changes
    const id = `${this.#page}.${n}`
    if (name === PRESENCE) return this.presence?.set(id)
    if (name === 'map') this.#map.act(mapActionOf(n, id))
    else if (name === 'list') this.#list.act(id)
    else if (name === 'log') this.#log.act(id)
    else this.#value.act(id)
    this.#carryOut(name)
  }

  delivered(key: string, seq: number, value: Uint8Array): void {
    if (key === PREFIX + PRESENCE) this.presence?.heard(valueIn(value), this.#nowMs())
    else if (key.startsWith(PREFIX))
      this.#subscriptions.deliver({ key, seq, value: valueIn(value) })
  }

  /** The host says who is here. */
  listed(members: readonly PeerId[]): void {
    this.presence?.listed(members, this.#nowMs())
  }

  ended(mid: string, isRefused: boolean): void {
    this.#endByMid.get(mid)?.(isRefused)
    this.#endByMid.delete(mid)
  }

  reset(seq: number, keys: readonly string[] | 'all'): void {
    for (const name of OBJECTS)
      if (keys === 'all' || keys.includes(PREFIX + name)) this.#machines[name].reset(seq)
    this.#subscriptions.reset(seq, keys)
    this.presence?.reset()
  }

  nextOrder(): SharedOrder | undefined {
    return this.#orders.shift() ?? this.#toTell()
  }

  #toTell(): SharedOrder | undefined {
    const { presence } = this
    const told = presence?.look(this.#nowMs()) ?? null
    if (presence === null || told === null) return undefined
    const arrived = () => presence.arrived()
    return {
      type: 'send',
      action: 'relay',
      key: PREFIX + PRESENCE,
      seq: 0,
      text: JSON.stringify(told),
      sent: (mid) => this.#endByMid.set(mid, arrived),
      failed: arrived,
    }
  }

  #carryOut(name: ObjectName): void {
    const machine = this.#machines[name]
    for (const order of machine.drainOrders()) {
      if (order.type === 'report') raise(order.error)
      const ended = (isRefused: boolean) => {
        if (order.type === 'compact') machine.compacted()
        else if (isRefused) machine.refused(order.ticket)
        else machine.settled(order.ticket)
        this.#carryOut(name)
      }
      const sent = (mid: string) => {
        this.#endByMid.set(mid, ended)
        if (name === 'list' && order.type === 'append')
          this.midById.set((order.value as { readonly apply: string }).apply, mid)
      }
      this.#orders.push({
        type: 'send',
        action: order.type,
        key: PREFIX + name,
        seq: order.type === 'compact' ? order.seq : 0,
        text: JSON.stringify(order.value),
        sent,
        failed: () => ended(true),
      })
    }
  }
}

/** Mostly sets, of four keys in all. */
function mapActionOf(n: number, value: string): MapAction<string> {
  if (n % 11 === 0) return ['clear']
  const key = String(n % 4)
  return n % 3 === 0 ? ['delete', key] : ['set', key, value]
}

function raise(error: unknown): never {
  throw error
}
