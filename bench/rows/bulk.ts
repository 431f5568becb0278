// The rows of bulk: large values, as many as go through, to one page and to three.

import { BULK, pouring, toThree } from '../contenders/loads.ts'
import type { Meeting } from '../contenders/meeting.ts'
import { wsRelay } from '../contenders/relay.ts'
import { rooms } from '../contenders/rooms.ts'
import { oneChannel, rawHops, twoHops } from '../contenders/star.ts'
import { CPU, more, type Row } from '../row.ts'

/** Whether the author has its own values back does not count. */
const toReader = (meeting: Meeting) => ({ ...meeting, receivers: meeting.receivers.slice(-1) })

export const bulk: Row = {
  name: 'bulk',
  title: 'values of 64 KiB from page through the host to a page',
  boundBy: 'encryption and copies of WebRTC, twice',
  rounds: 4,
  opens: 'round',
  figures: [more('through', 'bytes', 'MB/s'), CPU],
  contenders: (stage) =>
    [oneChannel(stage), twoHops(stage), ...rooms(stage, 'relay')].map((way) =>
      pouring(way, 2, BULK, toReader),
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
    toThree(stage, [rawHops(stage), ...rooms(stage, 'relay'), wsRelay(stage)], BULK),
}
