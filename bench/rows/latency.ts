// The row of latency: one value at a time.

import { delays, type Load } from '../contenders/meeting.ts'
import { peerWays } from '../contenders/peers.ts'
import { wsRelay } from '../contenders/relay.ts'
import { rooms } from '../contenders/rooms.ts'
import { floor, twoHops } from '../contenders/star.ts'
import { at } from '../contenders/way.ts'
import { less, type Row } from '../row.ts'

const SLOW: Load = { count: 4, bytes: 100 }
const WARM_UP: Load = { count: 30, bytes: 100 }

export const latency: Row = {
  name: 'latency',
  title: '100 B from page through the host to a page, nothing else going on',
  boundBy: 'two wires: each is a hand-over from page to network process and back',
  rounds: 100,
  opens: 'row',
  figures: [less('p50', 'ms', 'ms'), less('p95', 'ms', 'ms', 0.95), less('p99', 'ms', 'ms', 0.99)],
  contenders: (stage) =>
    [
      twoHops(stage),
      floor(stage),
      ...rooms(stage, 'append'),
      wsRelay(stage),
      ...peerWays(stage, ['socket.io', 'peerjs', 'y-websocket', 'y-webrtc']),
    ].map((way) =>
      at(
        way,
        2,
        (meeting) => delays(meeting, SLOW),
        (meeting) => delays(meeting, WARM_UP),
      ),
    ),
}
