// Owns the limit: each value is a message of its own over a bare data channel. A page in the middle passes on what
// comes over its first channel by all others, and does nothing else.

import { HIGH_WATER_BYTES } from '../../transport/link-limits.ts'
import { channels } from './channels.ts'
import { Pump, type Value, type Way } from './way.ts'

type Bytes = Uint8Array<ArrayBuffer>

export function rawWay(): Way {
  const [first, ...others] = channels
  const pump = new Pump(first!, HIGH_WATER_BYTES)
  const onward = others.map((channel) => new Pump(channel, HIGH_WATER_BYTES))
  let listener: (value: Value) => void = () => {}
  first!.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
    for (const next of onward) next.send(data)
    listener(new Uint8Array(data))
  }
  return {
    form: 'bytes',
    ownBytes: 0,
    send: (value) => pump.send(value as Bytes),
    untilRoom: () => pump.untilRoom(),
    hear: (next) => {
      listener = next
    },
  }
}
