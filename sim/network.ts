// Owns the simulated links between pages: reliable and in order for each lane, as slow and as
// broken as faults make them. Behaviour and figures are those of data channels in Chromium: a path
// that is cut for less than 15 s delivers all it held some 2 s after it heals, and a longer cut
// ends the link at both ends while sending still succeeds.

import { encodeFrame, parseFrame } from '../protocol/frame-codec.ts'
import { isControl, type Frame } from '../protocol/frames.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import { endOf, linkBetween, otherEnd, QUEUE_FRAMES_MAX, type Link, type Way } from './link.ts'
import type { Mark } from './marks.ts'
import type { Page } from './page.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Range } from './pace.ts'

export type NetworkPace = {
  readonly link: Range
  readonly connect: Range
  readonly slowness: Range
  readonly spikes: number
  readonly failedConnects: number
}

/**
 * What a page has of the network: by the other end's id its links, and when its attempts at one
 * began.
 */
type Ends = { readonly links: Map<PeerId, Link>; readonly attempts: Map<PeerId, number> }

/** What the network needs of the world around it. */
export type NetworkHost = {
  readonly scheduler: Scheduler
  /** Whether this page's machine and the signaling service hear each other now. */
  reachesSignaling(page: Page): boolean
  pageOf(id: PeerId): Page | undefined
  feed(page: Page, input: PeerInput): void
  mark(mark: Mark): void
  /** Whether two pages can reach each other's machine now. */
  isApart(a: Page, b: Page): boolean
}

const SPIKE_MS: Range = [180, 750]
const CONNECT_TIMEOUT_MS = 15_000
/** ICE takes a path for dead after this long. */
const FAILS_AFTER_MS: Range = [15_400, 16_900]
/** SCTP has backed off by then. */
const RECOVERY_MS: Range = [1_900, 2_900]

export class Network {
  readonly #host: NetworkHost
  readonly #random: Random
  readonly #pace: NetworkPace
  readonly #endsByPage = new Map<Page, Ends>()
  #links = 0
  #isWell = false

  constructor(host: NetworkHost, random: Random, pace: NetworkPace) {
    this.#host = host
    this.#random = random
    this.#pace = pace
  }

  /** The links this page would send on, by the other end's id. */
  linksOf(page: Page): Map<PeerId, Link> {
    return this.#endsOf(page).links
  }

  /** A page's attempts at a link, by when they began. */
  #attemptsOf(page: Page): Map<PeerId, number> {
    return this.#endsOf(page).attempts
  }

  #endsOf(page: Page): Ends {
    const known = this.#endsByPage.get(page)
    if (known !== undefined) return known
    const ends: Ends = { links: new Map(), attempts: new Map() }
    this.#endsByPage.set(page, ends)
    return ends
  }

  /** As the connector does: one attempt at a time, none where this end has a link. */
  connect(page: Page, to: PeerId): void {
    const other = this.#host.pageOf(to)
    if (other === undefined || this.linksOf(page).has(to)) return
    if (this.#attemptsOf(page).has(to) || this.#attemptsOf(other).has(page.id)) return
    const random = this.#random.fork(`${page.name} ${other.name} ${this.#host.scheduler.nowMs}`)
    this.#attemptsOf(page).set(to, this.#host.scheduler.nowMs)
    const fails = random.chance(this.#pace.failedConnects)
    this.#host.scheduler.after(random.within(this.#pace.connect), () =>
      this.#tryToOpen(page, other, random, fails),
    )
  }

  #tryToOpen(page: Page, other: Page, random: Random, fails: boolean): void {
    const startedAtMs = this.#attemptsOf(page).get(other.id)
    const { nowMs } = this.#host.scheduler
    if (startedAtMs === undefined) return
    const isWanted = page.alive && !this.linksOf(page).has(other.id)
    const isLucky = this.#isWell || !fails
    if (isWanted && isLucky && this.#canMeet(page, other)) {
      this.#attemptsOf(page).delete(other.id)
      return this.#open(page, other, random)
    }
    // Signals are said again when a socket is back; in the end the attempt times out.
    if (isWanted && nowMs - startedAtMs < CONNECT_TIMEOUT_MS)
      this.#host.scheduler.after(500, () => this.#tryToOpen(page, other, random, fails))
    else this.#attemptsOf(page).delete(other.id)
  }

  /** Both run, and reach signaling and each other. */
  #canMeet(page: Page, other: Page): boolean {
    const areHere = [page, other].every(
      (end) => end.alive && end.pause === null && this.#host.reachesSignaling(end),
    )
    return areHere && !this.#host.isApart(page, other)
  }

  #open(page: Page, other: Page, random: Random): void {
    const { nowMs } = this.#host.scheduler
    const slowness = random.within(this.#pace.slowness)
    const link = linkBetween(++this.#links, [page, other], nowMs, slowness, random)
    for (const at of [0, 1] as const) {
      const here = link.pages[at]
      const there = otherEnd(link, here)
      const replaced = this.linksOf(here).get(there.id)
      this.linksOf(here).set(there.id, link)
      // The channel opens at each end in its own time; nothing is sent before.
      this.#host.scheduler.after(at === 0 ? 0 : random.int(0, 3), () => this.#tellOpen(link, at))
      if (replaced !== undefined) this.#endClosed(replaced, here)
    }
  }

  #tellOpen(link: Link, at: 0 | 1): void {
    if (!link.isOpen[at] || link.isTold[at]) return
    link.isTold[at] = true
    const page = link.pages[at]
    this.#host.feed(page, { type: 'link-opened', peer: otherEnd(link, page).id, link: link.id })
  }

  /** One end ends the link; the other hears of it in time. */
  disconnect(page: Page, peer: PeerId): void {
    const link = this.linksOf(page).get(peer)
    if (link !== undefined) this.close(link, this.#pace.link)
  }

  /** Both ends see it closed, each in its time; what is on its way by then is gone. */
  close(link: Link, within: Range): void {
    for (const page of link.pages)
      this.#host.scheduler.after(link.random.within(within), () => this.#endClosed(link, page))
  }

  /** The page is gone: its other ends find out by themselves. */
  pageEnded(page: Page, within: Range): void {
    for (const link of this.linksOf(page).values()) {
      const at = endOf(link, page)
      link.isOpen[at] = false
      link.ways[at].endsAtMs = this.#host.scheduler.nowMs + this.#pace.link[1] * link.slowness
      const other = otherEnd(link, page)
      this.#host.scheduler.after(link.random.within(within), () => this.#endClosed(link, other))
    }
  }

  /** Only this end sees it closed; what the other sends is gone, until it finds out. */
  closeOneEnd(link: Link, page: Page): void {
    this.#host.mark('a link closed at one end')
    this.#endClosed(link, page)
    this.#host.scheduler.after(link.random.within(FAILS_AFTER_MS), () =>
      this.#endClosed(link, otherEnd(link, page)),
    )
  }

  /**
   * Nothing passes: one way, or both. What waits comes in a burst, unless the cut lasts too long
   * for the link.
   */
  cut(link: Link, forMs: number, from: Page | null): void {
    const { nowMs } = this.#host.scheduler
    for (const [at, way] of link.ways.entries()) {
      if (from !== null && link.pages[at] !== from) continue
      way.cutUntilMs = Math.max(way.cutUntilMs, nowMs + forMs)
      way.recoveryMs = forMs < 100 ? 0 : link.random.within(RECOVERY_MS)
    }
    const failsAfterMs = link.random.within(FAILS_AFTER_MS)
    this.#host.scheduler.after(failsAfterMs, () => {
      const isCutStill = link.ways.some((way) => way.cutUntilMs > this.#host.scheduler.nowMs)
      if (!isCutStill || !link.isOpen.includes(true) || forMs < failsAfterMs) return
      this.#host.mark('a link failed for good')
      this.close(link, [0, 300])
    })
  }

  slow(link: Link, factor: number, forMs: number): void {
    link.slowness = Math.max(link.slowness, factor)
    link.slowUntilMs = this.#host.scheduler.nowMs + forMs
  }

  /** A path that works again from now on. */
  heal(link: Link): void {
    const { scheduler } = this.#host
    for (const way of link.ways) {
      way.cutUntilMs = Math.min(way.cutUntilMs, scheduler.nowMs)
      const recoveredAtMs = scheduler.nowMs + way.recoveryMs
      for (const lane of [0, 1] as const) {
        if (way.arrivalMs[lane] <= recoveredAtMs) continue
        // What waits for the end of the cut that was planned comes now.
        way.arrivalMs[lane] = recoveredAtMs
        for (const _frame of way.queue[lane])
          scheduler.at(recoveredAtMs, () => this.#arrive(link, way, lane))
      }
    }
    link.slowness = 1
    link.queueMax = QUEUE_FRAMES_MAX
  }

  /** From now on attempts come to something. */
  healAttempts(): void {
    this.#isWell = true
  }

  /** The same bytes to all of them, over the links that are open. */
  send(from: Page, to: readonly PeerId[], frame: Frame): void {
    const lane = isControl(frame.type) ? 1 : 0
    let bytes: Uint8Array | null = null
    for (const peer of to) {
      const link = this.linksOf(from).get(peer)
      const at = link === undefined ? 0 : endOf(link, from)
      if (link?.isOpen[at] !== true) continue
      bytes ??= encodeFrame(frame)
      this.#sendOver(link, at, lane, bytes)
    }
  }

  #sendOver(link: Link, at: 0 | 1, lane: 0 | 1, bytes: Uint8Array): void {
    const { scheduler } = this.#host
    if (scheduler.nowMs >= link.slowUntilMs) link.slowness = 1
    const way = link.ways[at]
    way.queue[lane].push(bytes)
    if (way.queue[lane].length > link.queueMax) {
      this.#host.mark('a queue was full')
      return this.close(link, [0, 50])
    }
    const delayMs = link.random.within(this.#pace.link) * link.slowness
    const spikeMs = this.#spikeOn(link)
    const openMs = way.cutUntilMs > scheduler.nowMs ? way.cutUntilMs + way.recoveryMs : 0
    way.arrivalMs[lane] = Math.max(way.arrivalMs[lane], scheduler.nowMs + delayMs + spikeMs, openMs)
    scheduler.at(way.arrivalMs[lane], () => this.#arrive(link, way, lane))
  }

  /** A frame now and then is held up as by packet loss. */
  #spikeOn({ random }: Link): number {
    const { spikes } = this.#pace
    return spikes > 0 && random.chance(spikes) ? random.within(SPIKE_MS) : 0
  }

  /** The next frame of this lane is there. */
  #arrive(link: Link, way: Way, lane: 0 | 1): void {
    const { scheduler } = this.#host
    if (way.cutUntilMs > scheduler.nowMs) {
      way.arrivalMs[lane] = Math.max(way.arrivalMs[lane], way.cutUntilMs + way.recoveryMs)
      return scheduler.at(way.cutUntilMs + way.recoveryMs, () => this.#arrive(link, way, lane))
    }
    const bytes = way.queue[lane].shift()
    const at = way === link.ways[0] ? 1 : 0
    if (!link.isOpen[at] || bytes === undefined || scheduler.nowMs > way.endsAtMs) return
    const parsed = parseFrame(bytes)
    if (!parsed.ok) throw new Error(`a frame does not come back: ${parsed.error}`)
    this.#tellOpen(link, at) // the other side may have been faster
    this.#host.feed(link.pages[at], {
      type: 'received',
      peer: link.pages[1 - at]!.id,
      link: link.id,
      frame: parsed.value,
    })
  }

  #endClosed(link: Link, page: Page): void {
    const at = endOf(link, page)
    if (!link.isOpen[at]) return
    link.isOpen[at] = false
    const other = otherEnd(link, page)
    if (this.linksOf(page).get(other.id) === link) this.linksOf(page).delete(other.id)
    this.#host.feed(page, { type: 'link-closed', peer: other.id, link: link.id })
  }
}
