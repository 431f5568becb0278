// Owns a Link over one WebRTC connection: when it is open, how much its channel may hold, why it ended. It does not
// know how the connection came about.

import { HIGH_WATER_BYTES, LOW_WATER_BYTES } from './link-limits.ts'
import type { Link } from './link.ts'
import { PacketLink } from './packet-link.ts'
import type { WebRtcPeer } from './webrtc-peer.ts'

export type ConnectionEvents = {
  /** Frames can pass: once. */
  readonly open: (link: Link) => void
  /** The connection is gone, whether it was open or not. Can be told again. */
  readonly end: (reason: string) => void
}

/**
 * Puts a link on a connection that was just created. Control frames overtake what waits in the link, never what the
 * channel holds: so the channel is kept short.
 */
export function startWebrtcLink(peer: WebRtcPeer, events: ConnectionEvents): void {
  let isOpen = false
  let reason = 'closed'

  const link = new PacketLink({
    hasRoom: () => peer.bufferSize < HIGH_WATER_BYTES,
    heldBytes: () => peer.bufferSize,
    send(packet) {
      try {
        peer.send(packet)
      } catch (error) {
        peer.destroy(error as Error) // the channel is closing, and its event is still to come
      }
    },
    close() {
      peer.destroy()
      events.end(reason)
    },
  })

  function open(): void {
    if (isOpen || peer._channel === null) return
    isOpen = true
    peer._channel.bufferedAmountLowThreshold = LOW_WATER_BYTES
    peer._channel.addEventListener('bufferedamountlow', () => link.pump())
    events.open(link)
  }

  peer.on('connect', open)
  peer.on('data', (packet) => {
    open() // the other side may have been faster
    link.received(packet)
  })
  peer.on('error', (error) => {
    reason = error.message
  })
  peer.on('close', () => {
    link.closed(reason)
    events.end(reason)
  })
}
