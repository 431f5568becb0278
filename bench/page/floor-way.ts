// Owns the floor: the least that does a room's job from page to page through one page in the middle. The author puts
// the values of one turn into packets; the middle passes packets on to all, the author among them; receivers cut them.
// Whatever makes a room out of this is left out: no order but the middle's, no retention, no receipts, no failover.

import { PACKET_BYTES_MAX } from '../../protocol/limits.ts'
import { HIGH_WATER_BYTES } from '../../transport/link-limits.ts'
import { channels } from './channels.ts'
import { Batches, Pump, type Value, type Way } from './way.ts'

/** Before each value: how long it is. */
const HEAD_BYTES = 4

/** Values of one turn, until they leave as packets. */
class Packer {
  readonly #send: (packet: Uint8Array<ArrayBuffer>) => void
  #packet = new Uint8Array(PACKET_BYTES_MAX + HEAD_BYTES)
  #end = 0

  constructor(send: (packet: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send
  }

  add(value: Uint8Array): void {
    if (this.#end + HEAD_BYTES + value.length > this.#packet.length) this.flush()
    if (this.#end === 0) queueMicrotask(() => this.flush())
    new DataView(this.#packet.buffer).setUint32(this.#end, value.length)
    this.#packet.set(value, this.#end + HEAD_BYTES)
    this.#end += HEAD_BYTES + value.length
  }

  flush(): void {
    if (this.#end === 0) return
    this.#send(this.#packet.slice(0, this.#end))
    this.#end = 0
  }
}

function cut(packet: ArrayBuffer, each: (value: Uint8Array) => void): void {
  const view = new DataView(packet)
  let at = 0
  while (at < packet.byteLength) {
    const length = view.getUint32(at)
    each(new Uint8Array(packet, at + HEAD_BYTES, length))
    at += HEAD_BYTES + length
  }
}

export function floorWay({ inTheMiddle }: { readonly inTheMiddle: boolean }): Way {
  const pumps = channels.map((channel) => new Pump(channel, HIGH_WATER_BYTES))
  const packer = new Packer((packet) => pumps[0]!.send(packet))
  const batches = new Batches()
  let listener: (value: Value) => void = () => {}
  const give = (value: Uint8Array) => {
    batches.heard(value.length)
    listener(value)
  }
  for (const channel of channels)
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      if (inTheMiddle) for (const pump of pumps) pump.send(data)
      cut(data, give)
    }
  return {
    form: 'bytes',
    ownBytes: 0,
    send: (value) => {
      batches.sent(value.length)
      packer.add(value as Uint8Array)
    },
    untilRoom: () => batches.untilRoom(),
    hear: (next) => {
      listener = next
    },
  }
}
