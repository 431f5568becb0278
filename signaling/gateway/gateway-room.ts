// Owns the translation between DriftDB's clients and one room: what each client is told of the log, in which order,
// and what its messages come to. Pure: entries of the log and messages of clients in, orders out.
//
// All clients of a room share one peer, whose log they are told entry by entry. Answers keep their place: what a
// client asks after its pushes is answered after those stand in the log.

import { Engine } from '../../replica/engine.ts'
import { originOf, type Entry } from '../../protocol/entry.ts'
import type { PeerId, Seq } from '../../protocol/ids.ts'
import { decodeValue, encodeValue, type Value } from '../../protocol/value.ts'
import { REFUSALS } from '../../protocol/refusal-sentences.ts'
import type { Outcome, Submitted, Ticket } from '../../peer/submission.ts'
import type { FromRoom, ToRoom } from './drift-messages.ts'
import {
  CLIENT_QUEUE_BYTES_MAX,
  CLIENT_QUEUE_MAX,
  CLIENT_QUEUE_RESUME,
  ROOM_QUEUE_BYTES_MAX,
} from './gateway-limits.ts'

export type ClientId = number

/** `live` hears every message, `debug` whole streams after each change; a `request` hears the answer to the one message that it says. */
export type ClientKind = 'live' | 'debug' | 'request'

export type GatewayOutput =
  | { readonly type: 'tell'; readonly to: readonly ClientId[]; readonly message: FromRoom }
  /** An op for this room's peer. */
  | { readonly type: 'submit'; readonly ticket: Ticket; readonly op: Submitted }
  /** Take nothing more from this client for now, or go on. */
  | { readonly type: 'hold' | 'go-on'; readonly client: ClientId }
  /** All that this request comes to has been told. */
  | { readonly type: 'done'; readonly client: ClientId }

type Push = { readonly type: 'push'; readonly op: Submitted }
type Said = ToRoom | { readonly type: 'error'; readonly message: string }
/** The same, with the values of pushes as the room has them. */
type Heard = Push | Exclude<Said, { type: 'push' }>

type Client = {
  readonly id: ClientId
  readonly kind: ClientKind
  /** Pushes whose entry is not in the log yet, and answers that keep their place behind them. */
  flight: ({ readonly ticket: Ticket; readonly op: Submitted } | FromRoom)[]
  /** A get that waits for those, and what came after it. */
  waiting: Heard[]
  /** Of the values in both. */
  queuedBytes: number
  isHeld: boolean
}

const NOTHING = new Uint8Array(0)

export class GatewayRoom {
  readonly #self: PeerId
  readonly #clients = new Map<ClientId, Client>()
  readonly #clientByTicket = new Map<Ticket, Client>()
  #lastTicket = 0
  /** Of the values that all clients have pushed and the log does not show yet. */
  #queuedBytes = 0
  /** The room's streams, as of the last entry folded; null while the peer has not got them. */
  #streams: Engine | null = null
  /** Their sizes as of the entry being folded: the same streams with empty values. */
  #sizes = new Engine()
  /** Ops whose entries came while the streams were not there. */
  #placedUnseen: Ticket[] = []
  /** What clients were told up to this message stands, and what came after it is told anew; null while nothing is amiss. */
  #rewoundTo: number | null = null
  #outputs: GatewayOutput[] = []

  /** @param self The id of the peer that submits; nobody else submits by it. */
  constructor(self: PeerId) {
    this.#self = self
  }

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
    this.#clients.set(id, { id, kind, flight: [], waiting: [], queuedBytes: 0, isHeld: false })
    if (kind === 'debug') this.#showAll([id])
    return this.#take()
  }

  /** What it pushed goes on its way all the same. */
  closed(id: ClientId): GatewayOutput[] {
    const client = this.#clients.get(id)
    this.#clients.delete(id)
    // What waits behind a get was said, too; its gets have nobody to answer any more.
    for (const said of client?.waiting.splice(0) ?? [])
      if (said.type === 'push') this.#submit(client!, said.op)
    return this.#take()
  }

  /** A client said something; `error` where it is no message, and why. */
  received(id: ClientId, said: Said): GatewayOutput[] {
    const client = this.#clients.get(id)
    if (client === undefined) return []
    const heard = said.type === 'push' ? pushOf(said) : said
    if (heard.type === 'push') this.#count(client, heard.op.value.length)
    this.#heard(client, heard)
    this.#settle(client)
    return this.#take()
  }

  /** The log went on. */
  entries(entries: readonly Entry[]): GatewayOutput[] {
    const changed = new Map<string, number>()
    for (const entry of entries) {
      if (this.#streams === null) this.#placeUnseen(entry)
      else this.#fold(entry, changed)
    }
    this.#settleAll(changed.keys())
    return this.#take()
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
    this.#settleAll([])
    return this.#take()
  }

  /** Messages after `seq` no longer stand, or some were missed; what stands is told as soon as the streams are there. */
  reset(seq: number): GatewayOutput[] {
    this.#streams = null
    this.#rewoundTo = Math.min(seq, this.#rewoundTo ?? Infinity)
    const message = `The room was cut off and has come back: messages after ${seq} may be missing or have been renumbered. What stands of them follows as "init".`
    this.#tell([...this.#idsOf('live'), ...this.#idsOf('debug')], { type: 'error', message })
    return this.#take()
  }

  /** What became of an op, where no entry here has told it. */
  outcome(outcome: Outcome): GatewayOutput[] {
    if (outcome.type === 'settled' && this.#streams !== null) this.#placed(outcome.ticket)
    else if (outcome.type === 'settled') this.#placedUnseen.push(outcome.ticket)
    else if (outcome.type === 'refused') this.#placed(outcome.ticket, REFUSALS[outcome.code])
    this.#settleAll([])
    return this.#take()
  }

  // --- what clients say ---

  #heard(client: Client, said: Heard): void {
    if (client.waiting.length > 0) return void client.waiting.push(said)
    switch (said.type) {
      case 'push':
        return this.#submit(client, said.op)
      case 'get':
        if (client.flight.length > 0 || this.#streams === null)
          return void client.waiting.push(said)
        if (said.seq !== null) this.#tell([client.id], this.#initOf(said.key, said.seq))
        return
      case 'ping':
        return this.#answer(client, { type: 'pong', nonce: said.nonce })
      case 'error':
        return this.#answer(client, said)
    }
  }

  #answer(client: Client, message: FromRoom): void {
    if (client.flight.length > 0) client.flight.push(message)
    else this.#tell([client.id], message)
  }

  #submit(client: Client, op: Submitted): void {
    const ticket = ++this.#lastTicket
    client.flight.push({ ticket, op })
    this.#clientByTicket.set(ticket, client)
    this.#outputs.push({ type: 'submit', ticket, op })
  }

  #count(client: Client, bytes: number): void {
    client.queuedBytes += bytes
    this.#queuedBytes += bytes
  }

  // --- what the log says ---

  #fold(entry: Entry, changed: Map<string, number>): void {
    const origin = originOf(entry)
    switch (entry.type) {
      case 'message': {
        const { action, key, value } = entry.op
        this.#sizes.push({ ...entry.op, value: NOTHING }, entry.seq)
        this.#deliver(key, entry.seq, value, action === 'relay')
        if (action !== 'relay') changed.set(key, entry.seq)
        break
      }
      case 'compaction':
        if (this.#sizes.compact({ ...entry.op, value: NOTHING }))
          changed.set(entry.op.key, entry.op.seq)
        break
      case 'refusal':
      case 'reign':
      case 'in-sync':
    }
    if (origin?.author === this.#self)
      this.#placed(origin.opId, entry.type === 'refusal' ? REFUSALS[entry.code] : null)
  }

  #placeUnseen(entry: Entry): void {
    const origin = originOf(entry)
    if (origin?.author !== this.#self) return
    if (entry.type === 'refusal') this.#placed(origin.opId, REFUSALS[entry.code])
    else this.#placedUnseen.push(origin.opId)
  }

  #deliver(key: string, seq: number, bytes: Uint8Array, isRelay: boolean): void {
    const to = isRelay ? [...this.#idsOf('live'), ...this.#idsOf('debug')] : this.#idsOf('live')
    const value = to.length === 0 ? undefined : readable(bytes)
    if (value !== undefined) this.#tell(to, { type: 'push', key, value, seq })
  }

  /** An op stands in the log, or was refused: its client is told what that comes to, and what waited behind it. */
  #placed(ticket: Ticket, refusal: string | null = null): void {
    const client = this.#clientByTicket.get(ticket)
    if (client === undefined) return
    this.#clientByTicket.delete(ticket)
    const at = client.flight.findIndex((item) => 'ticket' in item && item.ticket === ticket)
    const { op } = client.flight.splice(at, 1)[0] as { readonly op: Submitted }
    const { key } = op
    this.#count(client, -op.value.length)
    const size = this.#sizes.size(key)
    if (refusal !== null) this.#tell([client.id], { type: 'error', message: refusal })
    else if (size > 1) this.#tell([client.id], { type: 'stream_size', key, size })
    while (client.flight.length > 0 && !('ticket' in client.flight[0]!))
      this.#tell([client.id], client.flight.shift() as FromRoom)
  }

  /** After a batch of entries: the streams are as the log says, and what waited for that is answered. */
  #settleAll(changed: Iterable<string>): void {
    const debug = this.#idsOf('debug')
    if (debug.length > 0) for (const key of changed) this.#tell(debug, this.#initOf(key, 0))
    for (const client of [...this.#clients.values()]) this.#settle(client)
  }

  #settle(client: Client): void {
    if (client.flight.length === 0 && this.#streams !== null)
      for (const said of client.waiting.splice(0)) this.#heard(client, said)
    const queued = client.flight.length + client.waiting.length
    if (queued === 0 && client.kind === 'request')
      this.#outputs.push({ type: 'done', client: client.id })
    const isFull =
      queued >= CLIENT_QUEUE_MAX ||
      client.queuedBytes >= CLIENT_QUEUE_BYTES_MAX ||
      (queued > 0 && this.#queuedBytes >= ROOM_QUEUE_BYTES_MAX)
    if (client.isHeld ? isFull || queued > CLIENT_QUEUE_RESUME : !isFull) return
    client.isHeld = !client.isHeld
    this.#outputs.push({ type: client.isHeld ? 'hold' : 'go-on', client: client.id })
  }

  // --- streams ---

  #initOf(key: string, after: number): FromRoom {
    const run = this.#streams?.replay(key, after)
    const data = Array.from(run?.seqs ?? [], (seq, i) => ({
      value: readable(run!.bytes.subarray(run!.ends[i - 1] ?? 0, run!.ends[i])),
      seq,
    }))
    return {
      type: 'init',
      key,
      data: data.filter((item): item is { value: Value; seq: number } => item.value !== undefined),
    }
  }

  #showAll(to: readonly ClientId[]): void {
    for (const key of this.#streams?.keys ?? []) this.#tell(to, this.#initOf(key, 0))
  }

  #tellAnew(after: number): void {
    for (const key of this.#streams!.keys) {
      const init = this.#initOf(key, after)
      if (init.type === 'init' && init.data.length > 0) this.#tell(this.#idsOf('live'), init)
    }
    this.#showAll(this.#idsOf('debug'))
  }

  #idsOf(kind: ClientKind): ClientId[] {
    return Array.from(this.#clients.values())
      .filter((client) => client.kind === kind)
      .map(({ id }) => id)
  }

  #tell(to: readonly ClientId[], message: FromRoom): void {
    if (to.length > 0) this.#outputs.push({ type: 'tell', to, message })
  }

  #take(): GatewayOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}

/** The op that a push asks for, or the error that says why there is none. */
function pushOf({ key, value, action }: Extract<ToRoom, { type: 'push' }>): Heard {
  try {
    const bytes = encodeValue(value)
    return {
      type: 'push',
      op:
        action.type === 'compact'
          ? { type: 'compacted', key, seq: action.seq as Seq, value: bytes }
          : { type: 'submitted', action: action.type, key, value: bytes },
    }
  } catch (error) {
    return { type: 'error', message: (error as Error).message }
  }
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
