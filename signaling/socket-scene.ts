// A stage for tests over real sockets: pages that speak well, and wires that speak badly.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WebSocket, type ClientOptions } from 'ws'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { peerIdOf, type PeerName } from '../protocol/peer-secret.ts'
import { NO_TERM, type PeerId } from '../protocol/ids.ts'
import { TOPIC } from './directory/directory-scene.ts'

/** The id and the secret of the page of that name. */
export function named(name: string): PeerName {
  const secret = name.padEnd(22, '_')
  return { peer: peerIdOf(secret), secret }
}

export function peerId(name: string): PeerId {
  return named(name).peer
}

/** A page's socket: what arrives waits until it is asked for. */
export class PageSocket {
  readonly socket: WebSocket
  /** The close code, once the socket is closed. */
  readonly closed: Promise<number>
  readonly #arrived: FromSignaling[] = []
  #closedWith: number | null = null
  #wake = () => {}

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}signal`, options)
    this.closed = new Promise((resolve) => this.socket.on('close', resolve))
    this.socket.on('close', (code) => {
      this.#closedWith = code
      this.#wake()
    })
    this.socket.on('error', () => {}) // a close follows, and `closed` tells of it
    this.socket.on('message', (data) => {
      const message = parseFromSignaling(String(data))
      if (message === null) throw new Error(`the service sent what is no message: ${String(data)}`)
      this.#arrived.push(message)
      this.#wake()
    })
  }

  static async open(url: string, options?: ClientOptions): Promise<PageSocket> {
    const page = new PageSocket(url, options)
    await once(page.socket, 'open')
    return page
  }

  static async join(url: string, name: string): Promise<PageSocket> {
    const page = await PageSocket.open(url)
    page.send({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      ...named(name),
      claim: null,
      held: NO_TERM,
    })
    await page.next()
    return page
  }

  /** Joins; resolves with what the service says first. */
  static async firstWord(url: string): Promise<FromSignaling> {
    const page = await PageSocket.open(url)
    page.send({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      ...named('a'),
      claim: null,
      held: NO_TERM,
    })
    const word = await page.next()
    page.socket.close()
    return word
  }

  send(message: ToSignaling): void {
    this.socket.send(JSON.stringify(message))
  }

  /** Rejects when the socket has closed and said nothing more. */
  async next(): Promise<FromSignaling> {
    for (;;) {
      const message = this.#arrived.shift()
      if (message !== undefined) return message
      if (this.#closedWith !== null)
        throw new Error(`the socket closed with ${this.#closedWith}; nothing more comes`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The next message of that kind; those before it are passed over. */
  async until(matches: (message: FromSignaling) => boolean): Promise<FromSignaling> {
    for (;;) {
      const message = await this.next()
      if (matches(message)) return message
    }
  }
}

/** A bare connection that may send anything. */
export class Wire {
  readonly socket: Socket
  readonly #chunks: Buffer[] = []
  readonly #ended: Promise<void>

  /** From an address of this machine's own network, where one is given. */
  constructor(url: string, localAddress?: string) {
    const { port, hostname } = new URL(url)
    this.socket = connect({
      port: Number(port),
      host: hostname,
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    this.socket.on('error', () => {}) // a reset is one of the answers; a close follows
    this.socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    this.#ended = new Promise((resolve) => this.socket.on('close', () => resolve()))
  }

  /** Upgrades to a WebSocket, whose frames are then up to the caller. */
  static async upgraded(url: string, localAddress?: string): Promise<Wire> {
    const wire = new Wire(url, localAddress)
    wire.socket.write(upgradeRequest())
    while (!wire.#text().includes('\r\n\r\n')) await once(wire.socket, 'data')
    wire.forget()
    return wire
  }

  /** What the other side has said so far is of no interest. */
  forget(): void {
    this.#chunks.length = 0
  }

  /** All that the other side said until it closed. */
  async answer(bytes: string | Uint8Array): Promise<string> {
    this.socket.write(bytes)
    await this.#ended
    return this.#text()
  }

  /** The close code with which the service answers the frames. */
  async closeCode(...frames: readonly Uint8Array[]): Promise<number> {
    const bytes = Buffer.from(await this.answer(Buffer.concat(frames)), 'latin1')
    return bytes[0] === 0x88 ? bytes.readUInt16BE(2) : NaN
  }

  #text(): string {
    return Buffer.concat(this.#chunks).toString('latin1')
  }
}

/** The lines of a well-formed upgrade request, of which `changed` are others (an empty one is left out). */
export function upgradeRequest(changed: { readonly [line: string]: string } = {}): string {
  const lines = {
    request: 'GET /signal HTTP/1.1',
    host: 'Host: localhost',
    upgrade: 'Upgrade: websocket',
    connection: 'Connection: Upgrade',
    key: `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    version: 'Sec-WebSocket-Version: 13',
    ...changed,
  }
  return `${Object.values(lines)
    .filter((line) => line !== '')
    .join('\r\n')}\r\n\r\n`
}

export type FrameOptions = {
  readonly final?: boolean
  readonly masked?: boolean
  readonly reserved?: number
  readonly declaredBytes?: number
}

/** One WebSocket frame as a client sends it, or as none should. */
export function frame(opcode: number, payload: Uint8Array, options: FrameOptions = {}): Buffer {
  const { final = true, masked = true, reserved = 0, declaredBytes = payload.length } = options
  const head = Buffer.alloc(10)
  head[0] = (final ? 0x80 : 0) | reserved | opcode
  head[1] = (masked ? 0x80 : 0) | (declaredBytes < 126 ? declaredBytes : 127)
  head.writeBigUInt64BE(BigInt(declaredBytes), 2)
  const mask = Buffer.alloc(masked ? 4 : 0) // of zeros: the payload stays readable
  return Buffer.concat([head.subarray(0, declaredBytes < 126 ? 2 : 10), mask, payload])
}
