// Owns a Link whose packets travel sealed through signaling, and its end where a box is not the very next one of the
// other side. [SG5] Who proposes such a link to whom is relay-attempt.ts's; how much may be on the way, and when the
// other side is told what came, is that of relay-window.ts and relay-receipts.ts.

import type { PeerId, Topic } from '../protocol/ids.ts'
import { NONCE_BYTES, openPacket, packetBytesIn, sealPacket } from '../protocol/seal.ts'
import type { RandomBytes, Timers } from './clock.ts'
import { PacketLink, type PacketCarrier } from './packet-link.ts'
import {
  encodeRelayPacket,
  parseRelayPacket,
  RELAY_HEADER_BYTES,
  type RelayPacket,
} from './relay-packet.ts'
import { RelayReceipts } from './relay-receipts.ts'
import type { RelayTraffic } from './relay-traffic.ts'
import { RelayWindow } from './relay-window.ts'

export type RelayedLinkOptions = {
  readonly self: PeerId
  readonly peer: PeerId
  readonly topic: Topic
  /** The room's key. */
  readonly key: Uint8Array
  /** Names this link alone; both sides have had a random part in it. */
  readonly session: string
  readonly random: RandomBytes
  readonly timers: Timers
  readonly traffic: RelayTraffic
  readonly sendBox: (box: string) => void
  /** The link has ended, for whatever reason: once. */
  readonly onEnd: (reason: string) => void
}

/** The reason where a box was not the next of the other side: signaling changed, swapped, lost or repeated it. */
export const TAMPERED = 'tampered'
const NOTHING = new Uint8Array(0)

export class RelayedLink implements PacketCarrier {
  readonly link: PacketLink = new PacketLink(this)
  readonly #options: RelayedLinkOptions
  readonly #window: RelayWindow
  readonly #receipts: RelayReceipts
  /** Number of the last box, of this side and of the other. */
  #sent = 0
  #received = 0
  /** `mute`: its socket is gone, nothing comes or goes any more. */
  #status: 'open' | 'mute' | 'ended' = 'open'
  #endsSilently = false
  #reason = 'closed'

  constructor(options: RelayedLinkOptions) {
    this.#options = options
    this.#window = new RelayWindow(options.traffic)
    this.#receipts = new RelayReceipts(options.timers, () => this.greet())
    options.traffic.add(this)
  }

  get session(): string {
    return this.#options.session
  }

  get isOpen(): boolean {
    return this.#status === 'open'
  }

  /** Says nothing but that it is there, and what has come. */
  greet(): void {
    this.#send(NOTHING)
  }

  /** A box of this session. One that is not the very next ends the link. */
  receive(box: string): void {
    if (this.#status !== 'open') return
    const packet = this.#open(box)
    if (packet === null) {
      this.#reason = TAMPERED
      return this.link.close(TAMPERED)
    }
    this.#received++
    this.#window.arrivedUpTo(packet.received)
    this.#window.granted(packet.windowChars)
    if (packet.bytes.length > 0) this.#deliver(packet.bytes, box.length)
    if (packet.isLast) this.#end()
    else this.#options.traffic.pump()
  }

  /** Nothing comes or goes any more; the owner is not told yet. */
  mute(): void {
    if (this.#status === 'open') this.#quieten('mute')
  }

  /** Another link to the same peer is open; the other side sees that for itself, and loses this one no sooner. */
  replaced(): void {
    this.#endsSilently = true
    this.link.close('replaced')
  }

  // --- for the link ---

  hasRoom(): boolean {
    return this.packetBytesMax() > 0
  }

  packetBytesMax(): number {
    if (this.#status !== 'open') return 0
    return Math.max(0, packetBytesIn(this.#window.roomChars) - RELAY_HEADER_BYTES)
  }

  /** What signaling has is on the network. */
  heldBytes(): number {
    return 0
  }

  send(packet: Uint8Array): void {
    const chars = this.#send(packet)
    this.#window.sent(this.#sent, chars)
  }

  close(): void {
    if (this.#status === 'open' && !this.#endsSilently) this.#send(NOTHING, true)
    this.#end()
  }

  // --- inside ---

  /** The packet in a box that is the next one of the other side; null where it is not. */
  #open(box: string): RelayPacket | null {
    const { self, peer, topic, key, session } = this.#options
    const count = this.#received + 1
    const packet = openPacket(key, { topic, from: peer, to: self, session, count }, box)
    return packet === null ? null : parseRelayPacket(packet)
  }

  #deliver(bytes: Uint8Array, chars: number): void {
    this.link.received(bytes)
    if (this.#status === 'open') this.#receipts.came(chars) // a listener may have closed it
  }

  /** Sends a box; how many characters it has. */
  #send(bytes: Uint8Array, isLast = false): number {
    const { self, peer, topic, key, session, random, traffic, sendBox } = this.#options
    this.#sent++
    const windowChars = traffic.grantChars
    const packet = encodeRelayPacket({ isLast, received: this.#received, windowChars, bytes })
    const context = { topic, from: self, to: peer, session, count: this.#sent }
    const box = sealPacket(key, context, packet, random(NONCE_BYTES))
    this.#receipts.told(windowChars)
    sendBox(box)
    return box.length
  }

  #quieten(status: 'mute' | 'ended'): void {
    this.#status = status
    this.#receipts.stop()
    this.#window.arrivedUpTo(this.#sent)
    this.#options.traffic.delete(this)
  }

  #end(): void {
    if (this.#status === 'ended') return
    this.#quieten('ended')
    this.link.closed(this.#reason)
    this.#options.onEnd(this.#reason)
    this.#options.traffic.pump()
  }
}
