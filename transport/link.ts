// Owns the port between the room and whatever carries its frames: a WebRTC data channel, signaling, a pair of queues in
// memory. A Link is reliable, and ordered per lane, until it closes. It does not know what is in a frame.

/** Control frames overtake data in the sender's own queue, so that a heartbeat never waits behind bulk. */
export type Lane = 'control' | 'data'

/** Whole, or in pieces one behind the other: what is large need not be copied to become part of a frame. */
export type FrameBytes = Uint8Array | readonly Uint8Array[]

export type LinkEvents = {
  /**
   * A whole frame arrived, as it was handed to `send`. Frames of one lane arrive in order. The bytes may be a view
   * into a packet of 64 KiB: who keeps a few of them for long copies those. `more`: another one arrived with it.
   */
  readonly frame: (bytes: Uint8Array, more: boolean) => void
  /** The link is gone for good, once, for whatever reason. Frames still queued are lost. */
  readonly close: (reason: string) => void
}

export interface Link {
  /** Queues a frame (1 B to FRAME_BYTES_MAX). The bytes must not be changed afterwards. Does nothing once closed. */
  send(frame: FrameBytes, lane: Lane): void
  /** What was sent leaves now as far as there is room, else at the end of the turn. */
  pump(): void
  /** Bytes queued on this side and not yet handed to the network. */
  readonly queuedBytes: number
  /** Closes both ends; what was queued may be lost. Closing again does nothing. */
  close(reason: string): void
  /** Sets the one receiver of events; frames that came before wait for it. */
  listen(events: LinkEvents): void
}
