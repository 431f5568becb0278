// Owns the simulated surroundings: pages that run the real peer in virtual time, each with its own
// clock, the network between them and the signaling service. What happens when is decided
// elsewhere, what is written of it is the scribe's.

import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import type { Action } from '../protocol/entry.ts'
import type { PeerId, Seq } from '../protocol/ids.ts'
import type { PeerInput, PeerOutput } from '../peer/peer-io.ts'
import { Marks, type Mark } from './marks.ts'
import { Network } from './network.ts'
import { newPage } from './new-page.ts'
import type { Pace, Range } from './pace.ts'
import type { Page, Pause } from './page.ts'
import type { Answer } from './page-app.ts'
import type { Random } from './random.ts'
import { optionsOf, type PageOptions, type RoomOptions } from './room-options.ts'
import { messagesIn, midIn, say } from './said.ts'
import { Scheduler } from './scheduler.ts'
import { Scribe } from './scribe.ts'
import {
  sharedObjectsOf,
  type SharedObjects,
  type SharedOrder,
  type Shares,
} from './shared-objects.ts'
import { SignalingSite } from './signaling-site.ts'
import { Traps } from './traps.ts'
import { Walls } from './walls.ts'

/** A goodbye closes links at once; a crash is found out by ICE. */
const CLOSES_MS: Range = [4, 90]
const CRASH_FOUND_MS: Range = [15_400, 16_900]
/** A page that goes on finds its socket dead at once, the service a moment later. */
const SOCKET_FOUND_DEAD_MS = 20

export type WorldSetup = {
  readonly pace: Pace
  readonly options: RoomOptions
  readonly shares: Shares
  /** Pages come and go, but what stands between them works. */
  readonly isCalm: boolean
  readonly withTimeline: boolean
}

type SharedSend = SharedOrder & { readonly type: 'send' }

export class World {
  readonly scheduler = new Scheduler()
  readonly pages: Page[] = []
  readonly marks = new Marks()
  readonly traps = new Traps()
  readonly walls = new Walls(this.scheduler)
  readonly scribe: Scribe
  readonly network: Network
  readonly signaling: SignalingSite
  readonly #random: Random
  readonly #setup: WorldSetup
  readonly #pageById = new Map<PeerId, Page>()
  readonly #sharedByPage = new Map<Page, SharedObjects>()

  constructor(random: Random, setup: WorldSetup) {
    this.#random = random
    this.#setup = setup
    const { pace, withTimeline } = setup
    this.scribe = new Scribe(this.scheduler, this.marks, (id) => this.pageOf(id), withTimeline)
    this.network = new Network(this, random.fork('network'), pace)
    this.signaling = new SignalingSite(this, random.fork('signaling'), pace)
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  get livePages(): Page[] {
    return this.pages.filter((page) => page.alive)
  }

  /** Of several that take themselves for the host, the one of the highest term. */
  get host(): Page | undefined {
    let host: Page | undefined
    for (const page of this.livePages) {
      if (!page.peer.isHosting) continue
      if (host === undefined || page.peer.claim!.term > host.peer.claim!.term) host = page
    }
    return host
  }

  pageOf(id: PeerId): Page | undefined {
    return this.#pageById.get(id)
  }

  /** What the app of a page shares; null in rooms of messages alone. */
  sharedOf(page: Page): SharedObjects | null {
    return this.#sharedByPage.get(page) ?? null
  }

  // --- what the network and the signaling site ask ---

  reachesSignaling(page: Page): boolean {
    return this.signaling.isReachedBy(page)
  }

  isApart(a: Page, b: Page): boolean {
    return this.walls.areApart(a, b)
  }

  isCutOff(page: Page): boolean {
    return this.walls.cutsOff(page)
  }

  mark(mark: Mark): void {
    this.marks.add(mark)
  }

  // --- pages come and go ---

  join(): Page {
    return this.#join(optionsOf(this.#setup.options, this.pages.length + 1))
  }

  /** Whatever its number is: without it there may be nobody to host. */
  joinToHost(): Page {
    return this.#join({ ...optionsOf(this.#setup.options, this.pages.length + 1), canHost: true })
  }

  #join(options: PageOptions): Page {
    const number = this.pages.length + 1
    const random = this.#random.fork(`page${number}`)
    const page = newPage(number, options, random, this.#setup.pace, this.nowMs)
    this.pages.push(page)
    this.#pageById.set(page.id, page)
    const shared = sharedObjectsOf(
      page,
      this.#setup.shares,
      (peer) => this.pageOf(peer)?.alive === true,
      () => page.clock.at(this.nowMs),
    )
    if (shared !== null) this.#sharedByPage.set(page, shared)
    this.scribe.note(page, 'joins')
    this.scribe.joined(page)
    this.signaling.dial(page)
    this.#schedule(page)
    return page
  }

  crash(page: Page): void {
    if (!page.alive) return
    this.scribe.trouble('crash', [page])
    this.#end(page, 'crashed')
  }

  /** The tab closes: one last message, then nothing. */
  close(page: Page): void {
    if (!page.alive) return
    this.scribe.trouble('leave', [page])
    this.#sayGoodbye(page)
  }

  /**
   * Leaves as `room.leave()` does: hands over first, and goes once that is done or has taken too
   * long.
   */
  leave(page: Page): void {
    if (!page.alive || page.isLeaving) return
    this.scribe.trouble('leave', [page])
    page.isLeaving = true
    this.feed(page, { type: 'retiring' })
    this.scheduler.after(HANDOVER_TIMEOUT_MS, () => this.#sayGoodbye(page))
  }

  #sayGoodbye(page: Page): void {
    if (!page.alive) return
    if (page.pause === null) this.feed(page, { type: 'leaving' })
    this.#end(page, page.pause === null ? 'left' : 'crashed')
  }

  #end(page: Page, how: 'crashed' | 'left'): void {
    this.marks.pageEnds(page)
    this.scribe.note(page, how)
    page.alive = false
    this.scribe.ended(page, how)
    this.signaling.pageEnded(page)
    this.network.pageEnded(page, how === 'left' ? CLOSES_MS : CRASH_FOUND_MS)
  }

  // --- pages stand still ---

  /**
   * `hung`: by its own code, nobody is told. `frozen`: by the browser, which says so first.
   * `asleep`: with the machine.
   */
  pause(page: Page, how: Pause['how']): void {
    if (!page.alive || page.pause !== null) return
    this.scribe.note(page, `is ${how}`)
    if (how === 'frozen') this.feed(page, { type: 'retiring' })
    page.pause = { how, sinceMs: this.nowMs, backlog: [], timerDue: false }
  }

  /**
   * All that came is there at once, before any timer; a frozen page's socket is dead, and what it
   * held is lost.
   */
  goOn(page: Page): void {
    const { pause } = page
    if (!page.alive || pause === null) return
    page.pause = null
    if (pause.how === 'asleep') page.clock.stoodStill(this.nowMs - pause.sinceMs)
    const lostSocket = pause.how !== 'hung'
    const backlog = lostSocket
      ? pause.backlog.filter(({ type }) => type !== 'signaled')
      : pause.backlog
    this.marks.pageGoesOn(page, backlog, this)
    this.scribe.note(page, `runs again, with ${backlog.length} inputs to handle`)
    if (pause.how === 'frozen') this.feed(page, { type: 'ticked' })
    // Its own code runs again, too, and knows nothing yet of what it slept through.
    this.invoke(page, 'append', 'log')
    if (lostSocket) {
      this.scribe.trouble('socket-cut', [page], { forMs: 0, signaling: 'unreachable' })
      this.signaling.drop(page, SOCKET_FOUND_DEAD_MS)
    }
    for (const input of backlog) this.feed(page, input)
    if (pause.timerDue) this.feed(page, { type: 'ticked' })
    this.#schedule(page)
  }

  show(page: Page, visible: boolean, timerGrainMs: number): void {
    page.timerGrainMs = timerGrainMs
    this.feed(page, { type: 'visibility-changed', visible })
  }

  // --- what apps do ---

  invoke(page: Page, action: Action, key: string, order?: SharedSend): void {
    if (!page.isAtWork || page.peer.outboxIsFull) return order?.failed()
    const { app, peer } = page
    const ticket = app.sends()
    const mid = app.midOf(ticket)
    order?.sent(mid)
    const value = say(mid, order?.text)
    if (action !== 'compact') {
      this.scribe.invoked(page, { mid, action, key })
      return this.feed(page, { type: 'submitted', ticket, action, key, value })
    }
    // Now and then an app names a place that the room has not reached.
    const drawn = app.sent % 7 === 0 ? peer.lastSeq + 3 : Math.max(1, peer.lastSeq - 3)
    const seq = (order?.seq ?? drawn) as Seq
    this.scribe.invoked(page, { mid, action, key, seq })
    this.feed(page, { type: 'compacted', ticket, key, seq, value })
  }

  ask(page: Page, key: string, after: number, answer: Answer | null = null): void {
    if (!page.isAtWork) return
    const request = page.app.asks({ key, after, askedAtMs: this.nowMs, answer })
    this.feed(page, { type: 'replay-asked', request, queries: [{ key, after: after as Seq }] })
  }

  /** What its shared objects order; what comes of that may order more. */
  serve(page: Page): void {
    if (page.pause !== null) return
    const shared = this.sharedOf(page)
    for (let order = shared?.nextOrder(); order !== undefined; order = shared?.nextOrder()) {
      this.#serve(page, order)
    }
  }

  #serve(page: Page, order: SharedOrder): void {
    if (order.type === 'send') return this.invoke(page, order.action, order.key, order)
    this.ask(page, order.key, 0, (items) => order.answer(items.flatMap(messagesIn)))
  }

  // --- a page and its surroundings ---

  feed(page: Page, input: PeerInput): void {
    if (!page.alive) return
    if (page.pause !== null) {
      page.pause.backlog.push(input)
      return
    }
    if (input.type === 'signaled')
      this.scribe.noteSignal(page, 'is told by signaling', input.message)
    const outputs = page.peer.handle(input, page.clock.at(this.nowMs))
    for (const output of outputs) this.#carryOut(page, output)
    if (outputs.length > 0) this.marks.look(page, this)
    if (page.isTakingOver) this.traps.takesOver(page)
    this.serve(page)
    this.#schedule(page)
  }

  #schedule(page: Page): void {
    const { wakesAtMs } = page
    const dueMs = page.clock.whenItShows(page.peer.wakeAtMs(page.clock.at(this.nowMs)))
    if (dueMs >= wakesAtMs && wakesAtMs > this.nowMs) return
    const grainMs = this.#timerGrainOf(page)
    const atMs = Math.max(this.nowMs + 1, Math.ceil(dueMs / grainMs) * grainMs)
    page.wakesAtMs = atMs
    this.scheduler.at(atMs, () => {
      if (page.wakesAtMs !== atMs || !page.alive) return
      page.wakesAtMs = Infinity
      if (page.pause !== null) page.pause.timerDue = true
      else this.feed(page, { type: 'ticked' })
    })
  }

  /** Without an open channel a hidden page gets a timer a minute, at worst. */
  #timerGrainOf(page: Page): number {
    const hasLinks = this.network.linksOf(page).size > 0
    return hasLinks ? Math.min(page.timerGrainMs, 1_000) : page.timerGrainMs
  }

  #carryOut(page: Page, output: PeerOutput): void {
    switch (output.type) {
      case 'send':
        this.marks.sends(page, output.frame)
        for (const to of output.to) this.network.send(page, to, output.frame)
        return
      case 'signal':
        this.signaling.send(page, output.message)
        this.scribe.noteSignal(page, 'tells signaling', output.message)
        if (output.message.type === 'claim') this.#claims(page, output.message.reason)
        return
      case 'connect':
        return this.network.connect(page, output.peer)
      case 'disconnect':
        return this.network.disconnect(page, output.peer)
      case 'retired':
        this.scribe.note(page, 'has handed over')
        if (page.isLeaving) this.scheduler.after(0, () => this.#sayGoodbye(page))
        return
      case 'misbehaved':
        throw new Error(`${page.name} calls its host a liar: ${output.what}`)
      case 'grew':
      case 'replaced':
        return page.mirror.told(output)
      case 'roster':
        return this.sharedOf(page)?.listed(output.members.map(({ peer }) => peer))
      case 'deliver':
      case 'outcome':
      case 'replayed':
      case 'reset':
      case 'live':
        return this.#tellApp(page, output)
    }
  }

  #claims(page: Page, reason: string): void {
    this.marks.claims(reason)
    if (!page.peer.isHosting) page.claimedAtMs = this.nowMs
    this.traps.claims()
  }

  #tellApp(
    page: Page,
    output: Extract<PeerOutput, { type: 'deliver' | 'outcome' | 'reset' | 'live' | 'replayed' }>,
  ): void {
    const shared = this.sharedOf(page)
    switch (output.type) {
      case 'deliver':
        this.scribe.delivered(page, output)
        for (const { key, seq, value } of output.messages) shared?.delivered(key, seq, value)
        return
      case 'outcome': {
        const { outcome } = output
        const isConflict = outcome.type === 'conflict'
        const mid = isConflict ? midIn(outcome.op.value) : page.app.midOf(outcome.ticket)
        this.scribe.outcome(page, output, mid)
        if (!isConflict) shared?.ended(mid, outcome.type === 'refused')
        return
      }
      case 'replayed': {
        const asked = page.app.answered(output.request)
        const items = output.items.filter((item) => item.key === asked.key)
        asked.answer?.(items)
        return this.scribe.replayed(page, output, asked)
      }
      case 'reset':
        this.marks.resets(page, output.reason)
        this.scribe.reset(page, output, this.#setup.isCalm && this.#couldBeAsked(page))
        return shared?.reset(output.seq, output.keys)
      case 'live':
        this.marks.goesLive(page, this)
        return this.scribe.live(page, output)
    }
  }

  /** The host had a link to this page before it claimed. */
  #couldBeAsked(page: Page): boolean {
    const { claim } = page.peer
    const host = claim === null ? undefined : this.pageOf(claim.host)
    const link = host && this.network.linksOf(host).get(page.id)
    return host !== undefined && link !== undefined && link.openedAtMs < host.claimedAtMs
  }
}
