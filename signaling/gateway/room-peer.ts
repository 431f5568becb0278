// Owns one peer in a process without WebRTC: the pure peer, put together with a signaling socket and relayed
// links, which are all that it can have. What its log means to anybody is its owner's business.

import { Peer } from '../../peer/peer.ts'
import type { PeerInput, PeerOutput } from '../../peer/peer-io.ts'
import { Shell } from '../../runtime/shell.ts'
import { PROTOCOL_VERSION } from '../../protocol/limits.ts'
import { drawPeerName } from '../../protocol/peer-secret.ts'
import type { PeerId } from '../../protocol/ids.ts'
import type { FromSignaling } from '../../protocol/signals.ts'
import { deriveRoom } from '../../protocol/token.ts'
import { browserClock } from '../../transport/browser-clock.ts'
import { randomBytes } from '../../transport/clock.ts'
import { Connector } from '../../transport/connector.ts'
import { connectSignaling, type DialedSocket } from '../../transport/signaling-socket.ts'
import { nodeTimers } from '../../transport/node-timers.ts'

export type RoomPeerOptions = {
  readonly token: string
  readonly dial: () => DialedSocket
  /** Whether it may host the room. The gateway's never does. */
  readonly canHost: boolean
  readonly onOutput: (output: PeerOutput) => void
  /** All that one input brought has been carried out. */
  readonly onInputDone: () => void
  /** Signaling said something; `others` may have changed. */
  readonly onSignaled: () => void
  /** A bug of Baton's own showed: this peer has stopped. */
  readonly onBroken: (error: unknown) => void
}

export class RoomPeer {
  readonly peer: Peer
  /** Why signaling does not let this peer in; null while it does, or has not said. */
  refusal: string | null = null
  readonly #shell: Shell
  readonly #close: () => void
  /** Who else is in the room, as signaling has it; null until it has said so. */
  #others: Set<PeerId> | null = null

  constructor({
    token,
    dial,
    canHost,
    onOutput,
    onInputDone,
    onSignaled,
    onBroken,
  }: RoomPeerOptions) {
    const { peer: self, secret } = drawPeerName(randomBytes)
    const { topic, key } = deriveRoom(token)
    const timers = nodeTimers()
    const clock = browserClock(timers)
    const peer = new Peer(
      { self, canHost, holdsStreams: true, visible: true, durability: 'standby' },
      clock.now(),
    )
    const signaling = connectSignaling({
      url: '',
      dialUrl: dial,
      timers,
      random: randomBytes,
      onOpen: () => {
        signaling.send({
          type: 'join',
          version: PROTOCOL_VERSION,
          topic,
          peer: self,
          secret,
          claim: peer.claimToTell,
        })
        connector.repeatSignals()
      },
      onClose: () => {
        connector.signalingLost()
        shell.feed({ type: 'signaling-closed' })
      },
      onMessage: (message) => {
        if (!connector.signaled(message)) shell.signaled(message)
        this.#signaled(message)
        onSignaled()
      },
    })
    const connector = new Connector({
      self,
      topic,
      key,
      random: randomBytes,
      timers,
      createPeer: () => {
        throw new Error('this process has no WebRTC') // so the attempt ends at once, and a relayed link is proposed
      },
      sendSignal: (to, attempt, box) => signaling.send({ type: 'signal', to, attempt, box }),
      sendBox: (to, session, box) => signaling.send({ type: 'relay', to, session, box }),
      onLink: (other, link, path) => shell.linked(other, link, path),
      onFailed: () => {}, // it is asked for again as long as it is wanted
      onTampered: () => {}, // nothing of it was taken, and a new link is made
    })
    const shell = new Shell({
      peer,
      clock,
      signal: (message) => signaling.send(message),
      connect: (other) => connector.connect(other),
      disconnect: (other, reason) => connector.disconnect(other, reason),
      onOutput,
      onLinks: () => {},
      onInputDone,
      onBroken,
      onMalformed: () => {}, // its link is closed, and a new one is a new handshake
    })
    this.peer = peer
    this.#shell = shell
    this.#close = () => {
      shell.feed({ type: 'leaving' })
      shell.stop()
      connector.close() // what was queued in this turn, the goodbye too, goes out first
      signaling.close()
      timers.close()
    }
  }

  /** Who else is in the room; null until signaling has said so. */
  get others(): readonly PeerId[] | null {
    return this.#others === null ? null : [...this.#others]
  }

  feed(input: PeerInput): void {
    this.#shell.feed(input)
  }

  /** Says goodbye and goes. Once. */
  close(): void {
    this.#close()
  }

  #signaled(message: FromSignaling): void {
    switch (message.type) {
      case 'joined':
        this.refusal = null
        this.#others = new Set(message.members.map(({ peer }) => peer))
        return
      case 'peer-joined':
        this.#others?.add(message.peer)
        return
      case 'peer-left':
        this.#others?.delete(message.peer)
        return
      case 'error':
        if (message.code !== 'no-peer') this.refusal = message.message
        return
      case 'host':
      case 'denied':
      case 'challenge':
      case 'signal':
      case 'relay':
      case 'pause':
      case 'turn':
    }
  }
}
