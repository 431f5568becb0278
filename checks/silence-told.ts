// Owns the promise that a page finds out that its signaling socket is deaf, though nobody closed it,
// and says so. [SG6d] What the page does then is judged by others.

import type { HistoryEvent } from './history.ts'
import { only, type Checker } from './checker.ts'
import { troublesOf, type Trouble } from './troubles.ts'

/** A heartbeat every 10 s, 5 s for its answer, and a moment for a busy machine. */
const FOUND_WITHIN_MS = 15_500

export const silenceTold: Checker = (history) => {
  const troubles = troublesOf(history)
  const endMs = history.at(-1)?.atMs ?? 0
  for (const { kind, peers, fromMs, healedAtMs } of troubles) {
    const dueMs = fromMs + FOUND_WITHIN_MS
    if (kind !== 'socket-deaf' || (healedAtMs ?? endMs) < dueMs) continue
    const stretch = { fromMs, dueMs }
    const runsOn = (peer: string) => !standsStill(peer, troubles, stretch)
    const silent = peers.find((peer) => isSilent(history, peer, stretch) && runsOn(peer))
    if (silent !== undefined)
      return `${silent} calls itself connected at ${dueMs} ms, and nothing passes its socket since ${fromMs} ms`
  }
  return null
}

type Stretch = { readonly fromMs: number; readonly dueMs: number }

/** Whether a page that had signaling stayed, and never said that it has none. */
function isSilent(history: readonly HistoryEvent[], peer: string, stretch: Stretch): boolean {
  const { fromMs, dueMs } = stretch
  const said = only(history, 'signaling').filter((event) => event.peer === peer)
  const before = said.findLast(({ atMs }) => atMs <= fromMs)
  if (before?.status !== 'connected') return false
  const isWithin = ({ atMs }: HistoryEvent) => fromMs < atMs && atMs <= dueMs
  if (said.some((event) => event.status === 'disconnected' && isWithin(event))) return false
  return !only(history, 'ended').some((event) => event.peer === peer && event.atMs <= dueMs)
}

/** A page whose scripts stand still meanwhile may find out later. */
function standsStill(
  peer: string,
  troubles: readonly Trouble[],
  { fromMs, dueMs }: Stretch,
): boolean {
  return troubles.some((trouble) => {
    const stops = trouble.kind === 'hang' || trouble.kind === 'freeze'
    if (!stops || !trouble.peers.includes(peer)) return false
    return trouble.fromMs <= dueMs && (trouble.healedAtMs ?? Infinity) >= fromMs
  })
}
