// Owns the record of what happened to the room while this page looked on, the newest first.

import type { HostChange } from '../client/api.ts'
import { TIMELINE_MAX } from './board-limits.ts'

/** `at` is this page's clock in ms; names are looked up when shown, since they may arrive later. */
export type Happening =
  | { readonly type: 'hosted'; readonly at: number; readonly hostId: string; readonly term: number }
  | {
      readonly type: 'passed'
      readonly at: number
      readonly hostId: string
      readonly fromId: string
      readonly term: number
      readonly gapMs: number
    }
  | { readonly type: 'joined' | 'left'; readonly at: number; readonly id: string }
  | {
      readonly type: 'signaling'
      readonly at: number
      readonly state: 'connected' | 'disconnected'
    }

export type Timeline = readonly Happening[]

export function happened(timeline: Timeline, ...happenings: readonly Happening[]): Timeline {
  return [...happenings.toReversed(), ...timeline].slice(0, TIMELINE_MAX)
}

/** The first host is found; every later one was handed the baton. */
export function hostHappening(change: HostChange, at: number): Happening {
  const { hostId, term, previousHostId, gapMs } = change
  if (previousHostId === null) return { type: 'hosted', at, hostId, term }
  return { type: 'passed', at, hostId, fromId: previousHostId, term, gapMs }
}

/** A gap as it is read out: whole milliseconds, seconds from ten on. */
export function gapText(gapMs: number): string {
  if (gapMs < 1) return 'under 1 ms'
  if (gapMs < 9_999.5) return `${Math.round(gapMs)} ms`
  return `${(gapMs / 1_000).toFixed(1)} s`
}
