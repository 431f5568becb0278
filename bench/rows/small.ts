// The row of small messages: as many as go through.

import { SMALL, toThree } from '../contenders/loads.ts'
import { wsRelay } from '../contenders/relay.ts'
import { rooms } from '../contenders/rooms.ts'
import { floor, oneChannel } from '../contenders/star.ts'
import { CPU, more, type Row } from '../row.ts'

export const small: Row = {
  name: 'small',
  title: 'messages of 100 B from one page to 3, through the host',
  boundBy: 'the CPU of all pages and of the network process, on the cores that there are',
  rounds: 5,
  opens: 'round',
  figures: [more('to each', 'rate', '/s'), CPU],
  contenders: (stage) =>
    toThree(
      stage,
      [oneChannel(stage), floor(stage), ...rooms(stage, 'append'), wsRelay(stage)],
      SMALL,
    ),
}
