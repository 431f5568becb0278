// Owns the wire between a peer of this process and its signaling service: the two ends of one socket that touches no
// network. Both see what they would see of a WebSocket.

import { EventEmitter } from 'node:events'
import type { DialedSocket } from '../../transport/signaling-socket.ts'
import type { ServedSocket } from '../service.ts'

/** Makes a socket, hands its far end to `serve`, and answers the near one, which opens in a moment. */
export function dialInProcess(serve: (socket: ServedSocket) => void): DialedSocket {
  return new NearEnd(serve)
}

class NearEnd implements DialedSocket {
  onopen: (() => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  onclose: (() => void) | null = null
  readonly #far: FarEnd

  constructor(serve: (socket: ServedSocket) => void) {
    this.#far = new FarEnd(this)
    queueMicrotask(() => {
      if (this.#far.isClosed) return
      serve(this.#far)
      this.onopen?.()
    })
  }

  /** Arrives after the call that sends: neither end expects to be called back inside of its own. */
  send(text: string): void {
    queueMicrotask(() => {
      if (!this.#far.isClosed) this.#far.emit('message', Buffer.from(text), false)
    })
  }

  close(): void {
    this.#far.end()
  }
}

class FarEnd extends EventEmitter implements ServedSocket {
  isClosed = false
  readonly bufferedAmount = 0
  readonly #near: NearEnd

  constructor(near: NearEnd) {
    super()
    this.#near = near
  }

  send(text: string): void {
    queueMicrotask(() => this.#near.onmessage?.({ data: text }))
  }

  close(): void {
    this.end()
  }

  terminate(): void {
    this.end()
  }

  /** What was said before still arrives. */
  end(): void {
    if (this.isClosed) return
    this.isClosed = true
    queueMicrotask(() => {
      this.emit('close')
      this.#near.onclose?.()
    })
  }
}
