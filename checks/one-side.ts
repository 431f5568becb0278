// Owns the promise of a room that is to pause in a split: once a host gives receipts, no host of an
// earlier reign gives any more. [EL6c EL6e] Only the receipts of hosts are judged: a follower hears of
// its own a moment later. Where one side has signaling and another most pages, both may go on: such a
// history is not to be judged here. [EL6d]

import type { HistoryEvent } from './history.ts'
import { entryOf, only, type Checker, type EventOf } from './checker.ts'

type Reign = { readonly term: number; readonly host: string }

export const oneSide: Checker = (history) => {
  const reigns = new Reigns(history)
  let latest: Reign | null = null
  for (const event of history) {
    if (event.type === 'ended' && latest !== null && reigns.isOver(latest, event)) latest = null
    if (event.type !== 'acknowledged') continue
    const { peer, mid, atMs, held } = event
    const reign = reigns.followedBy(peer, atMs)
    // A page that left its own reign hears of others' receipts before it is live again.
    if (reign?.host !== peer || held?.[0] !== peer) continue
    if (latest !== null && isEarlier(reign, latest))
      return (
        `${peer} has a receipt for ${mid} at ${atMs} ms in its reign ${reign.term}, ` +
        `after one of ${latest.host} in ${latest.term}`
      )
    latest = reign
  }
  return null
}

/** Whom each page followed when. What happens with the first sign of a reign belongs to that reign. */
class Reigns {
  readonly #livesByPeer = new Map<string, EventOf<'live'>[]>()
  readonly #endedAtMs = new Map<string, number>()

  constructor(history: readonly HistoryEvent[]) {
    for (const event of only(history, 'live'))
      entryOf(this.#livesByPeer, event.peer, () => []).push(event)
    for (const { peer, atMs } of only(history, 'ended')) this.#endedAtMs.set(peer, atMs)
  }

  /** Whether all who followed that reign, or a later one, have ended by then: the room is gone. */
  isOver(reign: Reign, { atMs }: { readonly atMs: number }): boolean {
    return [...this.#livesByPeer.keys()].every((peer) => {
      const followed = this.followedBy(peer, atMs)
      if (followed === null || isEarlier(followed, reign)) return true
      return (this.#endedAtMs.get(peer) ?? Infinity) <= atMs
    })
  }

  followedBy(peer: string, atMs: number): Reign | null {
    const live = this.#livesByPeer.get(peer)?.findLast((event) => event.atMs <= atMs)
    return live === undefined ? null : reignOf(live.branch)
  }
}

function reignOf(branch: string): Reign {
  const [term = '', host = ''] = branch.split(':')
  return { term: Number(term), host }
}

function isEarlier(a: Reign, b: Reign): boolean {
  return a.term === b.term ? a.host < b.host : a.term < b.term
}
