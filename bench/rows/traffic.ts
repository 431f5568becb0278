// Rows of what flows from page to pages: latency, small messages, bulk.

import { peerWays, type PeerName } from '../contenders/peers.ts'
import { delays, pourWithCpu, type Load, type Meeting } from '../contenders/meeting.ts'
import {
  at,
  floor,
  oneChannel,
  rooms,
  rawHops,
  twoHops,
  wsRelay,
  type Way,
} from '../contenders/ways.ts'
import { less, more, type Contender, type Row } from '../row.ts'
import type { Stage } from '../stage/stage.ts'

const SLOW: Load = { count: 10, bytes: 100 }
const SLOW_WARM_UP: Load = { count: 30, bytes: 100 }
const SMALL: Load = { count: 60_000, bytes: 100 }
const SMALL_WARM_UP: Load = { count: 10_000, bytes: 100 }
const BULK: Load = { count: 384, bytes: 64 * 1024 }
const BULK_WARM_UP: Load = { count: 64, bytes: 64 * 1024 }

const PEERS: readonly PeerName[] = ['socket.io', 'peerjs', 'y-websocket', 'y-webrtc']
/** Others are slower, most of them by far: a part of the load shows as much. */
const part = ({ count, bytes }: Load): Load => ({ count: count / (bytes > 1_000 ? 2 : 8), bytes })

const poured = (load: Load, warmUp: Load) =>
  [
    (meeting: Meeting) => pourWithCpu(meeting, load),
    (meeting: Meeting) => pourWithCpu(meeting, warmUp),
  ] as const

/** Whether the author has its own values back does not count. */
const toReader = (meeting: Meeting) => ({ ...meeting, receivers: meeting.receivers.slice(-1) })

/** To three pages, others among the ways. */
function toMany(
  stage: Stage,
  ways: readonly Way[],
  load: Load,
  warmUp: Load,
): readonly Contender[] {
  return [
    ...ways.map((way) => at(way, 3, ...poured(load, warmUp))),
    ...peerWays(stage, PEERS).map((way) => at(way, 3, ...poured(part(load), part(warmUp)))),
  ]
}

const CPU = less('CPU a message', 'cpu', 'µs')

export const latency: Row = {
  name: 'latency',
  title: '100 B from page through the host to a page, nothing else going on',
  boundBy: 'two wires: each is a hand-over from page to network process and back',
  rounds: 40,
  opens: 'row',
  figures: [less('p50', 'ms', 'ms'), less('p95', 'ms', 'ms', 0.95), less('p99', 'ms', 'ms', 0.99)],
  contenders: (stage) =>
    [
      twoHops(stage),
      floor(stage),
      ...rooms(stage, 'append'),
      wsRelay(stage),
      ...peerWays(stage, PEERS),
    ].map((way) =>
      at(
        way,
        2,
        (meeting) => delays(meeting, SLOW),
        (meeting) => delays(meeting, SLOW_WARM_UP),
      ),
    ),
}

export const small: Row = {
  name: 'small',
  title: 'messages of 100 B from one page to 3, through the host',
  boundBy: 'the CPU of all pages and of the network process, on the cores that there are',
  rounds: 5,
  opens: 'round',
  figures: [more('to each', 'rate', '/s'), CPU],
  contenders: (stage) =>
    toMany(
      stage,
      [oneChannel(stage), floor(stage), ...rooms(stage, 'append'), wsRelay(stage)],
      SMALL,
      SMALL_WARM_UP,
    ),
}

export const bulk: Row = {
  name: 'bulk',
  title: 'values of 64 KiB from page through the host to a page',
  boundBy: 'encryption and copies of WebRTC, twice',
  rounds: 4,
  opens: 'round',
  figures: [more('through', 'bytes', 'MB/s'), CPU],
  contenders: (stage) =>
    [oneChannel(stage), twoHops(stage), ...rooms(stage, 'relay')].map((way) =>
      at(
        way,
        2,
        (meeting) => pourWithCpu(toReader(meeting), BULK),
        (meeting) => pourWithCpu(toReader(meeting), BULK_WARM_UP),
      ),
    ),
}

export const bulkToMany: Row = {
  name: 'bulk-to-3',
  title: 'values of 64 KiB from one page to 3',
  boundBy: 'encryption and copies of WebRTC, four times; a relay of plain text has none',
  rounds: 3,
  opens: 'round',
  figures: [more('to each', 'bytes', 'MB/s'), CPU],
  contenders: (stage) =>
    toMany(stage, [rawHops(stage), ...rooms(stage, 'relay'), wsRelay(stage)], BULK, BULK_WARM_UP),
}

export const fanOuts: readonly Row[] = [1, 3, 8, 16, 32].map((receivers) => {
  const count = Math.max(4_000, Math.floor(SMALL.count / receivers / 2))
  const load: Load = { count, bytes: SMALL.bytes }
  const warmUp: Load = { count: 2_000, bytes: SMALL.bytes }
  return {
    name: `fan-out-${receivers}`,
    title: `messages of 100 B to ${receivers} pages`,
    boundBy: 'the CPU, most of it in the network process and in the receivers',
    rounds: 2,
    opens: 'round',
    figures: [more('to each', 'rate', '/s'), less('CPU a receiver', 'cpuEach', 'µs')],
    contenders: (stage) =>
      [floor(stage), ...rooms(stage, 'append')].map((way) =>
        at(way, receivers, ...poured(load, warmUp)),
      ),
  }
})
