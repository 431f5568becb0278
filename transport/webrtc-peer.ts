// Owns the port to one WebRTC connection, in the shape of simple-peer, and makes real ones with it.

import SimplePeer from 'simple-peer'

/** What one side tells the other to connect. Media and renegotiation are not for us. */
export type PeerSignal =
  | { readonly type: 'offer'; readonly sdp: string }
  | { readonly type: 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: IceCandidate }

export type IceCandidate = {
  readonly candidate: string
  readonly sdpMid: string | null
  readonly sdpMLineIndex: number | null
}

/** As much of a simple-peer as Baton uses. */
export interface WebRtcPeer {
  on(event: 'signal', listener: (signal: PeerSignal) => void): unknown
  /** The channel is open; `data` can come before it. */
  on(event: 'connect', listener: () => void): unknown
  on(event: 'data', listener: (packet: Uint8Array) => void): unknown
  /** Comes before `close` where there was a reason; one that nobody hears is thrown. */
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'close', listener: () => void): unknown
  /** May throw where the browser finds no signal in it. */
  signal(signal: PeerSignal): void
  /** May throw once the channel is closing. */
  send(packet: Uint8Array): void
  destroy(error?: Error): void
  /** Bytes in the channel. */
  readonly bufferSize: number
  /** Null before it is there. simple-peer itself tells of a drained channel only by its stream, which is slower. */
  readonly _channel: Pick<RTCDataChannel, 'addEventListener' | 'bufferedAmountLowThreshold'> | null
}

export type CreatePeer = (options: { readonly initiator: boolean }) => WebRtcPeer

/**
 * A real connection. Throws where the browser has no WebRTC or was told to allow none.
 * `onTurnFailed`: a TURN server was named, and none gave an address. A browser itself says nothing of it.
 */
export function createWebRtcPeer(
  initiator: boolean,
  iceServers: readonly RTCIceServer[],
  onTurnFailed: (why: string) => void,
): WebRtcPeer {
  // Its types know neither the channel and the connection, nor that candidates are read as plain objects.
  const peer = new SimplePeer({
    initiator,
    trickle: true,
    config: { iceServers: [...iceServers] },
  }) as SimplePeer.Instance &
    Pick<WebRtcPeer, '_channel' | 'signal'> & { readonly _pc?: RTCPeerConnection }
  if (peer._pc !== undefined && iceServers.some(isTurn)) watchTurn(peer, peer._pc, onTurnFailed)
  return peer
}

function watchTurn(
  peer: SimplePeer.Instance,
  connection: RTCPeerConnection,
  onFailed: (why: string) => void,
): void {
  let error: string | null = null
  let isOver = false
  const over = (why: string | null) => {
    if (!isOver && why !== null) onFailed(why)
    isOver = true
  }
  connection.addEventListener('icecandidateerror', ({ url, errorCode, errorText }) => {
    if (url.startsWith('turn')) error = `${errorCode} ${errorText}`
  })
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate === null) over(error ?? 'no address')
    else if (candidate.candidate.includes(' typ relay')) over(null)
  })
  // An address that does not answer is searched for longer than an attempt lasts.
  peer.on('close', () => over(error))
}

function isTurn({ urls }: RTCIceServer): boolean {
  return [urls].flat().some((url) => url.startsWith('turn'))
}
