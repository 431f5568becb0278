// Owns the composition of a room in a page: the one place where the pure peer meets WebRTC, the WebSocket, the
// clock and the page's life.

import { BatonError } from '../protocol/errors.ts'
import { HANDOVER_TIMEOUT_MS, PROTOCOL_VERSION } from '../protocol/limits.ts'
import { drawPeerName } from '../protocol/peer-secret.ts'
import type { FromSignaling } from '../protocol/signals.ts'
import { createToken as tokenOf, deriveRoom, isWeakToken } from '../protocol/token.ts'
import { browserClock } from '../transport/browser-clock.ts'
import { randomBytes } from '../transport/clock.ts'
import { Connector } from '../transport/connector.ts'
import { IceServers } from '../transport/ice-servers.ts'
import { browserLifecycle, type PageState } from '../transport/lifecycle.ts'
import { connectSignaling } from '../transport/signaling-socket.ts'
import { createWebRtcPeer } from '../transport/webrtc-peer.ts'
import { createTimers } from '../transport/worker-timers.ts'
import type { JoinOptions, Room } from './api.ts'
import { Peer } from '../peer/peer.ts'
import type { Connection } from './connection.ts'
import { RoomImpl } from './room.ts'
import { Shell } from '../runtime/shell.ts'

/**
 * Joins the room of a token, and returns at once: sends and subscriptions made before the first host is there wait
 * for it. Without a token the page's fragment names the room (`#room=…`), and gets a fresh token if there is none;
 * a fragment is never sent to a server.
 *
 * @throws BatonError `bad-token` for an empty token, `bad-argument` for a signaling URL that cannot be one.
 * @example
 * const room = joinRoom()
 * room.subscribe('chat', ({ value }) => show(value), { replay: true })
 * await room.append('chat', 'hello')
 */
export function joinRoom(options: JoinOptions = {}): Room {
  if (typeof document === 'undefined')
    throw new BatonError(
      'bad-argument',
      'joinRoom needs a page: call it in a browser, not on a server.',
    )
  const token = options.token ?? tokenInFragment()
  if (typeof token !== 'string' || token === '')
    throw new BatonError(
      'bad-token',
      'A room needs a token: a string that is not empty. createToken() makes a good one.',
    )
  if (isWeakToken(token))
    console.warn(
      'Baton: this token is short or reads like words. Whoever guesses it is in the room; createToken() makes one that nobody guesses.',
    )
  const url = signalingUrl(options.signaling)
  const room = new RoomImpl(token, (room) => connect(room, token, url, options))
  return room
}

/**
 * A fresh secret for a room: 128 random bits, 22 characters that fit into a link.
 *
 * @example
 * location.hash = `room=${createToken()}`
 */
export function createToken(): string {
  return tokenOf(randomBytes)
}

function connect(
  room: RoomImpl,
  token: string,
  url: string,
  { canHost = true, durability = 'standby', partition = 'continue', iceServers = [] }: JoinOptions,
): Connection {
  const { peer: self, secret } = drawPeerName(randomBytes)
  const { topic, key } = deriveRoom(token)
  const timers = createTimers()
  const clock = browserClock(timers)
  const peer = new Peer(
    { self, canHost, visible: !browserLifecycle.isHidden(), durability, partition },
    clock.now(),
  )
  const ice = new IceServers(iceServers, (why) => room.fail('turn-failed', why))
  let onRetired = () => {}

  const signaling = connectSignaling({
    url,
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
      if (message.type === 'turn') ice.renew(message)
      else if (message.type === 'error') refused(message, room)
      else if (!connector.signaled(message)) shell.signaled(message)
    },
  })
  const connector = new Connector({
    self,
    topic,
    key,
    random: randomBytes,
    timers,
    createPeer: ({ initiator }) =>
      createWebRtcPeer(initiator, ice.servers, (why) => ice.failed(why)),
    sendSignal: (to, attempt, box) => signaling.send({ type: 'signal', to, attempt, box }),
    sendBox: (to, session, box) => signaling.send({ type: 'relay', to, session, box }),
    onLink: (other, link, path) => shell.linked(other, link, path),
    onTampered: (other, what) =>
      room.fail(
        'tampered',
        what === 'link'
          ? `What signaling relayed from peer ${other} was not what that peer had sent: changed, repeated, left out or swapped. Nothing of it was taken, and a new link is made. Ask who runs ${url}.`
          : `What signaling brought from peer ${other} did not open, and was dropped: it was changed on its way, or the peer holds another token. This is said once.`,
      ),
    onFailed: (other, reason) => {
      if (other === peer.claim?.host)
        room.fail(
          'unreachable',
          `No connection to the host came about (${reason}). It is tried again. ${connector.canRelay ? 'Signaling relays for this room, but brought no answer.' : 'This signaling service does not relay: on other networks than this one it may take a TURN server.'}`,
        )
    },
  })
  const shell = new Shell({
    peer,
    clock,
    signal: (message) => signaling.send(message),
    connect: (other) => connector.connect(other),
    disconnect: (other, reason) => connector.disconnect(other, reason),
    onOutput: (output) => (output.type === 'retired' ? onRetired() : room.carryOut(output)),
    onLinks: () => room.linksChanged(),
    onInputDone: () => room.inputDone(),
    onBroken: (error) => broke(error as Error, room),
    onMalformed: (other, what) =>
      room.fail(
        'peer-misbehaved',
        `Peer ${other} sent what no Baton sends (${what}). Its link was closed.`,
      ),
  })

  let isOpen = true
  const connection: Connection = {
    peer,
    now: () => clock.now(),
    pathTo: (other) => shell.pathTo(other),
    feed: (input) => shell.feed(input),
    later: (run) => timers.after(0, run),
    report: (error) => reportError(error),
    handOver: () =>
      new Promise((resolve) => {
        const cancel = timers.after(HANDOVER_TIMEOUT_MS, resolve)
        onRetired = () => {
          cancel()
          resolve()
        }
        shell.feed({ type: 'retiring' })
      }),
    close: () => {
      if (!isOpen) return
      isOpen = false
      shell.feed({ type: 'leaving' })
      shell.stop()
      signaling.close()
      // One turn later, when the goodbye has left the links' queues; the page may be gone right after.
      queueMicrotask(() => {
        connector.close()
        timers.close()
      })
    },
  }
  const stopWatching = browserLifecycle.onLifecycle((state) => {
    if (state === 'restored') stopWatching()
    pageChanged(state, room, isOpen ? connection : null)
  })
  return connection
}

function broke(error: Error, room: RoomImpl): void {
  reportError(error)
  room.giveUp(
    new BatonError(
      'closed',
      `Baton has a bug and has left the room to the others: ${error.message}. Reload the page to join again.`,
    ),
  )
}

function refused(
  { code, message }: FromSignaling & { readonly type: 'error' },
  room: RoomImpl,
): void {
  if (code === 'version') room.giveUp(new BatonError('version-mismatch', message))
  else if (code !== 'no-peer') room.fail('signaling', message)
}

/** A page that will not run for a while passes the room on; one that goes away says goodbye. [EL2] */
function pageChanged(state: PageState, room: RoomImpl, open: Connection | null): void {
  switch (state) {
    case 'visible':
    case 'hidden':
      open?.feed({ type: 'visibility-changed', visible: state === 'visible' })
      if (state === 'hidden' && browserLifecycle.isPhone()) open?.feed({ type: 'retiring' })
      return
    case 'frozen':
      return open?.feed({ type: 'retiring' })
    case 'resumed':
      return open?.feed({ type: 'ticked' })
    case 'leaving':
      return open === null ? undefined : room.pageLeft()
    case 'restored':
      return open === null ? room.pageRestored() : undefined
  }
}

function tokenInFragment(): string {
  const fields = new URLSearchParams(location.hash.slice(1))
  const found = fields.get('room')
  if (found !== null && found !== '') return found
  const token = createToken()
  fields.set('room', token)
  history.replaceState(history.state, '', `#${fields}`)
  return token
}

function signalingUrl(given: string | undefined): string {
  let url: URL
  try {
    url = new URL(given ?? '/signal', location.href)
  } catch {
    throw new BatonError(
      'bad-argument',
      `"${given}" is no URL of a signaling service. Give one such as "wss://example.org/signal".`,
    )
  }
  if (url.protocol === 'http:') url.protocol = 'ws:'
  if (url.protocol === 'https:') url.protocol = 'wss:'
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw new BatonError(
      'bad-argument',
      `Signaling needs a page or a URL of http, https, ws or wss; "${url.href}" is none. Give joinRoom a \`signaling\` URL.`,
    )
  url.hash = ''
  return url.href
}
