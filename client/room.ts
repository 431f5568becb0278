// Owns the room as an app sees it: promises, subscriptions and events over the pure peer. It knows nothing
// of links and sockets; a `Connection` puts those beneath it.

import { createNanoEvents } from 'nanoevents'
import { BatonError, type ErrorCode } from '../protocol/errors.ts'
import type { MessageAction } from '../protocol/entry.ts'
import type { PeerId, Seq } from '../protocol/ids.ts'
import { decodeValue, encodeValue, type Value } from '../protocol/value.ts'
import type { Outcome } from '../peer/submission.ts'
import type { PeerOutput } from '../peer/peer-io.ts'
import type { Delivery } from '../peer/session-output.ts'
import type {
  Message,
  PeerInfo,
  Receipt,
  Replayed,
  ReplayQuery,
  Room,
  RoomEvents,
  RoomStatus,
  SubscribeOptions,
} from './api.ts'
import {
  checkEvent,
  checkFoldEnd,
  checkKey,
  checkQuery,
  checkSubscription,
  queriesOf,
  type Query,
} from './argument-checks.ts'
import { AskedReplays } from './asked-replays.ts'
import type { Connection } from './connection.ts'
import { Operations } from './operations.ts'
import { ownMembers } from './own-members.ts'
import { Readiness } from './readiness.ts'
import { isNews, KnownHost, roleOf, statusOf } from './room-status.ts'
import { startOf, Subscriptions, type Listener, type OnReplay } from './subscriptions.ts'

/** Makes the connection of a room; called again when a page comes back from the back/forward cache. */
export type Connect = (room: RoomImpl) => Connection

/** What of a peer's outputs concerns the app; the others are for what carries the room. */
type AppOutput = Exclude<
  PeerOutput,
  { type: 'send' | 'signal' | 'connect' | 'disconnect' | 'retired' }
>

type News<Name extends keyof RoomEvents> = Parameters<RoomEvents[Name]>[0]

export class RoomImpl implements Room {
  readonly token: string
  readonly #readiness = new Readiness()
  readonly #connect: Connect
  readonly #events = createNanoEvents<RoomEvents>()
  readonly #subscriptions = new Subscriptions(
    (key, after, answer) => this.#ask([{ key, after }], (items) => answer(items[0]!.messages)),
    (error) => this.#connection.report(error),
  )
  readonly #host = new KnownHost()
  #connection!: Connection
  #operations!: Operations
  #replays!: AskedReplays
  #peers: readonly PeerInfo[] = []
  #ownRole: 'standby' | 'peer' = 'peer'
  #lastTold: RoomStatus
  /**
   * - `leaving`: the app leaves, and the hand-over is under way.
   * - `away`: the page was left while it held the room, and may come back.
   * - `left`: for good; nothing of the page holds the room any more.
   */
  #whereabouts: 'here' | 'leaving' | 'away' | 'left' = 'here'
  #leaving: Promise<void> | null = null

  constructor(token: string, connect: Connect) {
    this.token = token
    this.#connect = connect
    this.#join()
    this.#lastTold = this.status
    ownMembers(this)
  }

  get ready(): Promise<void> {
    return this.#readiness.promise
  }

  get id(): PeerId {
    return this.#connection.peer.self
  }

  get status(): RoomStatus {
    const { peer } = this.#connection
    const { claim } = peer
    return {
      status: statusOf(peer, this.#isClosed, !this.#host.isNone),
      role: peer.isHosting ? 'host' : this.#ownRole,
      term: claim?.term ?? 0,
      hostId: claim?.host ?? null,
      signaling: peer.signalingUp ? 'connected' : 'disconnected',
      path: claim === null ? null : this.#connection.pathTo(claim.host),
      seq: peer.lastSeq,
      pending: this.#operations.pending,
      persisted: false,
    }
  }

  get peers(): readonly PeerInfo[] {
    return this.#peers
  }

  get latency(): number | null {
    return this.#connection.peer.roundTripMs
  }

  now(): number {
    return this.#connection.now() + (this.#connection.peer.clockOffsetMs ?? 0)
  }

  append(key: string, value: unknown): Promise<Receipt> {
    return this.#submit('append', key, value)
  }

  relay(key: string, value: unknown): Promise<Receipt> {
    return this.#submit('relay', key, value)
  }

  replace(key: string, value: unknown): Promise<Receipt> {
    return this.#submit('replace', key, value)
  }

  compact(key: string, seq: number, value: unknown): Promise<Receipt> {
    return this.#operations.add((ticket) => {
      checkKey(key)
      checkFoldEnd(seq)
      return { type: 'compacted', key, seq: seq as Seq, value: this.#encode(value), ticket }
    })
  }

  replay<T = Message['value']>(
    key: string,
    query?: { readonly after?: number | undefined },
  ): Promise<readonly Message<T>[]>
  replay<T = Message['value']>(queries: readonly ReplayQuery[]): Promise<readonly Replayed<T>[]>
  async replay(
    what: string | readonly ReplayQuery[],
    query: { readonly after?: number | undefined } = {},
  ): Promise<readonly Message[] | readonly Replayed[]> {
    const queries = queriesOf(what, query)
    this.#checkQueries(queries)
    const items = await new Promise<readonly Replayed[]>((answer, reject) =>
      this.#ask(queries, answer, reject),
    )
    return typeof what === 'string' ? items[0]!.messages : items
  }

  subscribe<T = Message['value']>(
    key: string,
    listener: (message: Message<T>) => void,
    options: SubscribeOptions<T> = {},
  ): () => void {
    checkSubscription(listener, options)
    const from = startOf(options)
    this.#checkQueries([{ key, after: from ?? 0 }])
    return this.#subscriptions.add(key, listener as Listener, from, options.onReplay as OnReplay)
  }

  onMessage<T = Message['value']>(listener: (message: Message<T>) => void): () => void {
    return this.#subscriptions.addForAll(listener as Listener)
  }

  on<Name extends keyof RoomEvents>(event: Name, listener: RoomEvents[Name]): () => void {
    checkEvent(event, listener)
    return this.#events.on(event, listener)
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  async #leave(): Promise<void> {
    if (this.#whereabouts === 'here') {
      this.#whereabouts = 'leaving'
      this.#operations.feed()
      await this.#connection.handOver()
    }
    this.#hasLeft()
  }

  // --- what the connection tells ---

  /** One output of the peer. */
  carryOut(output: AppOutput): void {
    switch (output.type) {
      case 'deliver':
        for (const message of output.messages) this.#deliver(message)
        return
      case 'outcome':
        return this.#outcome(output.outcome)
      case 'replayed':
        return this.#replays.answered(output.request, output.items)
      case 'reset':
        this.#operations.giveUpCompactions(output.seq)
        this.#emit('reset', { seq: output.seq, keys: output.keys, reason: output.reason })
        return this.#subscriptions.reset(output.seq, output.keys)
      case 'live':
        return this.#becameLive(output.claim.host, output.claim.term)
      case 'roster':
        return this.#roster(output)
      case 'misbehaved':
        return this.fail(
          'peer-misbehaved',
          `Peer ${output.peer}, the host, sent something that Baton never sends (${output.what}).`,
        )
      case 'grew':
      case 'replaced':
        return // a page's peer is not asked to tell its log
    }
  }

  /** A link opened or closed: peers may be reached in another way than before. */
  linksChanged(): void {
    const peers = this.#peers.map((peer) => ({ ...peer, path: this.#connection.pathTo(peer.id) }))
    if (peers.every(({ path }, i) => path === this.#peers[i]?.path)) return
    this.#peers = peers
    this.#emit('peers', peers)
  }

  /** All that one input brought has been told. */
  inputDone(): void {
    if (this.#isClosed) return // its end is told once
    const before = this.#lastTold
    const now = this.status
    this.#lastTold = now
    this.#host.statusChanged(now, before, this.#connection.now())
    if (isNews(now, before)) this.#emit('status', now)
  }

  fail(code: ErrorCode, message: string): void {
    this.#emitError(new BatonError(code, message))
  }

  /** Nothing can come of this room any more. */
  giveUp(error: BatonError): void {
    this.#endForGood(error)
    this.#emitError(error)
    this.#emit('status', this.status)
  }

  /** The page went away, perhaps into the back/forward cache: to others this was the end of its stay. */
  pageLeft(): void {
    if (this.#whereabouts === 'leaving') return this.#hasLeft()
    this.#whereabouts = 'away'
    this.#end(
      new BatonError(
        'closed',
        'The page was left before this operation was safe. Send it again if it still matters.',
      ),
    )
  }

  /** The page is back: a new join, with the app's subscriptions. A room that the app had left stays left. */
  pageRestored(): void {
    if (this.#whereabouts !== 'away') return
    this.#whereabouts = 'here'
    this.#join()
    // The room may have ended and begun anew: what this page was given says nothing about what stands.
    this.#emit('reset', { seq: 0, keys: 'all', reason: 'rewound' })
    this.#subscriptions.reset(0, 'all')
    this.inputDone()
  }

  // --- inside ---

  #join(): void {
    this.#connection = this.#connect(this)
    this.#operations = new Operations(this.#connection)
    this.#replays = new AskedReplays(this.#connection, (bytes) => this.#decode(bytes))
  }

  get #isClosed(): boolean {
    return this.#whereabouts !== 'here'
  }

  #submit(action: MessageAction, key: string, value: unknown): Promise<Receipt> {
    return this.#operations.add((ticket) => {
      checkKey(key)
      return { type: 'submitted', action, key, value: this.#encode(value), ticket }
    })
  }

  #encode(value: unknown): Uint8Array {
    const bytes = encodeValue(value, this.#operations.values)
    this.#checkOpen('send')
    return bytes
  }

  /** Undefined for bytes that no Baton wrote; the app is told, the room goes on. */
  #decode(bytes: Uint8Array): Value | undefined {
    try {
      return decodeValue(bytes)
    } catch (error) {
      this.fail('peer-misbehaved', `A message could not be read: ${(error as Error).message}`)
      return undefined
    }
  }

  #outcome(outcome: Outcome): void {
    if (outcome.type !== 'conflict') return this.#operations.settle(outcome)
    const { key } = outcome.op
    const value = this.#decode(outcome.op.value)
    if (value !== undefined) this.#emit('conflict', { key, value, reason: outcome.code })
  }

  #ask(
    queries: readonly Query[],
    answer: (items: readonly Replayed[]) => void,
    reject?: (error: BatonError) => void,
  ): void {
    this.#operations.feed() // a replay shows what was sent before it
    this.#replays.ask(queries, answer, reject)
  }

  #deliver({ key, seq, value }: Delivery): void {
    const decoded = this.#decode(value)
    if (decoded !== undefined) this.#subscriptions.deliver({ key, seq, value: decoded })
  }

  #becameLive(hostId: PeerId, term: number): void {
    this.#readiness.reach()
    const change = this.#host.leads(hostId, term, this.#connection.now())
    if (change !== null) this.#emit('host', change)
  }

  #roster({ members, standbys }: Extract<PeerOutput, { type: 'roster' }>): void {
    const host = this.#connection.peer.claim?.host
    this.#peers = members
      .filter(({ peer }) => peer !== this.id)
      .map(({ peer: id }) => ({
        id,
        role: roleOf(id, host, standbys),
        path: this.#connection.pathTo(id),
      }))
    this.#ownRole = standbys.includes(this.id) ? 'standby' : 'peer'
    this.#emit('peers', this.#peers)
  }

  /** As the app wanted. It is told once: the room may have been given up, or gone with its page, meanwhile. */
  #hasLeft(): void {
    if (this.#whereabouts === 'left') return
    this.#endForGood(closedTo('send'))
    this.#emit('status', this.status)
  }

  #endForGood(error: BatonError): void {
    this.#whereabouts = 'left'
    this.#end(error)
    this.#subscriptions.clear()
  }

  #end(error: BatonError): void {
    this.#connection.close(this.#whereabouts === 'away')
    this.#readiness.miss(error)
    this.#operations.end(error)
    this.#replays.end(error)
    this.#peers = []
    this.#lastTold = this.status
  }

  #checkQueries(queries: readonly Query[]): void {
    this.#replays.checkSpace(queries)
    this.#checkOpen('read')
    for (const query of queries) checkQuery(query)
  }

  #checkOpen(purpose: 'send' | 'read'): void {
    if (this.#isClosed) throw closedTo(purpose)
  }

  /** An error that nobody listens to is not to go by in silence. */
  #emitError(error: BatonError): void {
    if (!this.#events.events.error?.length) console.warn(`Baton: ${error.message}`)
    this.#emit('error', error)
  }

  #emit<Name extends keyof RoomEvents>(event: Name, news: News<Name>): void {
    const listeners = this.#events.events[event] as ((news: News<Name>) => void)[] | undefined
    for (const listener of listeners ?? []) {
      try {
        listener(news)
      } catch (error) {
        this.#connection.report(error)
      }
    }
  }
}

function closedTo(purpose: 'send' | 'read'): BatonError {
  return new BatonError('closed', `This page has left the room. Join again to ${purpose}.`)
}
