// Owns what a plan is: who comes when, what is done to them, what they do, how long things take. A
// seed draws one, a scenario file is one.

import type { Action } from '../protocol/entry.ts'
import { isWay, type Way } from './app.ts'
import { CALM_KINDS, PLAIN_KINDS, type Fault } from './faults.ts'
import type { Pace } from './pace.ts'
import { isUsual, type RoomOptions } from './room-options.ts'
import { PRESENCE, type Shares } from './shared-objects.ts'

/**
 * `who`: named as targets of faults are, or `all`. A replay asks for so many messages of the end of
 * the room, or, with 1, for all. A change is one of the shared object that `key` names, or of what
 * the page tells of itself.
 */
export type Work = {
  readonly atMs: number
  readonly who: string
  readonly action: Action | 'replay' | 'change' | Way | 'stop-listening'
  readonly key: string
  readonly times: number
}

/**
 * Whom the second phase heals (digit 1, by page number), and what becomes of the others until
 * everything heals.
 */
export type Core = { readonly sides: string; readonly fate: 'crash' | 'freeze' | 'cut' }

export type Plan = {
  /** Of the chance that is left: the time that each frame takes. */
  readonly seed: number
  /** Every list and buffer is as short as it may be. */
  readonly tight: boolean
  readonly pace: Pace
  readonly options: RoomOptions
  /** Pages that may host keep what they hold on a disk, and come back with it. */
  readonly disks: boolean
  readonly joinsAtMs: readonly number[]
  readonly faults: readonly Fault[]
  readonly work: readonly Work[]
  /** End of the phase in which faults happen. */
  readonly endsAtMs: number
  readonly core: Core
  /** Of a scene that is to pause: hosts give receipts one after the other, never beside each other. */
  readonly oneSide: boolean
  /** Pages of a scene whose log must go on: no reset takes back what they were given. */
  readonly stays: readonly string[]
}

export function sharesOf({ work }: Plan): Shares {
  const changed = work.filter(({ action }) => action === 'change').map(({ key }) => key)
  if (changed.includes(PRESENCE)) return 'objects and presence'
  return changed.length > 0 ? 'objects' : 'nothing'
}

/** Apps have rooms where any of them listens. */
export function hasRooms({ work }: Plan): boolean {
  return work.some(({ action }) => isWay(action))
}

/** Links and pages work as they should while they last. */
export function isCalm({ faults, core }: Plan): boolean {
  return faults.every(({ kind }) => CALM_KINDS.includes(kind)) && core.fate === 'crash'
}

/**
 * One fault at most, of a kind whose recovery has a bound, and nobody is taken out for the second
 * phase.
 */
export function isPlain({ faults, core, options }: Plan): boolean {
  const isMild = faults.length <= 1 && faults.every(({ kind }) => PLAIN_KINDS.includes(kind))
  return isMild && core.sides === '1' && isUsual(options)
}
