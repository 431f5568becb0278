// Owns the marks: rare situations that a batch of runs must have met, or it proves little. They are
// seen from outside; the code under test knows nothing of them.

import type { Frame } from '../protocol/frames.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import type { HistoryEvent } from '../checks/history.ts'
import { only, type EventOf } from '../checks/checker.ts'
import { branchOf, type Page, type Pages } from './page.ts'

/** What a default batch must have met at least once. */
export const EXPECTED_MARKS = [
  'a failover with operations that had no receipt',
  'a failover with receipts that somebody had not heard of',
  'a deposed host ran again with a backlog',
  'signaling restarted during a claim',
  'a standby ended while it took over',
  'a compaction raced a takeover',
  'a peer came back later than the tail reaches',
  'a host was left in sync alone',
  'the same user had two tabs',
  'a link failed for good',
  'a link closed at one end',
  'a queue was full',
  'a receipt ended with all that held it',
  'two pages took themselves for the host',
  'a takeover fetched from another',
  'surplus was submitted again',
  'two branches met',
  'nobody was left that might host',
  'a receipt came before any standby held it',
  'a socket was deaf and its page found out',
] as const
export type Mark = (typeof EXPECTED_MARKS)[number]

/** A claim without an answer for longer waits for something else. */
const CLAIM_OPEN_MS = 500

export class Marks {
  readonly counts = new Map<Mark, number>()
  readonly #branchByPage = new Map<Page, string>()
  readonly #standbysByHost = new Map<Page, { readonly term: number; readonly count: number }>()
  readonly #openCompactions = new Set<string>()
  #acknowledgedSeq = 0

  add(mark: Mark): void {
    this.counts.set(mark, (this.counts.get(mark) ?? 0) + 1)
  }

  /** What a page did after an input. */
  look(page: Page, { livePages }: Pages): void {
    const { peer } = page
    if (!peer.isHosting || peer.claim === null) return
    const before = this.#standbysByHost.get(page)
    const { term } = peer.claim
    const count = peer.replica.inSync.length
    if (before?.term === term && before.count === count) return
    this.#standbysByHost.set(page, { term, count })
    const hasLostAll = before?.term === term && count === 0
    if (hasLostAll && livePages.some((other) => other !== page))
      this.add('a host was left in sync alone')
  }

  noted(event: HistoryEvent): void {
    if (event.type === 'acknowledged')
      this.#acknowledgedSeq = Math.max(this.#acknowledgedSeq, event.seq)
    if (event.type === 'invoked' && event.action === 'compact') this.#openCompactions.add(event.mid)
    if (event.type === 'acknowledged' || event.type === 'refused')
      this.#openCompactions.delete(event.mid)
  }

  goesLive(page: Page, { livePages }: Pages): void {
    const { peer } = page
    const branch = branchOf(page)
    const before = this.#branchByPage.get(page) ?? branch
    this.#branchByPage.set(page, branch)
    if (before !== branch && peer.pending > 0)
      this.add('a failover with operations that had no receipt')
    const hasTakenOver = peer.claim?.host === page.id && peer.claim.term > 1
    if (hasTakenOver) this.#takesOver(livePages.filter((other) => other !== page))
  }

  #takesOver(others: readonly Page[]): void {
    const isBehind = ({ peer: { lastSeq } }: Page) => lastSeq > 0 && lastSeq < this.#acknowledgedSeq
    if (others.some(isBehind)) this.add('a failover with receipts that somebody had not heard of')
    if (this.#openCompactions.size > 0) this.add('a compaction raced a takeover')
    if (others.some(({ peer }) => peer.isHosting))
      this.add('two pages took themselves for the host')
  }

  sends(page: Page, frame: Frame): void {
    if (frame.type === 'fetch' && page.isTakingOver) this.add('a takeover fetched from another')
    if (frame.type === 'submit' && frame.ops.some(({ author }) => author !== page.id))
      this.add('surplus was submitted again')
  }

  claims(reason: string): void {
    if (reason === 'merge') this.add('two branches met')
  }

  resets(page: Page, reason: 'missed' | 'rewound'): void {
    if (reason === 'missed' && page.peer.lastSeq > 0)
      this.add('a peer came back later than the tail reaches')
  }

  pageEnds(page: Page): void {
    if (page.isTakingOver) this.add('a standby ended while it took over')
  }

  pageGoesOn(page: Page, backlog: readonly PeerInput[], { livePages }: Pages): void {
    const isDeposed = page.peer.isHosting && livePages.some((other) => reignsAfter(other, page))
    if (isDeposed && backlog.some(({ type }) => type === 'received'))
      this.add('a deposed host ran again with a backlog')
  }

  signalingStops({ livePages, nowMs }: Pages): void {
    const hasOpenClaim = ({ claimedAtMs, peer }: Page) =>
      nowMs - claimedAtMs < CLAIM_OPEN_MS && !peer.isHosting
    if (livePages.some(hasOpenClaim)) this.add('signaling restarted during a claim')
  }

  /** What only the whole history shows. */
  close(history: readonly HistoryEvent[]): void {
    const ended = new Set(only(history, 'ended').map(({ peer }) => peer))
    const isLost = ({ held }: EventOf<'acknowledged'>) =>
      held?.every((peer) => ended.has(peer)) === true
    if (only(history, 'acknowledged').some(isLost))
      this.add('a receipt ended with all that held it')
  }
}

function reignsAfter({ peer }: Page, before: Page): boolean {
  return peer.isHosting && (peer.claim?.term ?? 0) > (before.peer.claim?.term ?? 0)
}
