// The table of rows, in the order in which they are measured and told.

import type { Row } from './row.ts'
import { bulk, bulkToMany } from './rows/bulk.ts'
import { fanOuts } from './rows/fan-out.ts'
import { gaps } from './rows/gaps.ts'
import { join } from './rows/join.ts'
import { latency } from './rows/latency.ts'
import { newcomer } from './rows/newcomer.ts'
import { codec, engine, frames, history, keys, pipeline } from './rows/pure.ts'
import { small } from './rows/small.ts'

export const ROWS: readonly Row[] = [
  join,
  newcomer,
  latency,
  small,
  bulk,
  bulkToMany,
  ...fanOuts,
  ...gaps,
  engine,
  codec,
  pipeline,
  keys,
  history,
  frames,
]
