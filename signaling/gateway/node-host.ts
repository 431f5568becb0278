// Owns a host without a page, for tests: a peer in this process that may host, over a real socket to the service.

import { WebSocket } from 'ws'
import { decodeValue, encodeValue, type Value } from '../../protocol/value.ts'
import type { DialedSocket } from '../../transport/signaling-socket.ts'
import { RoomPeer } from './room-peer.ts'

export class NodeHost {
  readonly room: RoomPeer
  readonly given: {
    readonly key: string
    readonly seq: number
    readonly value: Value | undefined
  }[] = []
  readonly #watchers = new Set<() => void>()

  private constructor(url: string, token: string) {
    this.room = new RoomPeer({
      token,
      dial: () => new WebSocket(`${url.replace('http', 'ws')}signal`) as unknown as DialedSocket,
      canHost: true,
      onOutput: (output) => {
        if (output.type === 'deliver')
          for (const { key, seq, value } of output.messages)
            this.given.push({ key, seq, value: readable(value) })
      },
      onInputDone: () => {
        for (const watch of this.#watchers) watch()
      },
      onSignaled: () => {},
      onBroken: (error) => {
        throw error
      },
    })
  }

  /** Resolves when messages flow. */
  static async join(url: string, token: string): Promise<NodeHost> {
    const host = new NodeHost(url, token)
    await host.until(() => host.room.peer.isLive && host.room.peer.replica.complete)
    return host
  }

  append(key: string, ...values: readonly Value[]): void {
    const submissions = values.map(
      (value) =>
        ({
          type: 'submitted',
          ticket: 0,
          action: 'append',
          key,
          value: encodeValue(value),
        }) as const,
    )
    this.room.feed({ type: 'batch', submissions })
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        const watch = () => {
          this.#watchers.delete(watch)
          resolve()
        }
        this.#watchers.add(watch)
      })
    }
  }
}

/** Undefined for what no Baton wrote: the tests of bad input do. */
function readable(bytes: Uint8Array): Value | undefined {
  try {
    return decodeValue(bytes)
  } catch {
    return undefined
  }
}
