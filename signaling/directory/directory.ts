// Owns the introduction service as a state machine: which connection is who, in which room, and since when it has been
// silent. Knows no clock, no socket and no frame; the Node service and the simulation run this same code.

import { assert } from '../../protocol/errors.ts'
import type { PeerId, Topic } from '../../protocol/ids.ts'
import { PROTOCOL_VERSION } from '../../protocol/limits.ts'
import type { SignalingErrorCode, ToSignaling } from '../../protocol/signals.ts'
import { AddressRate } from './address-rate.ts'
import type { Moment } from './claims.ts'
import { Deadlines } from './deadlines.ts'
import type { ConnectionId, DirectoryInput, DirectoryOutput, Send } from './directory-io.ts'
import { DEFAULT_LIMITS, type Limits } from './service-limits.ts'
import { MassDrop } from './mass-drop.ts'
import { CLOSE_NORMAL, REFUSALS, refusal } from './refusals.ts'
import { TopicRoom } from './topic-room.ts'

type Join = Extract<ToSignaling, { readonly type: 'join' }>
type Membership = { readonly topic: Topic; readonly room: TopicRoom; readonly peer: PeerId }
/** `membership`: null until the connection has joined. */
type Connection = { readonly address: string; readonly membership: Membership | null }

/**
 * @example
 * const directory = new Directory(nowMs, { restartGraceMs: 0 })
 * directory.handle({ type: 'opened', connection: 1, address: '10.0.0.7' }, nowMs)
 * for (const output of directory.handle({ type: 'received', connection: 1, message: join }, nowMs)) carryOut(output)
 * wakeAt(directory.nextWakeAt()) // then: directory.handle({ type: 'ticked' }, nowMs)
 */
export class Directory {
  readonly #startedAtMs: number
  readonly #limits: Limits
  readonly #connections = new Map<ConnectionId, Connection>()
  readonly #rooms = new Map<Topic, TopicRoom>()
  /** Rooms that hold a claim back. */
  readonly #contested = new Set<TopicRoom>()
  /** Connections that have not joined, and must. */
  readonly #newcomers: Deadlines<ConnectionId>
  /** Connections that have joined, and must say something. */
  readonly #joined: Deadlines<ConnectionId>
  /** Empty rooms whose host's socket just closed. Forgotten at once, they would fall to the next newcomer. */
  readonly #deserted: Deadlines<Topic>
  readonly #joinRate: AddressRate
  readonly #roomRate: AddressRate
  readonly #massDrop: MassDrop
  readonly #send: Send = (connection, message) => {
    this.#outputs.push({ type: 'send', connection, message })
  }
  #outputs: DirectoryOutput[] = []

  constructor(startedAtMs: number, limits: Partial<Limits> = {}) {
    this.#startedAtMs = startedAtMs
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    this.#newcomers = new Deadlines(this.#limits.joinTimeoutMs)
    this.#joined = new Deadlines(this.#limits.idleTimeoutMs)
    this.#deserted = new Deadlines(this.#limits.newcomerWaitMs)
    this.#joinRate = new AddressRate(this.#limits.joinsPerAddressPerMinuteMax)
    this.#roomRate = new AddressRate(this.#limits.roomsPerAddressPerMinuteMax)
    this.#massDrop = new MassDrop(this.#limits.massDropWaitMs)
  }

  /** Rooms with somebody in them. */
  get rooms(): number {
    return this.#rooms.size - this.#deserted.size
  }

  /** Connections that have joined. */
  get peers(): number {
    return this.#joined.size
  }

  /** Inputs come, and outputs are carried out, in order. Milliseconds are whole and never go back. */
  handle(input: DirectoryInput, nowMs: number): DirectoryOutput[] {
    this.#outputs = []
    this.#happened(input, nowMs)
    return this.#outputs
  }

  /** When to send `ticked`, at the latest; sooner does no harm. */
  nextWakeAt(): number | null {
    const judgeAtMs = Array.from(this.#contested, (room) => room.judgeAtMs())
    const atMs = Math.min(
      this.#newcomers.nextAtMs(),
      this.#joined.nextAtMs(),
      this.#deserted.nextAtMs(),
      ...judgeAtMs,
    )
    return atMs === Infinity ? null : atMs
  }

  #happened(input: DirectoryInput, nowMs: number): void {
    switch (input.type) {
      case 'opened':
        assert(!this.#connections.has(input.connection), 'a connection was opened twice')
        this.#connections.set(input.connection, { address: input.address, membership: null })
        return this.#newcomers.restart(input.connection, nowMs)
      case 'received':
        return this.#receive(input.connection, input.message, nowMs)
      case 'closed':
        // Counted first: this very loss may show that all of them are the service's own fault.
        if (this.#connections.get(input.connection)?.membership)
          this.#massDrop.dropped(this.peers - 1, nowMs)
        return this.#forget(input.connection, 'closed', nowMs)
      case 'ticked':
        return this.#tick(nowMs)
    }
  }

  #tick(nowMs: number): void {
    const idle = [...this.#newcomers.due(nowMs), ...this.#joined.due(nowMs)]
    for (const connection of idle) this.#dismiss(connection, 'idle', nowMs)
    for (const topic of this.#deserted.due(nowMs)) {
      this.#deserted.cancel(topic)
      this.#rooms.delete(topic)
    }
    for (const room of this.#contested) {
      room.judgeClaims(this.#moment(nowMs))
      this.#track(room)
    }
  }

  #receive(id: ConnectionId, message: ToSignaling, nowMs: number): void {
    const connection = this.#connections.get(id)
    if (connection === undefined) return // dismissed; what it sent before it knew still arrives
    const { membership } = connection
    if (message.type === 'join' && membership === null)
      return this.#join(id, connection, message, nowMs)
    if (message.type === 'join' || membership === null) return this.#refuse(id, 'bad-state')
    this.#joined.restart(id, nowMs)
    switch (message.type) {
      case 'heartbeat':
        return this.#send(id, { type: 'heartbeat' })
      case 'bye':
        this.#forget(id, 'bye', nowMs)
        return this.#close(id, CLOSE_NORMAL, 'bye')
      case 'signal':
      case 'relay':
      case 'claim':
      case 'suspect':
      case 'yield':
      case 'alive':
      case 'know':
      case 'ask':
        membership.room.receive(membership.peer, message, this.#moment(nowMs))
        return this.#track(membership.room)
    }
  }

  #join(id: ConnectionId, { address }: Connection, join: Join, nowMs: number): void {
    const why = this.#whyNotJoin(join, address, nowMs)
    if (why !== null) return this.#dismiss(id, why, nowMs)
    const { topic, peer } = join
    const room = this.#rooms.get(topic) ?? new TopicRoom(this.#limits, this.#send)
    this.#rooms.set(topic, room)
    this.#deserted.cancel(topic)
    this.#connections.set(id, { address, membership: { topic, room, peer } })
    this.#newcomers.cancel(id)
    this.#joined.restart(id, nowMs)
    const replaced = room.join(peer, id, join, this.#moment(nowMs))
    this.#track(room)
    if (replaced === null) return
    this.#connections.delete(replaced)
    this.#joined.cancel(replaced)
    this.#refuse(replaced, 'replaced')
  }

  #whyNotJoin(
    { version, topic, peer }: Join,
    address: string,
    nowMs: number,
  ): SignalingErrorCode | null {
    if (version !== PROTOCOL_VERSION) return 'version'
    if (!this.#joinRate.admits(address, nowMs)) return 'too-many-joins'
    const room = this.#rooms.get(topic)
    if (room === undefined && !this.#mayBegin(address, nowMs)) return 'too-many-rooms'
    if (room?.has(peer) === true) return null // only its connection changes
    const size = room?.size ?? 0
    return size < this.#limits.peersPerRoomMax ? null : 'room-full'
  }

  /** Whether one more room may begin, from that address; counts it. */
  #mayBegin(address: string, nowMs: number): boolean {
    return this.#rooms.size < this.#limits.roomsMax && this.#roomRate.admits(address, nowMs)
  }

  /** Ends a connection of ours: says why, closes it, and tells its room. */
  #dismiss(id: ConnectionId, code: SignalingErrorCode, nowMs: number): void {
    this.#refuse(id, code)
    this.#forget(id, 'closed', nowMs)
  }

  #forget(id: ConnectionId, why: 'closed' | 'bye', nowMs: number): void {
    const membership = this.#connections.get(id)?.membership
    this.#connections.delete(id)
    this.#newcomers.cancel(id)
    this.#joined.cancel(id)
    if (!membership) return
    const { topic, room, peer } = membership
    room.leave(peer, why, this.#moment(nowMs))
    if (room.size === 0) this.#endRoom(topic, room, nowMs)
    this.#track(room)
  }

  #endRoom(topic: Topic, room: TopicRoom, nowMs: number): void {
    if (room.staysEmpty(nowMs)) this.#deserted.restart(topic, nowMs)
    else this.#rooms.delete(topic)
  }

  #track(room: TopicRoom): void {
    if (room.judgeAtMs() === Infinity) this.#contested.delete(room)
    else this.#contested.add(room)
  }

  #moment(nowMs: number): Moment {
    return {
      nowMs,
      graceUntilMs: this.#startedAtMs + this.#limits.restartGraceMs,
      massDropUntilMs: this.#massDrop.untilMs,
    }
  }

  #refuse(connection: ConnectionId, code: SignalingErrorCode): void {
    this.#send(connection, refusal(code))
    const { closeCode } = REFUSALS[code]
    if (closeCode !== null) this.#close(connection, closeCode, code)
  }

  #close(connection: ConnectionId, code: number, reason: string): void {
    this.#outputs.push({ type: 'close', connection, code, reason })
  }
}
