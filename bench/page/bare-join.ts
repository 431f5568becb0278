// Owns the limit of a join: a bare simple-peer that connects over the same signaling service as a room, and no more.

import { fromBase64Url, toBase64Url } from '../../protocol/base64url.ts'
import { PROTOCOL_VERSION } from '../../protocol/limits.ts'
import type { PeerId } from '../../protocol/ids.ts'
import { drawPeerName } from '../../protocol/peer-secret.ts'
import type { FromSignaling, ToSignaling } from '../../protocol/signals.ts'
import { randomBytes } from '../../transport/clock.ts'
import { createWebRtcPeer, type PeerSignal } from '../../transport/webrtc-peer.ts'

/** Milliseconds from opening the signaling socket to a connected simple-peer, with the peer that is there already. */
export function joinBareMs(topic: string): Promise<number> {
  const startMs = performance.now()
  return new Promise((resolve) => enterBare(topic, () => resolve(performance.now() - startMs)))
}

/** Answers whoever joins bare. */
export function answerBare(topic: string): Promise<void> {
  return new Promise((resolve) => enterBare(topic, () => {}, resolve))
}

/** The least that simple-peer needs: the newcomer offers to the first peer it finds, with candidates as they come. */
function enterBare(topic: string, onConnect: () => void, onAlone: () => void = () => {}): void {
  const socket = new WebSocket(new URL('/signal', location.href.replace(/^http/, 'ws')))
  const say = (message: ToSignaling) => socket.send(JSON.stringify(message))
  const peers = new Map<PeerId, ReturnType<typeof createWebRtcPeer>>()
  const peerFor = (other: PeerId, initiator: boolean) => {
    const known = peers.get(other)
    if (known !== undefined) return known
    const peer = createWebRtcPeer(initiator, [], () => {})
    peers.set(other, peer)
    peer.on('signal', (signal) =>
      say({
        type: 'signal',
        to: other,
        attempt: 'bare',
        box: toBase64Url(new TextEncoder().encode(JSON.stringify(signal))),
      }),
    )
    peer.on('connect', onConnect)
    peer.on('error', () => peers.delete(other)) // the newcomer's tab was closed
    return peer
  }
  socket.onopen = () =>
    say({
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: topic as never,
      ...drawPeerName(randomBytes),
      claim: null,
    })
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as FromSignaling
    if (message.type === 'joined') {
      const [there] = message.members
      if (there === undefined) onAlone()
      else peerFor(there.peer, true)
    } else if (message.type === 'signal') {
      peerFor(message.from, false).signal(
        JSON.parse(new TextDecoder().decode(fromBase64Url(message.box)!)) as PeerSignal,
      )
    } else if (message.type === 'error') throw new Error(message.message)
  }
}
