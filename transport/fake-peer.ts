// Owns a stand-in for WebRTC: peers that find each other by what their offers and answers name, and a
// channel whose filling and draining the test decides. For tests of what is built on WebRtcPeer.

import type { CreatePeer, PeerSignal, WebRtcPeer } from './webrtc-peer.ts'

type Listener = (argument: never) => void

export class FakePeer implements WebRtcPeer {
  readonly initiator: boolean
  readonly sent: Uint8Array[] = []
  readonly signals: PeerSignal[] = []
  bufferSize = 0
  isDestroyed = false
  /** Sends throw, as those of a channel that is closing do. */
  isClosing = false
  #other: FakePeer | null = null
  #isConnected = false
  readonly _channel = Object.assign(new EventTarget(), { bufferedAmountLowThreshold: 0 })
  readonly #network: FakeNetwork
  readonly #listeners = new Map<string, Listener[]>()

  constructor(network: FakeNetwork, initiator: boolean) {
    this.#network = network
    this.initiator = initiator
    if (initiator)
      queueMicrotask(() => this.emit('signal', { type: 'offer', sdp: network.nameOf(this) }))
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    return this
  }

  emit(event: string, argument?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(argument as never)
  }

  signal(signal: PeerSignal): void {
    this.signals.push(signal)
    if (signal.type === 'candidate') return
    if (signal.sdp === 'nonsense') throw new Error('that is no description')
    this.#other = this.#network.peerOf(signal.sdp)
    if (signal.type === 'offer') {
      this.emit('signal', { type: 'answer', sdp: this.#network.nameOf(this) })
      this.emit('signal', {
        type: 'candidate',
        candidate: { candidate: 'here', sdpMid: '0', sdpMLineIndex: 0 },
      })
    } else if (this.#network.connects) {
      for (const end of [this, this.#other]) {
        end.#isConnected = true
        end.emit('connect')
      }
    }
  }

  send(packet: Uint8Array): void {
    if (this.isClosing) throw new Error('the channel is closing')
    this.sent.push(packet)
    this.bufferSize += packet.length
    this.#other?.emit('data', packet)
  }

  /** The channel's contents reach the network. */
  drain(): void {
    this.bufferSize = 0
    this._channel.dispatchEvent(new Event('bufferedamountlow'))
  }

  destroy(error?: Error): void {
    if (this.isDestroyed) return
    this.isDestroyed = true
    queueMicrotask(() => {
      if (error !== undefined) this.emit('error', error)
      this.emit('close')
      if (this.#isConnected) this.#other?.destroy()
    })
  }
}

export class FakeNetwork {
  /** Whether a finished handshake leads to an open channel. */
  connects = true
  readonly peers: FakePeer[] = []

  readonly createPeer: CreatePeer = ({ initiator }) => {
    const peer = new FakePeer(this, initiator)
    this.peers.push(peer)
    return peer
  }

  nameOf(peer: FakePeer): string {
    return `peer ${this.peers.indexOf(peer)}`
  }

  peerOf(name: string): FakePeer {
    return this.peers[Number(name.slice(5))] as FakePeer
  }
}
