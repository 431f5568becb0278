// Owns what every Link of ours has in common: the queue of its own, the gathering of one turn's frames into packets,
// the credit that holds them back, the waiting of early frames, and an end that is told once. It does not know what
// carries the packets: that is a port.

import { LINK_QUEUE_BYTES_MAX } from '../protocol/limits.ts'
import { Credit } from './credit.ts'
import type { FrameBytes, Lane, Link, LinkEvents } from './link.ts'
import { PacketQueue, PacketReader } from './packets.ts'

/** Something that brings packets to the other side whole and in order, until it closes. */
export interface PacketCarrier {
  /** Whether it has room for a packet now. When it has again, it calls the link's `pump`. */
  hasRoom(): boolean
  /** The largest packet that it has room for; PACKET_BYTES_MAX where it does not say. */
  packetBytesMax?(): number
  /** Packets handed over and not yet on the network, in bytes. */
  heldBytes(): number
  send(packet: Uint8Array): void
  /** Ends both sides; what was handed over before should still arrive. */
  close(): void
}

/** A Link over a PacketCarrier. Its events are never called from inside a call of its owner. */
export class PacketLink implements Link {
  readonly #carrier: PacketCarrier
  readonly #credit = new Credit()
  readonly #queue = new PacketQueue(this.#credit)
  readonly #reader = new PacketReader(this.#credit)
  #isFlushPlanned = false
  #events: LinkEvents | null = null
  /** Frames that the listener has not seen, no more than credit allows. Once there is one, they go within the turn. */
  #arrived: Uint8Array[] = []
  #arrivedBytes = 0
  #closeReason: string | null = null

  constructor(carrier: PacketCarrier) {
    this.#carrier = carrier
  }

  get queuedBytes(): number {
    return this.#closeReason === null ? this.#queue.queuedBytes + this.#carrier.heldBytes() : 0
  }

  send(frame: FrameBytes, lane: Lane): void {
    if (this.#closeReason !== null) return
    this.#queue.push(frame, lane)
    if (this.#queue.queuedBytes > LINK_QUEUE_BYTES_MAX) return this.close('queue-full')
    this.#flushSoon()
  }

  close(reason: string): void {
    if (this.#closeReason !== null) return
    this.pump() // a goodbye of this very turn still goes out
    this.#arrived.length = 0
    this.closed(reason)
    this.#carrier.close()
  }

  listen(events: LinkEvents): void {
    this.#events = events
    queueMicrotask(() => {
      this.#deliver()
      this.pump() // what had waited is granted now
    })
  }

  /** Also for the carrier: it has room. */
  pump(): void {
    while (this.#closeReason === null && this.#carrier.hasRoom()) {
      const packet = this.#queue.next(this.#carrier.packetBytesMax?.())
      if (packet === null) return
      this.#carrier.send(packet)
    }
  }

  /** For the carrier: a packet came. */
  received(packet: Uint8Array): void {
    if (this.#closeReason !== null) return
    const frames = this.#reader.read(packet)
    if (!frames.ok) return this.close(`malformed: ${frames.error}`)
    for (const frame of frames.value) this.#arrived.push(frame)
    this.#arrivedBytes += packet.length
    if (this.#events !== null) this.#deliver()
    this.#flushSoon() // its credit may let more pass, or have to be renewed
  }

  /** For the carrier: it is gone. What arrived before is delivered still. */
  closed(reason: string): void {
    if (this.#closeReason !== null) return
    this.#closeReason = reason
    queueMicrotask(() => this.#deliver())
  }

  /** The frames of one turn share packets, and wait for nothing else. */
  #flushSoon(): void {
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    queueMicrotask(() => {
      this.#isFlushPlanned = false
      this.pump()
    })
  }

  #deliver(): void {
    if (this.#events === null) return
    // A listener that closes the link empties the list, which ends the loop.
    for (const [i, frame] of this.#arrived.entries())
      this.#events.frame(frame, i + 1 < this.#arrived.length)
    this.#arrived.length = 0
    this.#credit.consumed(this.#arrivedBytes)
    this.#arrivedBytes = 0
    if (this.#closeReason === null) return
    this.#events.close(this.#closeReason)
    this.#events = null
  }
}
