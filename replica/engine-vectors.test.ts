// Runs DriftDB's own conversations against the engine: the adapter below speaks its wire messages
// and holds no rule of the room itself.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import type { Action, CompactOp, MessageOp } from '../protocol/entry.ts'
import { Engine } from './engine.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

type Sent =
  | {
      readonly type: 'push'
      readonly key: string
      readonly value: Json
      readonly action: { readonly type: Action; readonly seq?: number }
    }
  | { readonly type: 'get'; readonly key: string; readonly seq?: number | null }
  | { readonly type: 'ping'; readonly nonce?: number | null }

type Got =
  | { readonly type: 'push'; readonly key: string; readonly value: Json; readonly seq: number }
  | {
      readonly type: 'init'
      readonly key: string
      readonly data: readonly { readonly value: Json; readonly seq: number }[]
    }
  | { readonly type: 'stream_size'; readonly key: string; readonly size: number }
  | { readonly type: 'pong'; readonly nonce: number | null }
  | { readonly type: 'error'; readonly message: string }

type Step =
  | { readonly client: string; readonly send: Sent }
  | {
      readonly client: string
      readonly connect: { readonly room?: string; readonly query?: string }
    }
  | { readonly client: string; readonly close: true }
  | { readonly expect: { readonly [client: string]: readonly unknown[] } }

type Case = { readonly name: string; readonly steps: readonly Step[] }

const cases = JSON.parse(
  readFileSync(new URL('engine.vectors.json', import.meta.url), 'utf8'),
) as readonly Case[]

const AUTHOR = 'AAAAAAAAAAAAAAAAAAAAAA' as PeerId
const BASIS = { term: 1 as Term, host: AUTHOR }
const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() }

/** A connection as the case knows it: what it got waits until it is expected. */
class Client {
  readonly isDebug: boolean
  readonly got: Got[] = []

  constructor(isDebug: boolean) {
    this.isDebug = isDebug
  }
}

class DriftRoom {
  readonly #engine = new Engine()
  readonly #clients = new Set<Client>()
  #opId = 0

  connect(client: Client): void {
    this.#clients.add(client)
    if (client.isDebug) for (const key of this.#engine.keys) client.got.push(this.#initOf(key, 0))
  }

  close(client: Client): void {
    this.#clients.delete(client)
  }

  send(client: Client, message: Sent): void {
    switch (message.type) {
      case 'ping':
        client.got.push({ type: 'pong', nonce: message.nonce ?? null })
        return
      case 'get':
        if (message.seq !== null) client.got.push(this.#initOf(message.key, message.seq ?? 0))
        return
      case 'push':
        return this.#push(client, message)
    }
  }

  #push(
    client: Client,
    { key, value, action: { type: action, seq: named } }: Extract<Sent, { type: 'push' }>,
  ): void {
    const opId = ++this.#opId as OpId
    const common = { author: AUTHOR, opId, key, value: utf8.encoder.encode(JSON.stringify(value)) }
    const op: MessageOp | CompactOp =
      action === 'compact'
        ? { action, ...common, seq: named as Seq, basis: BASIS }
        : { action, ...common }
    const refusal = this.#engine.refusalOf(op)
    if (refusal !== null) {
      client.got.push({ type: 'error', message: refusal })
      return
    }
    if (op.action === 'compact') this.#engine.compact(op)
    else this.#deliver(op, value)
    if (action !== 'relay') this.#showStream(key)
    if (this.#engine.size(key) > 1)
      client.got.push({ type: 'stream_size', key, size: this.#engine.size(key) })
  }

  #deliver(op: MessageOp, value: Json): void {
    const { action, key } = op
    const seq = (this.#engine.lastSeq + 1) as Seq
    this.#engine.push(op, seq)
    for (const client of this.#clients)
      if (!client.isDebug || action === 'relay') client.got.push({ type: 'push', key, value, seq })
  }

  /** A debug connection gets the whole stream after each change of it. */
  #showStream(key: string): void {
    for (const client of this.#clients) if (client.isDebug) client.got.push(this.#initOf(key, 0))
  }

  #initOf(key: string, after: number): Got {
    const run = this.#engine.replay(key, after)
    const data = Array.from(run?.seqs ?? [], (seq, i) => {
      const json = utf8.decoder.decode(run!.bytes.subarray(run!.ends[i - 1] ?? 0, run!.ends[i]))
      return { value: JSON.parse(json) as Json, seq }
    })
    return { type: 'init', key, data }
  }
}

/** One conversation: rooms and clients come to be at their first mention. */
class Conversation {
  readonly #rooms = new Map<string, DriftRoom>()
  readonly #seats = new Map<string, { readonly client: Client; readonly room: DriftRoom }>()

  take(step: Step): void {
    if ('expect' in step) {
      for (const [name, expected] of Object.entries(step.expect)) {
        expect(this.#seat(name).client.got.splice(0), `what ${name} got`).toEqual(
          expected.map(withAny),
        )
      }
    } else if ('connect' in step) this.#join(step.client, step.connect)
    else if ('close' in step) {
      const { client, room } = this.#seat(step.client)
      room.close(client)
    } else {
      const { client, room } = this.#seat(step.client)
      room.send(client, step.send)
    }
  }

  #seat(name: string): { readonly client: Client; readonly room: DriftRoom } {
    return this.#seats.get(name) ?? this.#join(name, {})
  }

  #join(
    name: string,
    { room: roomName = '', query = '' }: { readonly room?: string; readonly query?: string },
  ) {
    const room = this.#rooms.get(roomName) ?? new DriftRoom()
    this.#rooms.set(roomName, room)
    const seat = { client: new Client(new URLSearchParams(query).get('debug') === 'true'), room }
    this.#seats.set(name, seat)
    room.connect(seat.client)
    return seat
  }
}

/** `{"$any":"string"}` stands for any string. */
function withAny(expected: unknown): unknown {
  if (typeof expected !== 'object' || expected === null) return expected
  if ('$any' in expected) return expect.any(String)
  if (Array.isArray(expected)) return expected.map(withAny)
  return Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, withAny(value)]))
}

describe('[RE1-RE6] as DriftDB has it', () => {
  test.each(cases.map(({ name, steps }) => [name, steps] as const))('%s', (_, steps) => {
    const conversation = new Conversation()
    for (const step of steps) conversation.take(step)
  })
})
