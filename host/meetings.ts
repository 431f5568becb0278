// Owns how often a branch that was met is a reason for a new reign, and how soon again. What it
// holds is not known here. [MG5g]

import {
  BRANCHES_MET_MAX,
  BRANCH_WAIT_MS,
  MEETINGS_MAX,
  MEETING_PAUSE_MAX_MS,
} from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { Position } from '../protocol/frames.ts'
import { comparePositions } from '../replica/history.ts'

/** A peer that greets a host, and holds what the host lacks. */
export type Meeting = {
  readonly peer: PeerId
  /** Where its log ends. */
  readonly end: Position | null
  /** Whether it has streams that lack less than the host's. */
  readonly bringsStreams: boolean
}

/** `wait`: the peer greets again by itself. `enough`: it starts over like any other. */
export type MeetingVerdict = 'reign anew' | 'wait' | 'enough'

export class Meetings {
  /** How often each branch was the reason for a new reign. */
  #branches: { readonly end: Position | null; readonly times: number }[] = []
  #lastAtMs = -Infinity
  /** Whose branch the next reign is to join. */
  readonly #peers = new Set<PeerId>()

  /** Whose branch the reign that begins now is to join. */
  reignBegins(): PeerId[] {
    const peers = [...this.#peers]
    this.#peers.clear()
    return peers
  }

  left(peer: PeerId): void {
    this.#peers.delete(peer)
  }

  judge({ peer, end, bringsStreams }: Meeting, nowMs: number): MeetingVerdict {
    const sinceMs = nowMs - this.#lastAtMs
    if (this.#peers.has(peer) && sinceMs < BRANCH_WAIT_MS) return 'wait'
    const times = this.#timesOf(end)
    if (times >= MEETINGS_MAX) {
      if (!bringsStreams) return 'enough'
      if (sinceMs < pauseMs(times)) return 'wait'
    }
    this.#count(end, times + 1)
    this.#lastAtMs = nowMs
    this.#peers.add(peer)
    return 'reign anew'
  }

  #timesOf(end: Position | null): number {
    return this.#branches.find((branch) => isSame(branch.end, end))?.times ?? 0
  }

  #count(end: Position | null, times: number): void {
    if (this.#branches.length === BRANCHES_MET_MAX) this.#branches = []
    this.#branches = this.#branches.filter((branch) => !isSame(branch.end, end))
    this.#branches.push({ end, times })
  }
}

/** Ever longer: where a peer gives nothing in the end, the room stops for it each time. */
function pauseMs(times: number): number {
  return Math.min(MEETING_PAUSE_MAX_MS, BRANCH_WAIT_MS * 2 ** (times - MEETINGS_MAX))
}

function isSame(a: Position | null, b: Position | null): boolean {
  return comparePositions(a, b) === 0
}
