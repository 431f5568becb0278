// Owns the list of what may happen to the tab that hosts a room.

import { cutFor12s, cutFor30s, cutFor4s } from './cutting.ts'
import type { Fault } from './fault.ts'
import { cached, closed, left, navigated, reloaded } from './going.ts'
import { browserKilled, crashed, rendererKilled } from './killing.ts'
import { frozen, hung, stopped } from './stalling.ts'

export const FAULTS: readonly Fault[] = [
  closed,
  navigated,
  reloaded,
  left,
  cached,
  crashed,
  rendererKilled,
  browserKilled,
  hung,
  stopped,
  frozen,
  cutFor4s,
  cutFor12s,
  cutFor30s,
]
