// Owns the simulated surroundings: pages that run the real peer in virtual time, each with its own clock, the network
// between them and the signaling service. What happens when is decided elsewhere.

import { toBase64Url } from '../protocol/base64url.ts'
import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import type { Action } from '../protocol/entry.ts'
import type { PeerId, Seq } from '../protocol/ids.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import { Peer } from '../peer/peer.ts'
import type { PeerInput, PeerOutput } from '../peer/peer-io.ts'
import type { Message } from '../client/api.ts'
import type { FaultKind, HistoryEvent, Retained } from '../checks/history.ts'
import { Marks, type Mark } from './marks.ts'
import { Network } from './network.ts'
import type { Pace, Range } from './pace.ts'
import { branchOf, holdersOf, Page, type Pause } from './page.ts'
import { PageClock } from './page-clock.ts'
import type { Random } from './random.ts'
import { messagesIn, midIn, retainedIn, say } from './said.ts'
import { Scheduler } from './scheduler.ts'
import {
  sharedObjectsOf,
  type SharedObjects,
  type SharedOrder,
  type Shares,
} from './shared-objects.ts'
import { SignalingSite } from './signaling-site.ts'

/** A goodbye closes links at once; a crash is found out by ICE. */
const CLOSES_MS: Range = [4, 90]
const CRASH_FOUND_MS: Range = [15_400, 16_900]

/** Pages by number, each on one side of a wall, and the sides that still reach signaling. */
export type Wall = {
  readonly sideOf: (page: Page) => number
  readonly reachSignaling: readonly number[]
  readonly untilMs: number
}

export class World {
  readonly scheduler = new Scheduler()
  readonly pages: Page[] = []
  readonly history: HistoryEvent[] = []
  readonly marks = new Marks()
  readonly network: Network
  readonly signaling: SignalingSite
  /** One line an event; null where nobody will read it. */
  readonly timeline: string[] | null
  readonly #random: Random
  readonly #pace: Pace
  readonly #isCalm: boolean
  readonly #shares: Shares
  readonly #pageById = new Map<PeerId, Page>()
  readonly #sharedByPage = new Map<Page, SharedObjects>()
  /** What is to happen to the next page that was told to reign and does not yet. */
  #traps: ((page: Page) => void)[] = []
  #claimTraps: (() => void)[] = []
  #walls: Wall[] = []

  /** `isCalm`: pages come and go, but what stands between them works. */
  constructor(
    random: Random,
    pace: Pace,
    isCalm: boolean,
    withTimeline: boolean,
    shares: Shares = 'nothing',
  ) {
    this.#shares = shares
    this.#random = random
    this.#pace = pace
    this.#isCalm = isCalm
    this.timeline = withTimeline ? [] : null
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
    for (const page of this.pages) {
      if (
        page.alive &&
        page.peer.isHosting &&
        (host === undefined || page.peer.claim!.term > host.peer.claim!.term)
      )
        host = page
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

  reachesSignaling(page: Page): boolean {
    return this.signaling.isReachedBy(page)
  }

  mark(mark: Mark): void {
    this.marks.add(mark)
  }

  // --- pages come and go ---

  join(): Page {
    const number = this.pages.length + 1
    const random = this.#random.fork(`page${number}`)
    const id = toBase64Url(random.bytes(16)) as PeerId
    const { clockOffset, clockDrift } = this.#pace
    const clock = new PageClock(
      this.nowMs,
      random.int(0, clockOffset),
      random.int(-clockDrift, clockDrift) / 1_000,
    )
    const page = new Page(
      number,
      id,
      new Peer(
        { self: id, canHost: true, visible: true, durability: 'standby' },
        clock.at(this.nowMs),
      ),
      clock,
    )
    this.pages.push(page)
    this.#pageById.set(id, page)
    const shared = sharedObjectsOf(
      page,
      this.#shares,
      (peer) => this.pageOf(peer)?.alive === true,
      () => clock.at(this.nowMs),
    )
    if (shared !== null) this.#sharedByPage.set(page, shared)
    this.note(page, 'joins')
    this.#write({ atMs: this.nowMs, peer: id, type: 'joined' })
    this.signaling.dial(page)
    this.#schedule(page)
    return page
  }

  crash(page: Page): void {
    if (!page.alive) return
    this.fault('crash', [page])
    this.#end(page, 'crashed')
  }

  /** The tab closes: one last message, then nothing. */
  close(page: Page): void {
    if (!page.alive) return
    this.fault('leave', [page])
    this.#sayGoodbye(page)
  }

  /** Leaves as `room.leave()` does: hands over first, and goes once that is done or has taken too long. */
  leave(page: Page): void {
    if (!page.alive || page.isLeaving) return
    this.fault('leave', [page])
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
    this.note(page, how)
    page.alive = false
    this.#write({ atMs: this.nowMs, peer: page.id, type: 'ended', how })
    this.signaling.pageEnded(page)
    this.network.pageEnded(page, how === 'left' ? CLOSES_MS : CRASH_FOUND_MS)
  }

  // --- pages stand still ---

  /** `hung`: by its own code, nobody is told. `frozen`: by the browser, which says so first. `asleep`: with the machine. */
  pause(page: Page, how: Pause['how']): void {
    if (!page.alive || page.pause !== null) return
    this.note(page, `is ${how}`)
    if (how === 'frozen') this.feed(page, { type: 'retiring' })
    page.pause = { how, sinceMs: this.nowMs, backlog: [], timerDue: false }
  }

  /** All that came is there at once, before any timer; a frozen page's socket is dead, and what it held is lost. */
  goOn(page: Page): void {
    const { pause } = page
    if (!page.alive || pause === null) return
    page.pause = null
    if (pause.how === 'asleep') page.clock.stoodStill(this.nowMs - pause.sinceMs)
    const backlog =
      pause.how === 'hung' ? pause.backlog : pause.backlog.filter(({ type }) => type !== 'signaled')
    this.marks.pageGoesOn(page, backlog, this)
    this.note(page, `runs again, with ${backlog.length} inputs to handle`)
    if (pause.how === 'frozen') this.feed(page, { type: 'ticked' })
    // Its own code runs again, too, and knows nothing yet of what it slept through.
    this.invoke(page, 'append', 'log')
    if (pause.how !== 'hung') {
      this.fault('socket-cut', [page], 0, true)
      this.signaling.drop(page, 20)
    }
    for (const input of backlog) this.feed(page, input)
    if (pause.timerDue) this.feed(page, { type: 'ticked' })
    this.#schedule(page)
  }

  show(page: Page, visible: boolean, timerGrainMs: number): void {
    page.timerGrainMs = timerGrainMs
    this.feed(page, { type: 'visibility-changed', visible })
  }

  // --- walls, traps ---

  raise(wall: Wall): void {
    this.#walls.push(wall)
  }

  clearWalls(): void {
    this.#walls = []
  }

  isApart(a: Page, b: Page): boolean {
    return this.#walls.some(
      ({ sideOf, untilMs }) => this.nowMs < untilMs && sideOf(a) !== sideOf(b),
    )
  }

  isCutOff(page: Page): boolean {
    return this.#walls.some(
      ({ sideOf, untilMs, reachSignaling }) =>
        this.nowMs < untilMs && !reachSignaling.includes(sideOf(page)),
    )
  }

  whenSomeoneTakesOver(act: (page: Page) => void): void {
    this.#traps.push(act)
  }

  whenSomeoneClaims(act: () => void): void {
    this.#claimTraps.push(act)
  }

  /** Nothing lies in wait any more. */
  disarm(): void {
    this.#traps = []
    this.#claimTraps = []
  }

  // --- what apps do ---

  invoke(
    page: Page,
    action: Action,
    key: string,
    order?: SharedOrder & { readonly type: 'send' },
  ): void {
    if (!page.alive || page.pause !== null || page.isLeaving || page.peer.outboxIsFull)
      return order?.failed()
    const mid = `${page.name}/${++page.invoked}`
    page.midByOp.set(page.peer.nextOpId, mid)
    order?.sent(mid)
    const value = say(mid, order?.text)
    if (action !== 'compact') {
      this.#write({ atMs: this.nowMs, peer: page.id, type: 'invoked', mid, action, key })
      return this.feed(page, { type: 'submitted', action, key, value })
    }
    // Now and then an app names a place that the room has not reached.
    const seq = (order?.seq ??
      (page.invoked % 7 === 0 ? page.peer.lastSeq + 3 : Math.max(1, page.peer.lastSeq - 3))) as Seq
    this.#write({ atMs: this.nowMs, peer: page.id, type: 'invoked', mid, action, key, seq })
    this.feed(page, { type: 'compacted', key, seq, value })
  }

  ask(
    page: Page,
    key: string,
    after: number,
    answer?: (messages: readonly Message[]) => void,
  ): void {
    if (!page.alive || page.pause !== null || page.isLeaving) return
    const request = ++page.asked
    page.replays.set(request, { key, after, askedAtMs: this.nowMs, ...(answer && { answer }) })
    this.feed(page, { type: 'replay-asked', request, queries: [{ key, after: after as Seq }] })
  }

  /** What its shared objects order; what comes of that may order more. */
  serve(page: Page): void {
    if (page.pause !== null) return
    const shared = this.sharedOf(page)
    for (let order = shared?.nextOrder(); order !== undefined; order = shared?.nextOrder()) {
      if (order.type === 'ask') this.ask(page, order.key, 0, order.answer)
      else this.invoke(page, order.action, order.key, order)
    }
  }

  /** What the room is, as this page's replica holds it. */
  finish(page: Page): void {
    const { replica, pending, lastSeq } = page.peer
    const streams: [string, Retained[]][] = []
    for (const key of replica.engine?.keys ?? []) {
      const run = replica.engine!.replay(key, 0)!
      streams.push([key, retainedIn(run)])
    }
    this.#write({
      atMs: this.nowMs,
      peer: page.id,
      type: 'final',
      branch: branchOf(page),
      lastSeq,
      pending,
      streams,
    })
  }

  note(page: Page | null, text: string): void {
    this.timeline?.push(`${this.nowMs} ${page?.name ?? '--'} ${text}`)
  }

  #noteSignal(page: Page, says: string, { type, ...fields }: ToSignaling | FromSignaling): void {
    if (
      this.timeline === null ||
      type === 'heartbeat' ||
      type === 'know' ||
      type.startsWith('peer-')
    )
      return
    const names = JSON.stringify(fields).replaceAll(
      /"([\w-]{22})"/g,
      (_, id: string) => this.pageOf(id as PeerId)?.name ?? id,
    )
    this.note(page, `${says}: ${type} ${names}`)
  }

  /** Writes into the history what is done to the room, and when it is over. */
  fault(kind: FaultKind, pages: readonly Page[], forMs?: number, isCutOff = false): void {
    const what = `${kind} ${this.history.length}`
    this.#write({
      atMs: this.nowMs,
      peer: '',
      type: 'fault',
      kind,
      what,
      ...(pages.length > 0 && { peers: pages.map(({ id }) => id) }),
      ...(isCutOff && { signaling: 'unreachable' }),
    })
    if (forMs !== undefined)
      this.scheduler.after(forMs, () =>
        this.#write({ atMs: this.nowMs, peer: '', type: 'healed', kind, what }),
      )
  }

  healed = (): void => this.#write({ atMs: this.nowMs, peer: '', type: 'healed' })

  #write(event: HistoryEvent): void {
    this.history.push(event)
    this.marks.noted(event)
  }

  // --- a page and its surroundings ---

  feed(page: Page, input: PeerInput): void {
    if (!page.alive) return
    if (page.pause !== null) return void page.pause.backlog.push(input)
    if (input.type === 'signaled') this.#noteSignal(page, 'is told by signaling', input.message)
    const outputs = page.peer.handle(input, page.clock.at(this.nowMs))
    for (const output of outputs) this.#carryOut(page, output)
    if (outputs.length > 0) this.marks.look(page, this)
    if (page.isTakingOver && this.#traps.length > 0) {
      const [act] = this.#traps.splice(0, 1)
      act?.(page)
    }
    this.serve(page)
    this.#schedule(page)
  }

  #schedule(page: Page): void {
    const { wakesAtMs } = page
    const dueMs = page.clock.whenItShows(page.peer.wakeAtMs(page.clock.at(this.nowMs)))
    if (dueMs >= wakesAtMs && wakesAtMs > this.nowMs) return
    // Without an open channel a hidden page gets a timer a minute, at worst.
    const grainMs =
      page.timerGrainMs > 1_000 && this.network.linksOf(page).size > 0 ? 1_000 : page.timerGrainMs
    const atMs = Math.max(this.nowMs + 1, Math.ceil(dueMs / grainMs) * grainMs)
    page.wakesAtMs = atMs
    this.scheduler.at(atMs, () => {
      if (page.wakesAtMs !== atMs || !page.alive) return
      page.wakesAtMs = Infinity
      if (page.pause !== null) page.pause.timerDue = true
      else this.feed(page, { type: 'ticked' })
    })
  }

  #carryOut(page: Page, output: PeerOutput): void {
    switch (output.type) {
      case 'send':
        this.marks.sends(page, output.frame)
        for (const to of output.to) this.network.send(page, to, output.frame)
        return
      case 'signal':
        this.signaling.send(page, output.message)
        this.#noteSignal(page, 'tells signaling', output.message)
        if (output.message.type === 'claim') this.#claims(page, output.message.reason)
        return
      case 'connect':
        return this.network.connect(page, output.peer)
      case 'disconnect':
        return this.network.disconnect(page, output.peer)
      case 'retired':
        this.note(page, 'has handed over')
        if (page.isLeaving) this.scheduler.after(0, () => this.#sayGoodbye(page))
        return
      case 'misbehaved':
        throw new Error(`${page.name} calls its host a liar: ${output.what}`)
      case 'roster':
        return this.sharedOf(page)?.listed(output.members.map(({ peer }) => peer))
      case 'replayed':
      case 'deliver':
      case 'outcome':
      case 'reset':
      case 'live':
        return this.#record(page, output)
    }
  }

  #claims(page: Page, reason: string): void {
    this.marks.claims(reason)
    if (!page.peer.isHosting) page.claimedAtMs = this.nowMs
    const [act] = this.#claimTraps.splice(0, 1)
    act?.()
  }

  #record(
    page: Page,
    output: Extract<PeerOutput, { type: 'deliver' | 'outcome' | 'reset' | 'live' | 'replayed' }>,
  ): void {
    const atMs = this.nowMs
    const peer = page.id
    const branch = branchOf(page)
    switch (output.type) {
      case 'deliver':
        for (const { key, seq, value } of output.messages) {
          this.#write({ atMs, peer, type: 'delivered', branch, seq, key, mid: midIn(value) })
          this.sharedOf(page)?.delivered(key, seq, value)
        }
        return
      case 'outcome': {
        const { outcome } = output
        const mid = page.midByOp.get(outcome.type === 'conflict' ? outcome.op.opId : outcome.opId)!
        if (outcome.type === 'conflict')
          this.#write({ atMs, peer, type: 'conflict', mid, code: outcome.code })
        else if (outcome.type === 'refused')
          this.#write({ atMs, peer, type: 'refused', mid, code: outcome.code })
        else
          this.#write({
            atMs,
            peer,
            type: 'acknowledged',
            mid,
            seq: outcome.seq,
            held: holdersOf(outcome.opId, page, (id) => this.pageOf(id)),
          })
        return outcome.type === 'conflict'
          ? undefined
          : this.sharedOf(page)?.ended(mid, outcome.type === 'refused')
      }
      case 'replayed': {
        const { key, after, askedAtMs, answer } = page.replays.get(output.request)!
        page.replays.delete(output.request)
        const items = output.items.filter((item) => item.key === key)
        answer?.(items.flatMap(messagesIn))
        // A host that had to begin without the streams answers with what it has. [EL5b]
        if (
          page.peer.claim === null ||
          this.pageOf(page.peer.claim.host)?.peer.replica.lacks.length !== 0
        )
          return
        const entries = items.flatMap(retainedIn).filter(([seq]) => seq > after)
        this.#write({ atMs, peer, type: 'replayed', branch, key, after, entries, askedAtMs })
        return
      }
      case 'reset':
        this.note(page, `is told of a reset after ${output.seq}: ${output.reason}`)
        this.marks.resets(page, output.reason)
        this.#write({
          atMs,
          peer,
          type: 'reset',
          seq: output.seq,
          headSeq: output.headSeq,
          keys: output.keys,
          reason: output.reason,
          avoidable: this.#isCalm && this.#couldBeAsked(page),
        })
        return this.sharedOf(page)?.reset(output.seq, output.keys)
      case 'live':
        this.note(
          page,
          `is live under ${output.claim.term}${output.claim.host === page.id ? ', hosting' : ''}`,
        )
        this.marks.goesLive(page, this)
        this.#write({ atMs, peer, type: 'live', branch })
        if (output.claim.host === page.id) this.#write({ atMs, peer, type: 'hosting', branch })
    }
  }

  #couldBeAsked(page: Page): boolean {
    const host = page.peer.claim === null ? undefined : this.#pageById.get(page.peer.claim.host)
    const link = host && this.network.linksOf(host).get(page.id)
    return host !== undefined && link !== undefined && link.openedAtMs < host.claimedAtMs
  }
}
