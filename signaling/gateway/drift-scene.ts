// Owns the stage of the gateway's tests: a client that speaks DriftDB's messages over a real socket, in JSON or in
// CBOR, and the conversations of the shared vectors held by such clients.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { decode, encode } from 'cborg'
import { WebSocket } from 'ws'

export type Encoding = 'json' | 'cbor'
type Message = { readonly type?: unknown; readonly [field: string]: unknown }

export type Step =
  | { readonly client: string; readonly send: Message }
  | {
      readonly client: string
      readonly connect: { readonly room?: string; readonly query?: string }
    }
  | { readonly client: string; readonly close: true }
  | { readonly expect: { readonly [client: string]: readonly unknown[] } }

export type Conversation = { readonly name: string; readonly steps: readonly Step[] }

export const CONVERSATIONS = JSON.parse(
  readFileSync(new URL('../../replica/engine.vectors.json', import.meta.url), 'utf8'),
) as readonly Conversation[]

/** Nonces of our own pings; no vector has one of these. */
const MARK = 7_000_000_000_000

/** One WebSocket to a room; what it was told waits until it is asked for. */
export class DriftClient {
  readonly socket: WebSocket
  readonly #encoding: Encoding
  readonly #told: Message[] = []
  readonly #watchers = new Set<() => void>()
  #marks = 0

  private constructor(socket: WebSocket, encoding: Encoding) {
    this.socket = socket
    this.#encoding = encoding
    socket.on('message', (data, isBinary) => {
      this.#told.push((isBinary ? decode(data as Buffer) : JSON.parse(String(data))) as Message)
      for (const watch of this.#watchers) watch()
    })
    socket.on('close', () => {
      for (const watch of this.#watchers) watch()
    })
  }

  /** Rejects when the gateway accepts no socket. */
  static async connect(
    socketUrl: string,
    encoding: Encoding = 'json',
    query = '',
  ): Promise<DriftClient> {
    const socket = new WebSocket(`${socketUrl}?${query}${encoding === 'cbor' ? '&cbor=true' : ''}`)
    const client = new DriftClient(socket, encoding)
    await once(socket, 'open')
    return client
  }

  send(message: Message): void {
    this.socket.send(this.#encoding === 'cbor' ? encode(message) : JSON.stringify(message))
  }

  sendRaw(data: string | Uint8Array): void {
    this.socket.send(data)
  }

  /** Resolves when all that this client said so far has been dealt with. */
  async mark(): Promise<void> {
    this.#marks += 1
    const nonce = MARK + this.#marks
    this.send({ type: 'ping', nonce })
    const isMark = (message: Message) => message['nonce'] === nonce
    await this.until(() => this.#told.some(isMark))
    this.#told.splice(this.#told.findIndex(isMark), 1)
  }

  /** What it was told since this was asked last. */
  drain(): Message[] {
    return this.#told.splice(0)
  }

  get told(): readonly Message[] {
    return this.#told
  }

  /** Rejects when the socket closes before. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.socket.readyState !== this.socket.OPEN) throw new Error('the socket has closed')
      await new Promise<void>((resolve) => {
        const watch = () => {
          this.#watchers.delete(watch)
          resolve()
        }
        this.#watchers.add(watch)
      })
    }
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close')
    this.socket.close()
    await closed
  }
}

export type Stage = {
  readonly encoding: Encoding
  /** The socket URL of a fresh room with a host, for the name by which a conversation calls it. */
  readonly openRoom: (name: string) => Promise<string>
  /** Called once, after so many steps, with the conversation standing still; null to leave it alone. */
  readonly interlude: { readonly afterSteps: number; readonly play: () => Promise<void> } | null
}

/** Holds a conversation; resolves with the differences between what was expected and what was told. */
export async function hold(
  { steps }: Conversation,
  { encoding, openRoom, interlude }: Stage,
): Promise<string[]> {
  const urls = new Map<string, Promise<string>>()
  const clients = new Map<string, DriftClient>()
  const opened: DriftClient[] = []
  const differences: string[] = []

  async function join(
    name: string,
    { room = '', query = '' }: { readonly room?: string; readonly query?: string } = {},
  ): Promise<DriftClient> {
    const url = urls.get(room) ?? openRoom(room)
    urls.set(room, url)
    const client = await DriftClient.connect(await url, encoding, query)
    clients.set(name, client)
    opened.push(client)
    return client
  }
  const clientOf = async (name: string) => clients.get(name) ?? join(name)

  for (const [i, step] of steps.entries()) {
    if (i === interlude?.afterSteps) await interlude.play()
    if ('expect' in step) {
      for (const [name, expected] of Object.entries(step.expect)) {
        const client = await clientOf(name)
        await client.mark()
        const told = client.drain()
        if (!matches(told, expected))
          differences.push(
            `step ${i}: ${name} was told ${JSON.stringify(told)}, not ${JSON.stringify(expected)}`,
          )
      }
    } else if ('connect' in step) await join(step.client, step.connect)
    else if ('close' in step) {
      const client = await clientOf(step.client)
      await client.close()
      clients.delete(step.client)
    } else {
      const client = await clientOf(step.client)
      client.send(step.send)
      await client.mark()
    }
  }
  for (const client of opened) client.socket.terminate()
  return differences
}

/** `{"$any":"string"}` stands for any string. */
function matches(told: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    if (!Array.isArray(told) || told.length !== expected.length) return false
    return expected.every((item, i) => matches(told[i], item))
  }
  if (typeof expected !== 'object' || expected === null) return isDeepStrictEqual(told, expected)
  if ('$any' in expected) return typeof told === 'string'
  if (typeof told !== 'object' || told === null || Array.isArray(told)) return false
  const names = Object.keys(expected)
  if (Object.keys(told).length !== names.length) return false
  return names.every((name) => matches((told as Message)[name], (expected as Message)[name]))
}
