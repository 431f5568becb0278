// Owns the assembly of one peer on real carriers: the pure peer, its shell, its links and its signaling socket.
// What its owner is, a page or a process, it does not know, nor what a room's messages mean to anybody.

import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'
import { drawPeerName } from '../protocol/peer-secret.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { deriveRoom } from '../protocol/token.ts'
import { browserClock } from '../transport/browser-clock.ts'
import { randomBytes, type Clock, type Timers } from '../transport/clock.ts'
import { Connector, type ConnectorOptions, type Path } from '../transport/connector.ts'
import { connectSignaling, type SignalingOptions } from '../transport/signaling-socket.ts'
import { Peer } from '../peer/peer.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import type { PeerOptions } from '../peer/peer-parts.ts'
import { Shell, type ShellEvents } from './shell.ts'

export type RunningPeerOptions = ShellEvents &
  Pick<ConnectorOptions, 'createPeer' | 'onFailed' | 'onTampered'> &
  Pick<SignalingOptions, 'dial'> & {
    readonly token: string
    /** All but its name, which is drawn anew at each join. */
    readonly peer: Omit<PeerOptions, 'self'>
    /** They are the peer's alone, and end with its links. */
    readonly timers: Timers & { close(): void }
    /** Signaling said this. What of it is for links or the peer, they have heard already. */
    readonly onSignaled: (message: FromSignaling) => void
  }

export class RunningPeer {
  readonly peer: Peer
  readonly #timers: RunningPeerOptions['timers']
  readonly #clock: Clock
  readonly #signaling: ReturnType<typeof connectSignaling>
  readonly #connector: Connector
  readonly #shell: Shell

  constructor(options: RunningPeerOptions) {
    const { dial, onSignaled, timers, token } = options
    // Dialed first: the rest is made while the socket opens.
    const signaling = connectSignaling({
      dial,
      timers,
      random: randomBytes,
      onOpen: () => {
        const { claimToTell: claim, held } = peer
        signaling.send({
          type: 'join',
          version: PROTOCOL_VERSION,
          topic,
          peer: self,
          secret,
          claim,
          held,
        })
        connector.repeatSignals()
      },
      onClose: () => {
        connector.signalingLost()
        shell.feed({ type: 'signaling-closed' })
      },
      onMessage: (message) => {
        this.#signaled(message)
        onSignaled(message)
      },
    })
    const { peer: self, secret } = drawPeerName(randomBytes)
    const { topic, key } = deriveRoom(token)
    const clock = browserClock(timers)
    const peer = new Peer({ ...options.peer, self }, clock.now())
    const connector = new Connector({
      ...options,
      self,
      topic,
      key,
      random: randomBytes,
      sendSignal: (to, attempt, box) => signaling.send({ type: 'signal', to, attempt, box }),
      sendBox: (to, session, box) => signaling.send({ type: 'relay', to, session, box }),
      onLink: (other, link, path) => shell.linked(other, link, path),
    })
    const shell = new Shell({
      ...options,
      peer,
      clock,
      signal: (message) => signaling.send(message),
      connect: (other) => connector.connect(other),
      disconnect: (other, reason) => connector.disconnect(other, reason),
    })
    this.peer = peer
    this.#timers = timers
    this.#clock = clock
    this.#signaling = signaling
    this.#connector = connector
    this.#shell = shell
  }

  /** Whether signaling relays for this room, as it said last. */
  get canRelay(): boolean {
    return this.#connector.canRelay
  }

  /** Milliseconds of the clock that the peer is fed with. */
  now(): number {
    return this.#clock.now()
  }

  /** What carries the link to a peer; null while there is none. */
  pathTo(peer: PeerId): Path | null {
    return this.#shell.pathTo(peer)
  }

  feed(input: PeerInput): void {
    this.#shell.feed(input)
  }

  // --- its end, in steps: when links and signaling may close depends on who carries the goodbye ---

  /** The last that this peer says. Nothing is fed any more. */
  sayGoodbye(): void {
    this.#shell.feed({ type: 'leaving' })
    this.#shell.stop()
  }

  closeSignaling(): void {
    this.#signaling.close()
  }

  closeLinks(): void {
    this.#connector.close()
    this.#timers.close()
  }

  /** Whom a message of signaling is for. */
  #signaled(message: FromSignaling): void {
    switch (message.type) {
      case 'signal':
      case 'relay':
      case 'pause':
        return this.#connector.signaled(message)
      case 'joined':
      case 'peer-joined':
      case 'peer-left':
        this.#connector.signaled(message)
        return this.feed({ type: 'signaled', message })
      case 'host':
      case 'denied':
      case 'stands':
      case 'challenge':
        return this.feed({ type: 'signaled', message })
      case 'heartbeat':
        return // the socket's
      case 'turn':
      case 'network':
      case 'error':
        return // the owner's
    }
  }
}
