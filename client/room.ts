// Owns the room as an app sees it: promises, subscriptions and events over the pure peer. It knows nothing
// of links and sockets; `join-room.ts` puts those beneath it.

import { createNanoEvents } from 'nanoevents'
import { BatonError, type ErrorCode } from '../protocol/errors.ts'
import { OUTBOX_OPS_MAX, REPLAY_QUERIES_MAX, REPLAYS_MAX } from '../protocol/limits.ts'
import type { OpId, PeerId, Seq } from '../protocol/ids.ts'
import type { Action } from '../protocol/entry.ts'
import type { ReplayedItem } from '../protocol/frames.ts'
import { decodeValue, encodeValue, type Value } from '../protocol/value.ts'
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
import type { Outcome } from '../peer/outbox.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput, PeerOutput } from '../peer/peer-io.ts'
import type { Delivery } from '../peer/session-output.ts'
import { whyNoKey } from '../protocol/key.ts'
import { REFUSALS } from '../protocol/refusal-sentences.ts'
import { Subscriptions } from './subscriptions.ts'

/** What carries a room: the page's connection to the others, from one join to its end. */
export type Connection = {
  readonly peer: Peer
  feed(input: PeerInput): void
  /** What carries this page's link to a peer; null while there is none. */
  pathTo(peer: PeerId): PeerInfo['path']
  /** Milliseconds of the same clock that the peer is fed with. */
  now(): number
  /** Runs it in a task of its own, once the page has had its turn. */
  later(run: () => void): void
  /** Says goodbye and ends every link. */
  close(): void
  /** Resolves when the room is in other hands, or nobody can take it. */
  handOver(): Promise<void>
}

/** Makes the connection of a room; called again when a page comes back from the back/forward cache. */
export type Connect = (room: RoomImpl) => Connection

type Query = { readonly key: string; readonly after: number }
type Operation = {
  readonly input: Extract<PeerInput, { type: 'submitted' | 'compacted' }>
  readonly waiting: Waiting
}
type Waiting = {
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: BatonError) => void
}

export class RoomImpl implements Room {
  readonly token: string
  readonly ready: Promise<void>
  readonly #connect: Connect
  #connection: Connection
  readonly #events = createNanoEvents<RoomEvents>()
  readonly #subscriptions = new Subscriptions(
    (key, after, answer) => this.#ask([{ key, after }], (items) => answer(items[0]!.messages)),
    (error) => this.#reportAppError(error),
  )
  /** Operations of this turn. */
  #unfed: Operation[] = []
  #feedsInARow = 0
  readonly #receipts = new Map<OpId, Waiting>()
  readonly #replays = new Map<
    number,
    {
      readonly queries: readonly Query[]
      readonly answer: (items: readonly Replayed[]) => void
      readonly reject?: (error: BatonError) => void
    }
  >()
  #requests = 0
  #peers: readonly PeerInfo[] = []
  #role: 'standby' | 'peer' = 'peer'
  #lastTold: RoomStatus
  #settleReady!: { resolve: () => void; reject: (error: BatonError) => void }
  #isClosed = false
  #leaving: Promise<void> | null = null
  /** The page was left while it held the room. */
  #isAway = false
  /** Since when this page has been without a host; null while it has one. */
  #hostlessSinceMs: number | null = null
  #hostId: PeerId | null = null

  constructor(token: string, connect: Connect) {
    this.token = token
    this.ready = new Promise((resolve, reject) => (this.#settleReady = { resolve, reject }))
    this.ready.catch(() => {}) // an app that never looks at `ready` must not see an unhandled rejection
    this.#connect = connect
    this.#connection = connect(this)
    this.#lastTold = this.status
  }

  get id(): PeerId {
    return this.#connection.peer.self
  }

  get status(): RoomStatus {
    const { peer } = this.#connection
    const claim = peer.claim
    const wasLive = this.#hostId !== null
    const status = this.#isClosed
      ? 'closed'
      : peer.isLive
        ? 'live'
        : peer.isCutOff
          ? 'offline'
          : wasLive
            ? 'migrating'
            : 'connecting'
    return {
      status,
      role: peer.isHosting ? 'host' : this.#role,
      term: claim?.term ?? 0,
      hostId: claim?.host ?? null,
      signaling: peer.signalingUp ? 'connected' : 'disconnected',
      path: claim === null ? null : this.#connection.pathTo(claim.host),
      seq: peer.lastSeq,
      pending: peer.pending + this.#unfed.length,
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

  append(key: string, value: Value): Promise<Receipt> {
    return this.#submit('append', key, value)
  }

  relay(key: string, value: Value): Promise<Receipt> {
    return this.#submit('relay', key, value)
  }

  replace(key: string, value: Value): Promise<Receipt> {
    return this.#submit('replace', key, value)
  }

  compact(key: string, seq: number, value: Value): Promise<Receipt> {
    return this.#submit('compact', key, value, seq)
  }

  replay(key: string, query?: { readonly after?: number }): Promise<readonly Message[]>
  replay(queries: readonly ReplayQuery[]): Promise<readonly Replayed[]>
  async replay(
    what: string | readonly ReplayQuery[],
    query: { readonly after?: number } = {},
  ): Promise<readonly Message[] | readonly Replayed[]> {
    const isOne = typeof what === 'string'
    const queries = isOne
      ? [{ key: what, after: query.after ?? 0 }]
      : what.map(({ key, after = 0 }) => ({ key, after }))
    this.#checkQueries(queries)
    const items = await new Promise<readonly Replayed[]>((answer, reject) =>
      this.#ask(queries, answer, reject),
    )
    return isOne ? items[0]!.messages : items
  }

  subscribe(
    key: string,
    listener: (message: Message) => void,
    { replay = false, after, onReplay }: SubscribeOptions = {},
  ): () => void {
    const from = after ?? (replay || onReplay !== undefined ? 0 : null)
    this.#checkQueries([{ key, after: from ?? 0 }])
    return this.#subscriptions.add(key, listener, from, onReplay)
  }

  onMessage(listener: (message: Message) => void): () => void {
    return this.#subscriptions.addForAll(listener)
  }

  on<Name extends keyof RoomEvents>(event: Name, listener: RoomEvents[Name]): () => void {
    return this.#events.on(event, listener)
  }

  leave(): Promise<void> {
    return (this.#leaving ??= this.#leave())
  }

  async #leave(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#feedOperations()
    await this.#connection.handOver()
    this.#end(new BatonError('closed', 'This page has left the room. Join again to send.'))
    this.#emit('status', this.status)
    this.#subscriptions.clear()
  }

  // --- what the connection tells ---

  /** One output of the peer that concerns the app. */
  took(output: PeerOutput): void {
    switch (output.type) {
      case 'deliver':
        for (const message of output.messages) this.#deliver(message)
        return
      case 'outcome':
        return this.#settle(output.outcome)
      case 'replayed': {
        const replay = this.#replays.get(output.request)
        this.#replays.delete(output.request)
        return replay?.answer(replay.queries.map((query) => this.#messagesOf(query, output.items)))
      }
      case 'reset':
        this.#giveUpCompactions(output.seq)
        this.#emit('reset', { seq: output.seq, keys: output.keys, reason: output.reason })
        return this.#subscriptions.reset(output.seq, output.keys)
      case 'live':
        return this.#becameLive(output.claim.host, output.claim.term)
      case 'roster':
        this.#peers = output.members
          .filter(({ peer }) => peer !== this.id)
          .map(({ peer }) => ({
            id: peer,
            role:
              peer === this.#connection.peer.claim?.host
                ? 'host'
                : output.standbys.includes(peer)
                  ? 'standby'
                  : 'peer',
            path: this.#connection.pathTo(peer),
          }))
        this.#role = output.standbys.includes(this.id) ? 'standby' : 'peer'
        return this.#emit('peers', this.#peers)
      case 'misbehaved':
        return this.fail(
          'peer-misbehaved',
          `Peer ${output.peer} hosts the room and sent what no Baton sends (${output.what}).`,
        )
      case 'retired':
      case 'send':
      case 'signal':
      case 'connect':
      case 'disconnect':
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
  settled(): void {
    const status = this.status
    const before = this.#lastTold
    const isLive = status.status === 'live'
    if (!isLive && before.status === 'live') this.#hostlessSinceMs ??= this.#connection.now()
    if (isLive) this.#hostlessSinceMs = null
    this.#lastTold = status
    if (
      status.status !== before.status ||
      status.role !== before.role ||
      status.term !== before.term ||
      status.hostId !== before.hostId ||
      status.signaling !== before.signaling ||
      status.path !== before.path
    ) {
      this.#emit('status', status)
    }
  }

  fail(code: ErrorCode, message: string): void {
    this.#emit('error', new BatonError(code, message))
  }

  /** Nothing can come of this room any more. */
  giveUp(error: BatonError): void {
    this.#isClosed = true
    this.#end(error)
    this.#emit('error', error)
    this.#emit('status', this.status)
  }

  /** The page went away, perhaps into the back/forward cache: this was the end of the room as others saw it. */
  pageLeft(): void {
    this.#isClosed = true
    this.#isAway = true
    this.#end(
      new BatonError(
        'closed',
        'The page was left before this operation was safe. Send it again if it still matters.',
      ),
    )
  }

  /** The page is back: a new join, with the app's subscriptions. A room that the app had left stays left. */
  pageRestored(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#isClosed = false
    this.#connection = this.#connect(this)
    // Meanwhile the room may have ended and begun anew: what this page was given says nothing about what stands.
    this.#emit('reset', { seq: 0, keys: 'all', reason: 'rewound' })
    this.#subscriptions.reset(0, 'all')
    this.settled()
  }

  // --- inside ---

  #submit(action: Action, key: string, value: Value, seq = 0): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      checkKey(key)
      if (action === 'compact' && !(Number.isSafeInteger(seq) && seq >= 1))
        throw new BatonError(
          'compact-out-of-range',
          `A compaction folds up to a seq from 1 on; ${seq} is none.`,
        )
      const bytes = encodeValue(value)
      if (this.#isClosed)
        throw new BatonError('closed', 'This page has left the room. Join again to send.')
      const { peer } = this.#connection
      if (peer.outboxIsFull || this.#unfed.length >= OUTBOX_OPS_MAX)
        throw new BatonError(
          'queue-full',
          `${peer.pending} operations of this page wait for the room already. Wait for some of their receipts, then send on.`,
        )
      if (this.#unfed.length === 0) this.#feedSoon()
      const input =
        action === 'compact'
          ? ({ type: 'compacted', key, seq: seq as Seq, value: bytes } as const)
          : ({ type: 'submitted', action, key, value: bytes } as const)
      this.#unfed.push({ input, waiting: { resolve, reject } })
    })
  }

  /**
   * At the end of the app's turn. A host without standbys has its receipt at once: a loop that awaits one after the
   * other would leave its page no time for anything else, so now and then it waits for a task.
   */
  #feedSoon(): void {
    if (++this.#feedsInARow < FEEDS_IN_A_ROW) return queueMicrotask(() => this.#feedOperations())
    this.#feedsInARow = 0
    this.#connection.later(() => this.#feedOperations())
  }

  /** What one turn of the app sends travels, and is ordered, as one batch. */
  #feedOperations(): void {
    const operations = this.#unfed
    this.#unfed = []
    operations.forEach(({ input, waiting }, i) => {
      this.#receipts.set(this.#connection.peer.nextOpId, waiting)
      this.#connection.feed({ ...input, more: i < operations.length - 1 })
    })
  }

  /** Compactions that have not gone out yet, of messages that stand no longer: the host would take them for the ones that do. */
  #giveUpCompactions(afterSeq: number): void {
    const isOutdated = ({ input }: Operation) => input.type === 'compacted' && input.seq > afterSeq
    const outdated = this.#unfed.filter(isOutdated)
    this.#unfed = this.#unfed.filter((operation) => !isOutdated(operation))
    for (const { waiting } of outdated)
      waiting.reject(new BatonError('compact-outdated', REFUSALS['compact-outdated']))
  }

  #settle(outcome: Outcome): void {
    if (outcome.type === 'conflict') {
      const value = this.#decode(outcome.op.value)
      return value === undefined
        ? undefined
        : this.#emit('conflict', { key: outcome.op.key, value, reason: outcome.code })
    }
    const waiting = this.#receipts.get(outcome.opId)
    this.#receipts.delete(outcome.opId)
    if (outcome.type === 'settled') waiting?.resolve({ seq: outcome.seq })
    else waiting?.reject(new BatonError(outcome.code, REFUSALS[outcome.code]))
  }

  #ask(
    queries: readonly Query[],
    answer: (items: readonly Replayed[]) => void,
    reject?: (error: BatonError) => void,
  ): void {
    this.#feedOperations() // a replay shows what was sent before it
    const request = ++this.#requests
    this.#replays.set(
      request,
      reject === undefined ? { queries, answer } : { queries, answer, reject },
    )
    this.#connection.feed({ type: 'replay-asked', request, queries })
  }

  #deliver({ key, seq, value }: Delivery): void {
    const decoded = this.#decode(value)
    if (decoded !== undefined) this.#subscriptions.deliver({ key, seq, value: decoded })
  }

  #messagesOf({ key, after }: Query, items: readonly ReplayedItem[]): Replayed {
    const messages: Message[] = []
    for (const { seqs, ends, bytes } of items.filter((item) => item.key === key)) {
      seqs.forEach((seq, i) => {
        const value =
          seq > after ? this.#decode(bytes.subarray(ends[i - 1] ?? 0, ends[i])) : undefined
        if (value !== undefined) messages.push({ key, seq, value })
      })
    }
    return { key, messages }
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

  #becameLive(hostId: PeerId, term: number): void {
    this.#settleReady.resolve()
    if (hostId === this.#hostId) return
    const previousHostId = this.#hostId
    this.#hostId = hostId
    this.#emit('host', {
      hostId,
      term,
      previousHostId,
      gapMs: this.#hostlessSinceMs === null ? 0 : this.#connection.now() - this.#hostlessSinceMs,
    })
  }

  #end(error: BatonError): void {
    for (const { waiting } of this.#unfed) waiting.reject(error)
    this.#unfed = []
    this.#connection.close()
    this.#settleReady.reject(error)
    for (const { reject } of this.#receipts.values()) reject(error)
    this.#receipts.clear()
    for (const { reject } of this.#replays.values()) reject?.(error)
    this.#replays.clear()
    this.#peers = []
    this.#lastTold = this.status
  }

  #checkQueries(queries: readonly Query[]): void {
    if (queries.length > REPLAY_QUERIES_MAX)
      throw new BatonError(
        'bad-argument',
        `A replay answers at most ${REPLAY_QUERIES_MAX} keys at once; this one asks for ${queries.length}.`,
      )
    if (this.#replays.size >= REPLAYS_MAX)
      throw new BatonError(
        'queue-full',
        `${this.#replays.size} replays of this page wait for an answer already. Ask for several keys in one, or wait.`,
      )
    if (this.#isClosed)
      throw new BatonError('closed', 'This page has left the room. Join again to read.')
    for (const { key, after } of queries) {
      checkKey(key)
      if (!(Number.isSafeInteger(after) && after >= 0))
        throw new BatonError('bad-argument', `\`after\` is a seq from 0 on; ${after} is none.`)
    }
  }

  #emit<Name extends keyof RoomEvents>(event: Name, ...args: Parameters<RoomEvents[Name]>): void {
    for (const listener of this.#events.events[event] ?? []) {
      try {
        ;(listener as (...args: Parameters<RoomEvents[Name]>) => void)(...args)
      } catch (error) {
        this.#reportAppError(error)
      }
    }
  }

  /** As the browser does with an exception in an event listener: reported, and nobody else is disturbed. */
  #reportAppError(error: unknown): void {
    reportError(error)
  }
}

/** A few milliseconds' worth: what a page does not notice. */
const FEEDS_IN_A_ROW = 256

/** @throws BatonError `bad-argument` or `key-too-long` for what can be no key. */
function checkKey(key: unknown): void {
  if (typeof key !== 'string')
    throw new BatonError('bad-argument', `A key is a string; this one is of type ${typeof key}.`)
  const refusal = whyNoKey(key)
  if (refusal !== null) throw new BatonError(refusal.code, refusal.message)
}
