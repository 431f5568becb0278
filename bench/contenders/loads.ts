// Owns what is poured over ways: how much, by whom.

import type { Contender } from '../row.ts'
import type { Stage } from '../stage/stage.ts'
import { pourWithCpu, type Load, type Meeting } from './meeting.ts'
import { peerWays } from './peers.ts'
import { at, type Way } from './way.ts'

export type Pour = { readonly load: Load; readonly warmUp: Load }

const message = (count: number): Load => ({ count, bytes: 100 })
const large = (count: number): Load => ({ count, bytes: 64 * 1024 })

export const SMALL: Pour = { load: message(60_000), warmUp: message(10_000) }
export const BULK: Pour = { load: large(384), warmUp: large(64) }

/** A way over which so much is poured; whom of the receivers it is to reach may be chosen. */
export function pouring(
  way: Way,
  receivers: number,
  { load, warmUp }: Pour,
  choose = (meeting: Meeting) => meeting,
): Contender {
  const pour = (load: Load) => (meeting: Meeting) => pourWithCpu(choose(meeting), load)
  return at(way, receivers, pour(load), pour(warmUp))
}

/** To three pages, over these ways and those of others. */
export function toThree(stage: Stage, ways: readonly Way[], pour: Pour): readonly Contender[] {
  const others = peerWays(stage, ['socket.io', 'peerjs', 'y-websocket', 'y-webrtc'])
  return [
    ...ways.map((way) => pouring(way, 3, pour)),
    ...others.map((way) => pouring(way, 3, lessOf(pour))),
  ]
}

/** Others are slower, most of them by far: a part of the load shows as much. */
function lessOf({ load, warmUp }: Pour): Pour {
  const divisor = load.bytes > 1_000 ? 2 : 8
  const part = ({ count, bytes }: Load): Load => ({ count: count / divisor, bytes })
  return { load: part(load), warmUp: part(warmUp) }
}
