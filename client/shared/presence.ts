// Owns what an app gets as presence: the board of who is here, bound to a room and to this page's timers.

import { BatonError } from '../../protocol/errors.ts'
import { PRESENCE_INTERVAL_MS, PRESENCE_TIMEOUT_MS } from '../../protocol/limits.ts'
import type { PeerId } from '../../protocol/ids.ts'
import { encodeValue } from '../../protocol/value.ts'
import type { PeerInfo, Room, RoomStatus } from '../api.ts'
import { checkOptions, checkRoom, type Allowed } from '../argument-checks.ts'
import { ownMembers } from '../own-members.ts'
import { Readiness } from '../readiness.ts'
import type { Presence } from './api.ts'
import { Listeners } from './listeners.ts'
import { leftNote, PresenceBoard } from './presence-board.ts'

export type PresenceOptions = {
  /** The key under which pages tell of themselves; nothing is retained for it. Default `presence`. */
  readonly key?: string | undefined
  /** Milliseconds after which everyone is asked for a sign of life. Default 5,000. */
  readonly intervalMs?: number | undefined
  /**
   * Milliseconds of silence after which a page is taken for gone that the host still lists, because it hangs. Default
   * 15,000. A page that was closed or crashed goes as soon as the host notices, mostly within a second or two.
   */
  readonly timeoutMs?: number | undefined
}

const OPTIONS = {
  key: 'string',
  intervalMs: 'number',
  timeoutMs: 'number',
} as const satisfies Record<keyof PresenceOptions, Allowed>

/**
 * Tells the others something of this page while it is here, and hears the same of them. Nothing is retained; whoever
 * comes later is told by those who are here. Entries outlast a change of host.
 *
 * @param mine Null or JSON: a name, a cursor, what is being typed.
 * @throws BatonError `bad-value` for what is not, `bad-argument` for times that make no sense. `set` throws the same.
 * @example
 * const here = presence(room, { name: 'Ada', cursor: null })
 * here.subscribe((others) => draw([...others.values()]))
 * onpointermove = ({ x, y }) => here.set((mine) => ({ ...mine, cursor: [x, y] }))
 */
export function presence<P>(room: Room, mine: P, options: PresenceOptions = {}): Presence<P> {
  checkRoom('presence', room)
  checkOptions('presence', options, OPTIONS)
  return new PresenceBinding(room, mine, options)
}

class PresenceBinding<P> implements Presence<P> {
  readonly #room: Room
  readonly #key: string
  readonly #board: PresenceBoard<P>
  readonly #listeners: Listeners<ReadonlyMap<PeerId, P>>
  readonly #readiness = new Readiness()
  readonly #offs: (() => void)[] = []
  #isClosed = false
  /** The reign in which messages flow; 0 while none do. */
  #term = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    room: Room,
    mine: P,
    {
      key = 'presence',
      intervalMs = PRESENCE_INTERVAL_MS,
      timeoutMs = PRESENCE_TIMEOUT_MS,
    }: PresenceOptions,
  ) {
    checkTimes(intervalMs, timeoutMs)
    checkMine(mine)
    this.#room = room
    this.#key = key
    this.#board = new PresenceBoard(mine, { intervalMs, timeoutMs }, performance.now())
    this.#listeners = new Listeners(() => this.value)
    if (room.status.status === 'closed') this.#ended()
    else this.#listen()
    ownMembers(this)
  }

  get ready(): Promise<void> {
    return this.#readiness.promise
  }

  get isReady(): boolean {
    return this.#readiness.isReached
  }

  get value(): ReadonlyMap<PeerId, P> {
    return this.#board.value
  }

  get mine(): P {
    return this.#board.mine
  }

  subscribe(listener: (value: ReadonlyMap<PeerId, P>) => void): () => void {
    return this.#isClosed ? () => {} : this.#listeners.add(listener)
  }

  set(next: P | ((current: P) => P)): void {
    const mine = typeof next === 'function' ? (next as (current: P) => P)(this.mine) : next
    checkMine(mine)
    this.#board.set(mine)
    this.#goOn()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const off of this.#offs) off()
    clearTimeout(this.#timer)
    this.#listeners.clear()
    this.#readiness.miss(
      new BatonError(
        'closed',
        'This presence was closed before the others were told of this page.',
      ),
    )
    // In a room that was left meanwhile, this is refused; and everybody knows without it.
    if (this.#room.status.status !== 'closed')
      this.#room.relay(this.#key, leftNote(this.#room.id)).catch(() => {})
  }

  #listen(): void {
    const room = this.#room
    this.#offs.push(
      room.subscribe(this.#key, ({ value }) =>
        this.#feed((nowMs) => this.#board.heard(value, room.id, nowMs)),
      ),
      room.on('peers', (peers) => this.#feed((nowMs) => this.#board.listed(idsOf(peers), nowMs))),
      room.on('host', ({ previousHostId }) =>
        this.#feed(() => {
          if (previousHostId !== null) this.#board.replaced(previousHostId)
        }),
      ),
      room.on('reset', () => this.#feed(() => this.#board.ask())), // what the others told meanwhile is lost
      room.on('status', (status) => this.#statusIs(status)),
    )
    this.#board.listed(idsOf(room.peers), performance.now())
    this.#board.ask()
    this.#statusIs(room.status)
  }

  #statusIs({ status, term }: RoomStatus): void {
    if (status === 'closed') return this.#ended()
    const liveTerm = status === 'live' ? term : 0
    if (liveTerm === this.#term) return this.#goOn()
    this.#term = liveTerm
    this.#feed((nowMs) => (liveTerm === 0 ? this.#board.notLive() : this.#board.live(nowMs)))
  }

  #ended(): void {
    this.#term = 0
    this.#readiness.miss(
      new BatonError(
        'closed',
        'This page left the room before the others were told of it. Join again to be present.',
      ),
    )
    this.#feed(() => this.#board.clear())
  }

  #feed(tell: (nowMs: number) => void): void {
    tell(performance.now())
    this.#goOn()
  }

  /** Tells what is to be told: to the room, to listeners, to the clock. */
  #goOn(): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    if (this.#room.status.status !== 'closed') {
      this.#tell()
      this.#timer = setTimeout(
        () => this.#feed((nowMs) => this.#board.ticked(nowMs)),
        Math.max(0, this.#board.wakeAtMs - performance.now()),
      )
    }
    this.#listeners.tell()
  }

  #tell(): void {
    const value = this.#board.next(this.#room.id)
    if (value === null) return
    const arrived = () => {
      this.#board.arrived()
      this.#goOn()
    }
    this.#room.relay(this.#key, value).then(() => {
      this.#readiness.reach()
      arrived()
    }, arrived) // the next question mends what a refusal left out
  }
}

/** @throws BatonError `bad-value` for what is not null or JSON. */
function checkMine(mine: unknown): void {
  if (mine === undefined)
    throw new BatonError(
      'bad-value',
      'Presence tells null or JSON; what it was given is undefined.',
    )
  encodeValue({ state: mine })
}

/** @throws BatonError `bad-argument` for times that no timer keeps, or that make everyone gone before being asked. */
function checkTimes(intervalMs: number, timeoutMs: number): void {
  if (intervalMs > 0 && timeoutMs > intervalMs && timeoutMs < 2 ** 31) return
  throw new BatonError(
    'bad-argument',
    `Presence needs times with 0 < intervalMs < timeoutMs; they are ${intervalMs} and ${timeoutMs}.`,
  )
}

function idsOf(peers: readonly PeerInfo[]): PeerId[] {
  return peers.map(({ id }) => id)
}
