// Owns what a page adds to a peer: WebRTC and TURN, the page's own life, and the sentences in which an app is told
// of what went wrong beneath its room.

import { BatonError } from '../protocol/errors.ts'
import type { PeerId } from '../protocol/ids.ts'
import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import { IceServers } from '../transport/ice-servers.ts'
import { browserLifecycle, type PageState } from '../transport/lifecycle.ts'
import { createWebRtcPeer } from '../transport/webrtc-peer.ts'
import { createTimers } from '../transport/worker-timers.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import { RunningPeer, type RunningPeerOptions } from '../runtime/running-peer.ts'
import type { JoinOptions, PeerInfo } from './api.ts'
import type { Connection } from './connection.ts'
import { ownScript } from './own-script.ts'
import { foundHosts } from './page-address.ts'
import type { RoomImpl } from './room.ts'
import { SignalingWatch } from './signaling-watch.ts'

export class PageConnection implements Connection {
  readonly #room: RoomImpl
  readonly #url: string
  readonly #timers = createTimers(browserLifecycle.isHidden(), ownScript)
  readonly #signaling: SignalingWatch
  readonly #running: RunningPeer
  readonly #stopWatching: () => void
  #isOpen = true
  #onRetired = () => {}

  constructor(
    room: RoomImpl,
    url: string,
    {
      canHost = true,
      durability = 'standby',
      partition = 'continue',
      iceServers = [],
    }: JoinOptions,
  ) {
    const ice = new IceServers(iceServers, (why) => room.fail('turn-failed', why))
    const signaling = new SignalingWatch(url, this.#timers, (why) => room.fail('signaling', why))
    this.#room = room
    this.#url = url
    this.#signaling = signaling
    this.#running = startPeer({
      token: room.token,
      peer: { canHost, durability, partition, visible: !browserLifecycle.isHidden() },
      timers: this.#timers,
      dial: () => signaling.dial(),
      createPeer: ({ initiator }) =>
        createWebRtcPeer(initiator, ice.servers, (why) => ice.failed(why)),
      onOutput: (output) => {
        if (output.type === 'retired') this.#onRetired()
        else room.carryOut(output)
      },
      onInputDone: () => room.inputDone(),
      onLinks: () => room.linksChanged(),
      onSignaled: (message) => {
        if (message.type === 'turn') ice.renew(message)
        if (message.type === 'network') {
          ice.found(message)
          foundHosts(room, url, message.hosts)
        }
        if (message.type === 'error' && message.code === 'version')
          room.giveUp(new BatonError('version-mismatch', message.message))
        else signaling.heard(message)
      },
      onFailed: (peer, reason) => this.#unreachable(peer, reason),
      onTampered: (peer, what) => this.#tampered(peer, what),
      onMalformed: (peer, what) =>
        room.fail(
          'peer-misbehaved',
          `Peer ${peer} sent something that Baton never sends (${what}). Its link was closed.`,
        ),
      onBroken: (error) => this.#broke(error),
    })
    this.#stopWatching = browserLifecycle.onLifecycle((state) => this.#pageChanged(state))
  }

  get peer(): Peer {
    return this.#running.peer
  }

  feed(input: PeerInput): void {
    this.#running.feed(input)
  }

  pathTo(peer: PeerId): PeerInfo['path'] {
    return this.#running.pathTo(peer)
  }

  now(): number {
    return this.#running.now()
  }

  later(run: () => void): void {
    this.#timers.after(0, run)
  }

  report(error: unknown): void {
    reportError(error)
  }

  handOver(): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.after(HANDOVER_TIMEOUT_MS, resolve)
      this.#onRetired = resolve
      this.feed({ type: 'retiring' })
    })
  }

  close(mayComeBack: boolean): void {
    if (!mayComeBack) this.#stopWatching()
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#onRetired()
    this.#signaling.end()
    this.#running.sayGoodbye()
    this.#running.closeSignaling()
    // Once the goodbye has left the links' queues; the page may be gone right after.
    queueMicrotask(() => this.#running.closeLinks())
  }

  /** A page that will not run for a while passes the room on; one that goes away says goodbye. [EL2] */
  #pageChanged(state: PageState): void {
    if (!this.#isOpen && state !== 'restored') return
    switch (state) {
      case 'visible':
        return this.feed({ type: 'visibility-changed', visible: true })
      case 'hidden':
        this.feed({ type: 'visibility-changed', visible: false })
        if (browserLifecycle.isPhone()) this.feed({ type: 'retiring' })
        return
      case 'frozen':
        return this.feed({ type: 'retiring' })
      case 'resumed':
        return this.feed({ type: 'ticked' })
      case 'leaving':
        return this.#room.pageLeft()
      case 'restored':
        this.#stopWatching() // the room's next connection watches
        return this.#room.pageRestored()
    }
  }

  /**
   * An app is told of the host alone: other links are tried again quietly. So is every link while signaling is away, as
   * after a sleep: without it none can come about.
   */
  #unreachable(peer: PeerId, reason: string): void {
    if (peer !== this.peer.claim?.host || !this.peer.signalingUp) return
    const relaying = this.#running.canRelay
      ? 'Signaling relays for this room, but brought no answer from the host.'
      : 'This signaling service does not relay: ' +
        'between different networks you may need a TURN server.'
    this.#room.fail(
      'unreachable',
      `There is no connection to the host (${reason}). Baton tries again. ${relaying}`,
    )
  }

  #tampered(peer: PeerId, what: 'link' | 'envelope'): void {
    this.#room.fail(
      'tampered',
      what === 'link'
        ? `Signaling did not relay what peer ${peer} had sent: ` +
            'it was changed, repeated, left out or swapped. None of it was used, and a new link is made. ' +
            `Ask the operator of ${this.#url}.`
        : `An envelope of peer ${peer} did not open, and was dropped: ` +
            'it was changed on its way, or that peer has another token. This is said once.',
    )
  }

  #broke(error: Error): void {
    reportError(error)
    this.#room.giveUp(
      new BatonError(
        'closed',
        `Baton has a bug, so this page has left the room: ${error.message}. ` +
          'Reload the page to join again.',
      ),
    )
  }
}

/** A peer that cannot start leaves no Worker behind. @throws what the first dial throws. */
function startPeer(options: RunningPeerOptions): RunningPeer {
  try {
    return new RunningPeer(options)
  } catch (error) {
    options.timers.close()
    throw error
  }
}
