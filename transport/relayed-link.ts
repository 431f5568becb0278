// Owns a Link whose packets travel sealed through signaling: their boxes, the window of what may be on the way,
// and its end where a box is not the very next one of the other side. [SG5] Who proposes such a link to whom is
// relay-attempt.ts's; how much all of them send at once is relay-traffic.ts's.
//
//   packet = flags, taken, window, bytes
//   flags  = one byte: bit 0 is set on the last box of a link
//   taken  = four bytes: how many boxes of the other side have come
//   window = four bytes: how many characters of boxes with frames the other side may have on the way
//   bytes  = a packet as packets.ts has them, or nothing

import type { PeerId, Topic } from '../protocol/ids.ts'
import { NONCE_BYTES, openPacket, packetBytesIn, sealPacket } from '../protocol/seal.ts'
import type { RandomBytes, Timers } from './clock.ts'
import { RELAY_ACK_MS, RELAY_WINDOW_MIN_CHARS } from './link-limits.ts'
import { PacketLink, type PacketCarrier } from './packet-link.ts'
import type { RelayTraffic } from './relay-traffic.ts'

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

const HEADER_BYTES = 9
const LAST_BIT = 1
/** What the owner hears when a box was not the next one of the other side: signaling changed, swapped, lost or repeated it. */
export const TAMPERED = 'tampered'

export class RelayedLink implements PacketCarrier {
  readonly link: PacketLink = new PacketLink(this)
  readonly #options: RelayedLinkOptions
  #sent = 0
  #received = 0
  /** Boxes with frames that the other side has not taken yet, the oldest first. */
  readonly #onTheWay: { readonly count: number; readonly chars: number }[] = []
  #charsOnTheWay = 0
  #window = RELAY_WINDOW_MIN_CHARS
  /** What the other side was told last. */
  #granted = RELAY_WINDOW_MIN_CHARS
  /** Taken in, and the other side not told yet. */
  #untoldChars = 0
  #cancelTelling: (() => void) | null = null
  /** `mute`: its socket is gone, nothing comes or goes any more. */
  #status: 'open' | 'mute' | 'ended' = 'open'
  #endsSilently = false
  #reason = 'closed'

  constructor(options: RelayedLinkOptions) {
    this.#options = options
    options.traffic.add(this)
  }

  get isOpen(): boolean {
    return this.#status === 'open'
  }

  /** Says nothing but that it is there. */
  greet(): void {
    this.#send(new Uint8Array(0), 0)
  }

  /** Takes a box of this session. One that is not the very next ends the link. */
  receive(box: string): void {
    if (this.#status !== 'open') return
    const { self, peer, topic, key, session } = this.#options
    const packet = openPacket(
      key,
      { topic, from: peer, to: self, session, count: this.#received + 1 },
      box,
    )
    if (packet === null || packet.length < HEADER_BYTES) {
      this.#reason = TAMPERED
      return this.link.close(TAMPERED)
    }
    this.#received++
    const header = new DataView(packet.buffer, packet.byteOffset)
    this.#taken(header.getUint32(1))
    this.#window = header.getUint32(5)
    const isLast = (header.getUint8(0) & LAST_BIT) !== 0
    if (packet.length > HEADER_BYTES) {
      this.link.received(packet.subarray(HEADER_BYTES))
      this.#tellLater(box.length)
    }
    if (isLast) this.#end()
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
    return Math.max(
      0,
      packetBytesIn(Math.min(this.#window - this.#charsOnTheWay, this.#options.traffic.roomChars)) -
        HEADER_BYTES,
    )
  }

  /** What signaling has is on the network. */
  heldBytes(): number {
    return 0
  }

  send(packet: Uint8Array): void {
    const chars = this.#send(packet, 0)
    this.#onTheWay.push({ count: this.#sent, chars })
    this.#charsOnTheWay += chars
    this.#options.traffic.charsOnTheWay += chars
  }

  close(): void {
    if (this.#status === 'open' && !this.#endsSilently) this.#send(new Uint8Array(0), LAST_BIT)
    this.#end()
  }

  // --- inside ---

  #send(bytes: Uint8Array, flags: number): number {
    const { self, peer, topic, key, session, random, traffic, sendBox } = this.#options
    const packet = new Uint8Array(HEADER_BYTES + bytes.length)
    const header = new DataView(packet.buffer)
    header.setUint8(0, flags)
    header.setUint32(1, this.#received)
    this.#granted = traffic.grantChars
    header.setUint32(5, this.#granted)
    packet.set(bytes, HEADER_BYTES)
    const box = sealPacket(
      key,
      { topic, from: self, to: peer, session, count: ++this.#sent },
      packet,
      random(NONCE_BYTES),
    )
    this.#told()
    sendBox(box)
    return box.length
  }

  /** The other side has so many boxes of ours. */
  #taken(count: number): void {
    for (
      let oldest = this.#onTheWay[0];
      oldest !== undefined && oldest.count <= count;
      oldest = this.#onTheWay[0]
    ) {
      this.#onTheWay.shift()
      this.#charsOnTheWay -= oldest.chars
      this.#options.traffic.charsOnTheWay -= oldest.chars
    }
  }

  #tellLater(chars: number): void {
    if (this.#status !== 'open') return // a listener may have closed it
    this.#untoldChars += chars
    if (this.#untoldChars >= this.#granted / 4) this.greet()
    else this.#cancelTelling ??= this.#options.timers.after(RELAY_ACK_MS, () => this.greet())
  }

  #told(): void {
    this.#untoldChars = 0
    this.#cancelTelling?.()
    this.#cancelTelling = null
  }

  #quieten(status: 'mute' | 'ended'): void {
    this.#status = status
    this.#told()
    this.#taken(this.#sent)
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
