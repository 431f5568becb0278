// Owns what a process without WebRTC adds to a peer: it has relayed links alone, and knows who else is in the room.
// What the room's log means to anybody is its owner's business.

import { LogTeller } from '../../peer/log-teller.ts'
import type { Peer } from '../../peer/peer.ts'
import type { PeerInput } from '../../peer/peer-io.ts'
import { RunningPeer, type RunningPeerOptions } from '../../runtime/running-peer.ts'
import type { PeerId } from '../../protocol/ids.ts'
import type { FromSignaling } from '../../protocol/signals.ts'
import { nodeTimers } from '../../transport/node-timers.ts'

export type RoomPeerOptions = Pick<
  RunningPeerOptions,
  'token' | 'dial' | 'onOutput' | 'onInputDone' | 'onBroken'
> & {
  /** Whether it may host the room. The gateway's never does. */
  readonly canHost: boolean
  /** Signaling said something; `others` may have changed. */
  readonly onSignaled: () => void
}

export class RoomPeer {
  readonly #running: RunningPeer
  /** Why signaling does not let this peer in; null while it does, or has not said. */
  #refusal: string | null = null
  /** Who else is in the room, as signaling has it; null until it has said so. */
  #others: Set<PeerId> | null = null

  constructor({ canHost, onSignaled, ...options }: RoomPeerOptions) {
    this.#running = new RunningPeer({
      ...options,
      peer: {
        canHost,
        holdsStreams: true,
        logTeller: LogTeller,
        visible: true,
        durability: 'standby',
      },
      timers: nodeTimers(),
      createPeer: () => {
        throw new Error('this process has no WebRTC') // so the attempt ends at once, and a relayed link is proposed
      },
      onSignaled: (message) => {
        this.#signaled(message)
        onSignaled()
      },
      onLinks: () => {},
      onFailed: () => {}, // it is asked for again as long as it is wanted
      onTampered: () => {}, // nothing of it was taken, and a new link is made
      onMalformed: () => {}, // its link is closed, and a new one is a new handshake
    })
  }

  get peer(): Peer {
    return this.#running.peer
  }

  get refusal(): string | null {
    return this.#refusal
  }

  get others(): readonly PeerId[] | null {
    return this.#others === null ? null : [...this.#others]
  }

  feed(input: PeerInput): void {
    this.#running.feed(input)
  }

  /** Says goodbye and goes. Once. */
  close(): void {
    this.#running.sayGoodbye()
    this.#running.closeLinks() // what relayed links hold back, the goodbye too, goes out first
    this.#running.closeSignaling()
  }

  #signaled(message: FromSignaling): void {
    switch (message.type) {
      case 'joined':
        this.#refusal = null
        this.#others = new Set(message.members.map(({ peer }) => peer))
        return
      case 'peer-joined':
        this.#others?.add(message.peer)
        return
      case 'peer-left':
        this.#others?.delete(message.peer)
        return
      case 'error':
        if (message.code !== 'no-peer') this.#refusal = message.message
        return
      case 'host':
      case 'denied':
      case 'stands':
      case 'heartbeat':
      case 'challenge':
      case 'signal':
      case 'relay':
      case 'pause':
      case 'turn':
      case 'network':
    }
  }
}
