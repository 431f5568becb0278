// Owns the translation between DriftDB's clients and one room: what each client is told of the log, in which order,
// and what its messages come to. All clients of a room share one peer, whose log they are told entry by entry. Pure:
// entries of the log and messages of clients in, orders out.

import { Engine } from '../../replica/engine.ts'
import { assert } from '../../protocol/errors.ts'
import type { Entry } from '../../protocol/entry.ts'
import type { Seq } from '../../protocol/ids.ts'
import { decodeValue, encodeValue, type Value } from '../../protocol/value.ts'
import { REFUSAL_SENTENCES } from '../../protocol/refusal-sentences.ts'
import type { PeerOutput } from '../../peer/peer-io.ts'
import type { Outcome, Submitted, Ticket } from '../../peer/submission.ts'
import { ClientQueue, type Heard, type Said } from './client-queue.ts'
import type { DriftAction, FromRoom, InitItem, ToRoom } from './drift-messages.ts'
import {
  CLIENT_QUEUE_BYTES_MAX,
  CLIENT_QUEUE_MAX,
  CLIENT_QUEUE_RESUME,
  ROOM_QUEUE_BYTES_MAX,
} from './gateway-limits.ts'

export type ClientId = number

/** Entries that came into the log, and by index the tickets of those that clients pushed. */
export type LogGrowth = Pick<Extract<PeerOutput, { type: 'grew' }>, 'entries' | 'own'>

/**
 * `live` hears every message. `debug` hears whole streams, after each change. `request` says one message, and hears
 * its answer.
 */
export type ClientKind = 'live' | 'debug' | 'request'

export type GatewayOutput =
  | { readonly type: 'tell'; readonly to: readonly ClientId[]; readonly message: FromRoom }
  /** An op for this room's peer. */
  | { readonly type: 'submit'; readonly ticket: Ticket; readonly op: Submitted }
  /** Read nothing more from this client for now, or go on. */
  | { readonly type: 'hold' | 'go-on'; readonly client: ClientId }
  /** All that this request comes to has been told. */
  | { readonly type: 'done'; readonly client: ClientId }

type Client = {
  readonly id: ClientId
  readonly kind: ClientKind
  readonly queue: ClientQueue
  isHeld: boolean
}

const NOTHING = new Uint8Array(0)

export class GatewayRoom {
  readonly #clients = new Map<ClientId, Client>()
  readonly #clientByTicket = new Map<Ticket, Client>()
  #lastTicket = 0
  /** Bytes of the values in all queues. */
  #queuedBytes = 0
  /** The room's streams, as of the last entry folded; null while the peer has not got them. */
  #streams: Engine | null = null
  /** Their sizes as of the entry being folded: the same streams with empty values. */
  #sizes = new Engine()
  /** Ops whose entries came while the streams were not there. */
  #placedUnseen: Ticket[] = []
  /** What clients were told up to this seq stands, and the rest is told anew; null while nothing is amiss. */
  #rewoundTo: number | null = null
  #outputs: GatewayOutput[] = []

  /** Whether this room can answer. */
  get isReady(): boolean {
    return this.#streams !== null
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Bytes of all values that the room retains, as far as they are known here. */
  get retainedBytes(): number {
    return this.#streams?.retainedBytes ?? 0
  }

  opened(id: ClientId, kind: ClientKind): GatewayOutput[] {
    this.#clients.set(id, { id, kind, queue: new ClientQueue(), isHeld: false })
    if (kind === 'debug') this.#showAll([id])
    return this.#drain()
  }

  /** What it pushed goes on its way all the same. */
  closed(id: ClientId): GatewayOutput[] {
    const client = this.#clients.get(id)
    if (client === undefined) return []
    this.#clients.delete(id)
    // What waits behind a get was said, too. The gets themselves have nobody to answer any more.
    for (const said of client.queue.drainWaiting())
      if (said.type === 'push') this.#submit(client, said.op)
    return this.#drain()
  }

  /** A client said something. */
  received(id: ClientId, said: Said): GatewayOutput[] {
    const client = this.#clients.get(id)
    if (client === undefined) return []
    const heard = said.type === 'push' ? pushOf(said) : said
    if (heard.type === 'push') this.#count(client, heard.op.value.length)
    this.#hear(client, heard)
    this.#answerWaiting(client)
    return this.#drain()
  }

  /** The log went on. */
  grew({ entries, own }: LogGrowth): GatewayOutput[] {
    const changed = new Set<string>()
    for (const entry of entries) {
      const ticket = own.get(entry.index)
      if (this.#streams !== null) this.#fold(entry, changed)
      if (ticket !== undefined) this.#cameIn(ticket, entry)
    }
    this.#answerAllWaiting(changed)
    return this.#drain()
  }

  /** The streams are there, as of the last entry: for the first time, or again after a reset. */
  ready(streams: Engine): GatewayOutput[] {
    this.#streams = streams
    this.#sizes = sizesOf(streams)
    const debug = this.#idsOf('debug')
    if (this.#rewoundTo !== null) this.#tellAnew(this.#rewoundTo)
    else if (debug.length > 0) this.#showAll(debug)
    this.#rewoundTo = null
    for (const ticket of this.#placedUnseen.splice(0)) this.#placed(ticket)
    this.#answerAllWaiting([])
    return this.#drain()
  }

  /** Messages after `seq` no longer stand, or some were missed. What stands is told once the streams are there. */
  reset(seq: number): GatewayOutput[] {
    this.#streams = null
    this.#rewoundTo = Math.min(seq, this.#rewoundTo ?? Infinity)
    const message =
      `The room was cut off and has come back: messages after ${seq} may be missing or have been renumbered. ` +
      'Those that stand follow as "init".'
    this.#tell(this.#listeners, { type: 'error', message })
    return this.#drain()
  }

  /** What became of an op, where no entry here has told it. */
  outcome(outcome: Outcome): GatewayOutput[] {
    switch (outcome.type) {
      case 'settled':
        if (this.#streams === null) this.#placedUnseen.push(outcome.ticket)
        else this.#placed(outcome.ticket)
        break
      case 'refused':
        this.#placed(outcome.ticket, REFUSAL_SENTENCES[outcome.code])
        break
      case 'conflict':
    }
    this.#answerAllWaiting([])
    return this.#drain()
  }

  // --- what clients say ---

  #hear(client: Client, said: Heard): void {
    const { queue } = client
    if (queue.isWaiting) return queue.wait(said)
    switch (said.type) {
      case 'push':
        return this.#submit(client, said.op)
      case 'get':
        if (queue.isInFlight || this.#streams === null) return queue.wait(said)
        if (said.seq !== null) this.#tell([client.id], this.#initOf(said.key, said.seq))
        return
      case 'ping':
        return this.#answer(client, { type: 'pong', nonce: said.nonce })
      case 'error':
        return this.#answer(client, said)
    }
  }

  #answer(client: Client, message: FromRoom): void {
    if (client.queue.isInFlight) client.queue.answerLater(message)
    else this.#tell([client.id], message)
  }

  #submit(client: Client, op: Submitted): void {
    this.#lastTicket += 1
    const ticket = this.#lastTicket
    client.queue.submitted(ticket, op)
    this.#clientByTicket.set(ticket, client)
    this.#outputs.push({ type: 'submit', ticket, op })
  }

  #count(client: Client, bytes: number): void {
    client.queue.bytes += bytes
    this.#queuedBytes += bytes
  }

  // --- what the log says ---

  #fold(entry: Entry, changed: Set<string>): void {
    switch (entry.type) {
      case 'message': {
        const { action, key, value } = entry.op
        this.#sizes.push({ ...entry.op, value: NOTHING }, entry.seq)
        this.#deliver(key, entry.seq, value, action === 'relay')
        if (action !== 'relay') changed.add(key)
        break
      }
      case 'compaction':
        if (this.#sizes.compact({ ...entry.op, value: NOTHING })) changed.add(entry.op.key)
        break
      case 'refusal':
      case 'reign':
      case 'in-sync':
    }
  }

  /** An op of a client stands in the log. What is retained then is known with the streams only. */
  #cameIn(ticket: Ticket, entry: Entry): void {
    if (entry.type === 'refusal') this.#placed(ticket, REFUSAL_SENTENCES[entry.code])
    else if (this.#streams === null) this.#placedUnseen.push(ticket)
    else this.#placed(ticket)
  }

  #deliver(key: string, seq: number, bytes: Uint8Array, isRelay: boolean): void {
    const to = isRelay ? this.#listeners : this.#idsOf('live')
    const value = to.length === 0 ? undefined : readable(bytes)
    if (value !== undefined) this.#tell(to, { type: 'push', key, value, seq })
  }

  /** An op stands in the log, or was refused: its client is told so, and the answers behind that op. */
  #placed(ticket: Ticket, refusal: string | null = null): void {
    const client = this.#clientByTicket.get(ticket)
    if (client === undefined) return
    this.#clientByTicket.delete(ticket)
    const op = client.queue.placed(ticket)
    assert(op !== null, 'a client has an op that is not in its queue')
    const { key, value } = op
    this.#count(client, -value.length)
    const size = this.#sizes.size(key)
    if (refusal !== null) this.#tell([client.id], { type: 'error', message: refusal })
    else if (size > 1) this.#tell([client.id], { type: 'stream_size', key, size })
    for (const answer of client.queue.drainAnswers()) this.#tell([client.id], answer)
  }

  /** After a batch of entries: the streams are as the log says, and what waited for that is answered. */
  #answerAllWaiting(changed: Iterable<string>): void {
    const debug = this.#idsOf('debug')
    if (debug.length > 0) for (const key of changed) this.#tell(debug, this.#initOf(key, 0))
    for (const client of [...this.#clients.values()]) this.#answerWaiting(client)
  }

  #answerWaiting(client: Client): void {
    const { id, kind, queue } = client
    if (!queue.isInFlight && this.#streams !== null)
      for (const said of queue.drainWaiting()) this.#hear(client, said)
    if (kind === 'request' && queue.length === 0) this.#outputs.push({ type: 'done', client: id })
    this.#pace(client)
  }

  /** Holds a client that is too fast, until the room has caught up with it. */
  #pace(client: Client): void {
    const { length } = client.queue
    const isFull = this.#isFull(client)
    if (!client.isHeld && isFull) return this.#hold(client, true)
    const hasCaughtUp = !isFull && length <= CLIENT_QUEUE_RESUME
    if (client.isHeld && hasCaughtUp) this.#hold(client, false)
  }

  #isFull({ queue }: Client): boolean {
    if (queue.length >= CLIENT_QUEUE_MAX || queue.bytes >= CLIENT_QUEUE_BYTES_MAX) return true
    return queue.length > 0 && this.#queuedBytes >= ROOM_QUEUE_BYTES_MAX
  }

  #hold(client: Client, isHeld: boolean): void {
    client.isHeld = isHeld
    this.#outputs.push({ type: isHeld ? 'hold' : 'go-on', client: client.id })
  }

  // --- streams ---

  #initOf(key: string, after: number): FromRoom {
    return { type: 'init', key, data: this.#itemsOf(key, after) }
  }

  #itemsOf(key: string, after: number): InitItem[] {
    const run = this.#streams?.replay(key, after)
    if (!run) return []
    const items: InitItem[] = []
    let start = 0
    for (const [i, seq] of run.seqs.entries()) {
      const end = run.ends[i]!
      const value = readable(run.bytes.subarray(start, end))
      if (value !== undefined) items.push({ value, seq })
      start = end
    }
    return items
  }

  #showAll(to: readonly ClientId[]): void {
    for (const key of this.#streams?.keys ?? []) this.#tell(to, this.#initOf(key, 0))
  }

  #tellAnew(after: number): void {
    for (const key of this.#streams!.keys) {
      const data = this.#itemsOf(key, after)
      if (data.length > 0) this.#tell(this.#idsOf('live'), { type: 'init', key, data })
    }
    this.#showAll(this.#idsOf('debug'))
  }

  /** Those that hear of more than what they ask. */
  get #listeners(): ClientId[] {
    return [...this.#idsOf('live'), ...this.#idsOf('debug')]
  }

  #idsOf(kind: ClientKind): ClientId[] {
    return Array.from(this.#clients.values())
      .filter((client) => client.kind === kind)
      .map(({ id }) => id)
  }

  #tell(to: readonly ClientId[], message: FromRoom): void {
    if (to.length > 0) this.#outputs.push({ type: 'tell', to, message })
  }

  #drain(): GatewayOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}

/** The op that a push asks for, or the error that says why there is none. */
function pushOf({ key, value, action }: Extract<ToRoom, { type: 'push' }>): Heard {
  try {
    return { type: 'push', op: opOf(key, action, encodeValue(value)) }
  } catch (error) {
    return { type: 'error', message: (error as Error).message }
  }
}

function opOf(key: string, action: DriftAction, value: Uint8Array): Submitted {
  if (action.type === 'compact') return { type: 'compacted', key, seq: action.seq as Seq, value }
  return { type: 'submitted', action: action.type, key, value }
}

/** Undefined for bytes that no Baton wrote: a member can send them, and there is nothing to tell of them. */
function readable(bytes: Uint8Array): Value | undefined {
  try {
    return decodeValue(bytes)
  } catch {
    return undefined // as a page drops it
  }
}

function sizesOf(streams: Engine): Engine {
  const sizes = new Engine()
  for (const key of streams.keys)
    for (const message of streams.messages(key, 0))
      sizes.restore(key, { ...message, value: NOTHING })
  sizes.restoreCounter(streams.lastSeq)
  return sizes
}
