// Owns the lives of a page: one that came back with its copy is the same holder as before. Most
// promises are made to holders, and are judged over a history in which all lives of one go by the
// name of the first. [PE5]

import type { HistoryEvent } from './history.ts'
import type { Checker } from './checker.ts'
import { foundOnce } from './found-once.ts'

/**
 * The history by holders. Where a page came back with its copy, it has not ended; what it was given
 * after that copy was made it holds no more, as after a reset.
 */
export const byHolders = foundOnce((history): readonly HistoryEvent[] => {
  const holders = holdersIn(history)
  if (holders.size === 0) return history
  const given = new Given()
  return history.flatMap((event) => {
    const renamed = named(event, holders)
    return renamed.flatMap((each) => given.withReturn(each))
  })
})

export function forHolders(checker: Checker): Checker {
  return (history) => checker(byHolders(history))
}

/** `isLast`: no later life of the holder is known. */
type Life = { readonly holder: string; isLast: boolean }

/** Who came back, and whom others came back as. A copy that a living page has open makes no second holder of it. */
function holdersIn(history: readonly HistoryEvent[]): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>()
  const livingByHolder = new Map<string, string>()
  const holderOf = (peer: string) => lives.get(peer)?.holder ?? peer
  for (const event of history) {
    const { peer } = event
    if (event.type === 'ended' && livingByHolder.get(holderOf(peer)) === peer)
      livingByHolder.delete(holderOf(peer))
    if (event.type !== 'joined') continue
    const before = event.opened?.life
    const isSecond = before === undefined || livingByHolder.has(holderOf(before))
    const holder = isSecond ? peer : holderOf(before)
    livingByHolder.set(holder, peer)
    if (isSecond) continue
    for (const life of lives.values()) if (life.holder === holder) life.isLast = false
    lives.set(holder, { holder, isLast: false })
    lives.set(peer, { holder, isLast: true })
  }
  return lives
}

function named(event: HistoryEvent, lives: ReadonlyMap<string, Life>): HistoryEvent[] {
  const life = lives.get(event.peer)
  const holderOf = (peer: string) => lives.get(peer)?.holder ?? peer
  const renamed = { ...event, peer: holderOf(event.peer) }
  switch (renamed.type) {
    case 'ended':
      return life?.isLast === false ? [] : [renamed]
    case 'acknowledged':
      return renamed.held === undefined
        ? [renamed]
        : [{ ...renamed, held: [...new Set(renamed.held.map(holderOf))] }]
    case 'fault':
      return renamed.peers === undefined
        ? [renamed]
        : [{ ...renamed, peers: renamed.peers.map(holderOf) }]
    default:
      return [renamed]
  }
}

/** The last message that each holder was given. A copy may hold more, of which its app was not told. */
class Given {
  readonly #lastSeqByPeer = new Map<string, number>()

  /** The event, and what it means that the page comes back with a copy. */
  withReturn(event: HistoryEvent): readonly HistoryEvent[] {
    const { atMs, peer } = event
    if (event.type === 'delivered') this.#lastSeqByPeer.set(peer, event.seq)
    if (event.type === 'reset') this.#lastSeqByPeer.set(peer, event.headSeq ?? event.seq)
    if (event.type !== 'joined' || event.opened === undefined) return [event]
    const headSeq = event.opened.seq
    const givenSeq = this.#lastSeqByPeer.get(peer) ?? headSeq
    this.#lastSeqByPeer.set(peer, headSeq)
    const reason = headSeq < givenSeq ? 'rewound' : 'missed'
    const seq = Math.min(headSeq, givenSeq)
    // Without a whole copy it is a newcomer.
    const head = headSeq === 0 ? {} : { headSeq }
    return [event, { atMs, peer, type: 'reset', seq, ...head, keys: 'all', reason }]
  }
}

/** Where in a history by holders each of them came back, and when the copy was made. */
export const returnsIn = foundOnce((history) => {
  const returns = new Map<string, { readonly at: number; readonly copiedAtMs: number }[]>()
  for (const [at, event] of history.entries()) {
    if (event.type !== 'joined' || event.opened === undefined) continue
    const known = returns.get(event.peer) ?? []
    returns.set(event.peer, [...known, { at, copiedAtMs: event.opened.atMs }])
  }
  return returns
})
