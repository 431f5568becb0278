// Owns the limit of a join: a bare simple-peer that connects over the same signaling service as a room, and no more.

import { fromBase64Url, toBase64Url } from '../../protocol/base64url.ts'
import { PROTOCOL_VERSION } from '../../protocol/limits.ts'
import { NO_TERM, type PeerId } from '../../protocol/ids.ts'
import { drawPeerName } from '../../protocol/peer-secret.ts'
import type { FromSignaling, ToSignaling } from '../../protocol/signals.ts'
import { randomBytes } from '../../transport/clock.ts'
import { createWebRtcPeer, type PeerSignal } from '../../transport/webrtc-peer.ts'

type Listeners = {
  /** There is a connection. */
  readonly onConnect?: () => void
  /** Nobody is there yet; from now on whoever comes is answered. */
  readonly onAlone?: () => void
  readonly onRefused: (error: Error) => void
}

/** Milliseconds from opening the signaling socket to a connected simple-peer, with the peer that is there already. */
export function joinBareMs(topic: string): Promise<number> {
  const startMs = performance.now()
  return new Promise((resolve, reject) => {
    const onConnect = () => resolve(performance.now() - startMs)
    enter(topic, { onConnect, onRefused: reject })
  })
}

/** Answers whoever joins bare. */
export function answerBare(topic: string): Promise<void> {
  return new Promise((resolve, reject) => enter(topic, { onAlone: resolve, onRefused: reject }))
}

/** The least that simple-peer needs: the newcomer offers to the first peer it finds, with candidates as they come. */
function enter(topic: string, { onConnect, onAlone, onRefused }: Listeners): void {
  const socket = new WebSocket(new URL('/signal', location.href.replace(/^http/, 'ws')))
  const say = (message: ToSignaling) => socket.send(JSON.stringify(message))
  const peers = new Map<PeerId, ReturnType<typeof createWebRtcPeer>>()
  const peerFor = (other: PeerId, initiator: boolean) => {
    const known = peers.get(other)
    if (known !== undefined) return known
    const peer = createWebRtcPeer(initiator, [], () => {})
    peers.set(other, peer)
    peer.on('signal', (signal) => {
      const box = toBase64Url(new TextEncoder().encode(JSON.stringify(signal)))
      say({ type: 'signal', to: other, attempt: 'bare', box })
    })
    peer.on('connect', () => onConnect?.())
    peer.on('error', () => peers.delete(other)) // the newcomer's tab was closed
    return peer
  }
  const receive = (message: FromSignaling) => {
    if (message.type === 'joined') {
      const [there] = message.members
      if (there === undefined) onAlone?.()
      else peerFor(there.peer, true)
    } else if (message.type === 'signal') {
      const signal = new TextDecoder().decode(fromBase64Url(message.box)!)
      peerFor(message.from, false).signal(JSON.parse(signal) as PeerSignal)
    } else if (message.type === 'error') onRefused(new Error(message.message))
  }
  socket.onopen = () => {
    const name = drawPeerName(randomBytes)
    say({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: topic as never,
      ...name,
      claim: null,
      held: NO_TERM,
    })
  }
  socket.onmessage = ({ data }: MessageEvent<string>) => receive(JSON.parse(data) as FromSignaling)
}
