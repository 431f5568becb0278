// The table of rows, in the order in which they are measured and told.

import type { Row } from './row.ts'
import { gaps } from './rows/gaps.ts'
import { join, newcomer } from './rows/join.ts'
import { codec, engine, history, keys, pipeline } from './rows/pure.ts'
import { bulk, bulkToMany, fanOuts, latency, small } from './rows/traffic.ts'

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
]
