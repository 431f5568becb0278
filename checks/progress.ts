// Owns whether a run proves anything at all. One in which hardly anything was acknowledged, or no
// host changed where one was taken away, is void: neither good nor bad.

import type { HistoryEvent } from './history.ts'
import { branchOf, hostOf, only, termOf } from './checker.ts'
import { RoomLife } from './room-life.ts'
import { stretchesOf, troublesOf, type Stretch } from './troubles.ts'

const ANSWERED_SHARE_MIN = 0.9
const ANSWERED_MIN = 5
/** What was sent this shortly before a fault may well have been hit by it. */
const UNSURE_MS = 1_000
/**
 * A page that ends this soon may well have had its reasons not to hear: no recovery takes longer.
 */
const PATIENCE_MS = 10_000

/** Why the run proves nothing; null where it does. */
export function voidBecause(history: readonly HistoryEvent[]): string | null {
  return hardlyAnswered(history) ?? neverMoved(history)
}

function hardlyAnswered(history: readonly HistoryEvent[]): string | null {
  const answered = new Set(
    history.flatMap((event) =>
      event.type === 'acknowledged' || event.type === 'refused' ? [event.mid] : [],
    ),
  )
  if (answered.size < ANSWERED_MIN)
    return `${answered.size} operations had an outcome; fewer than ${ANSWERED_MIN} prove nothing`
  const stretches = stretchesOf(troublesOf(history))
  const endByPeer = new Map(only(history, 'ended').map(({ peer, atMs }) => [peer, atMs]))
  const calm = only(history, 'invoked').filter(
    ({ atMs, peer }) =>
      (endByPeer.get(peer) ?? Infinity) > atMs + PATIENCE_MS && isCalm(stretches, atMs),
  )
  const share = calm.filter(({ mid }) => answered.has(mid)).length / calm.length
  return share < ANSWERED_SHARE_MIN
    ? `${Math.round(share * 100)} % of the ${calm.length} operations sent while nothing was wrong had an outcome`
    : null
}

/** Stretches are apart and in order. */
function isCalm(stretches: readonly Stretch[], atMs: number): boolean {
  let low = 0
  let high = stretches.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (stretches[middle]!.fromMs - UNSURE_MS <= atMs) low = middle + 1
    else high = middle
  }
  return low === 0 || stretches[low - 1]!.dueMs < atMs
}

type TakenHost = { readonly atMs: number; readonly host: string; readonly term: number }

/** Out of signaling's reach another may have had the same term. */
function isAnother(taken: TakenHost, branch: string): boolean {
  return termOf(branch) >= taken.term && hostOf(branch) !== taken.host
}

/**
 * Where a page goes that everybody took for the host, others that were there have to follow
 * another.
 */
function neverMoved(history: readonly HistoryEvent[]): string | null {
  const life = new RoomLife()
  let branch: string | null = null
  let taken: TakenHost | null = null
  for (const event of history) {
    const now = branchOf(event)
    if (life.endsWith(event)) {
      branch = null
      taken = null
    }
    if (now !== null && (branch === null || termOf(now) > termOf(branch))) branch = now
    if (taken !== null && now !== null && isAnother(taken, now)) taken = null
    if (event.type !== 'fault' || branch === null || taken !== null) continue
    const host = hostOf(branch)
    const takesHost =
      (event.kind === 'leave' || event.kind === 'crash') && event.peers?.includes(host) === true
    if (takesHost && [...life.live].some((peer) => peer !== host && !event.peers?.includes(peer)))
      taken = { atMs: event.atMs, host, term: termOf(branch) }
  }
  return taken === null
    ? null
    : `the host ${taken.host} was taken away at ${taken.atMs} ms, and no other was seen after term ${taken.term}`
}
