// Owns a stand-in for a signaling service that cannot be trusted: it stands between pages and the real one, and
// changes, repeats or swaps what the pages are told.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import type { FromSignaling } from '../protocol/signals.ts'

/** What a page hears in the place of one message of the service. */
export type Cheat = (message: FromSignaling) => readonly FromSignaling[]

export class CheatingProxy {
  readonly #sockets: WebSocketServer

  private constructor(sockets: WebSocketServer) {
    this.#sockets = sockets
  }

  /** Stands before the service of that URL. */
  static async before(url: string, cheat: Cheat): Promise<CheatingProxy> {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    sockets.on('connection', (page) => {
      const service = new WebSocket(`${url.replace('http', 'ws')}signal`)
      const early: string[] = []
      page.on('message', (data) =>
        service.readyState === service.OPEN ? service.send(String(data)) : early.push(String(data)),
      )
      service.on('open', () => early.forEach((text) => service.send(text)))
      service.on('message', (data) => {
        const message = parseFromSignaling(String(data))
        if (message !== null) for (const lie of cheat(message)) page.send(JSON.stringify(lie))
      })
      service.on('close', () => page.close())
      page.on('close', () => service.close())
      for (const socket of [page, service]) socket.on('error', () => socket.terminate())
    })
    await once(sockets, 'listening')
    return new CheatingProxy(sockets)
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#sockets.address() as AddressInfo).port}/signal`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    await new Promise((resolve) => this.#sockets.close(resolve))
  }
}
