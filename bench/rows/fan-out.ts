// The rows of fan-out: the same message to more and more pages.

import { pouring, SMALL } from '../contenders/loads.ts'
import type { Load } from '../contenders/meeting.ts'
import { rooms } from '../contenders/rooms.ts'
import { floor } from '../contenders/star.ts'
import { less, more, type Row } from '../row.ts'

export const fanOuts: readonly Row[] = [1, 3, 8, 16, 32].map((receivers) => {
  const count = Math.max(4_000, Math.floor(SMALL.load.count / receivers / 2))
  const load: Load = { count, bytes: 100 }
  const warmUp: Load = { count: Math.max(2_000, Math.floor(count / 3)), bytes: 100 }
  return {
    name: `fan-out-${receivers}`,
    title: `messages of 100 B to ${receivers} pages`,
    boundBy: 'the CPU, most of it in the network process and in the receivers',
    rounds: 2,
    opens: 'round',
    figures: [more('to each', 'rate', '/s'), less('CPU a receiver', 'cpuEach', 'µs')],
    contenders: (stage) =>
      [floor(stage), ...rooms(stage, 'append')].map((way) =>
        pouring(way, receivers, { load, warmUp }),
      ),
  }
})
