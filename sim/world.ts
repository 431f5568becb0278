// Owns the simulated surroundings: pages that run the real peer in virtual time, each with its own
// clock, the network between them and the signaling service. What happens when is decided
// elsewhere, what is written of it is the scribe's.

import type { PeerId } from '../protocol/ids.ts'
import type { PeerInput, PeerOutput } from '../peer/peer-io.ts'
import type { App, AppNews } from './app.ts'
import type { RoomRecord } from '../checks/room-told.ts'
import { BareApp } from './bare-app.ts'
import { Disk, type OnDisk } from './disk.ts'
import { DiskWriter } from './disk-writer.ts'
import { LogMirror } from './log-mirror.ts'
import { Marks, type Mark } from './marks.ts'
import { Network } from './network.ts'
import { newPage } from './new-page.ts'
import type { Pace, Range } from './pace.ts'
import type { Page, Pause } from './page.ts'
import type { Random } from './random.ts'
import { optionsOf, type PageOptions, type RoomOptions } from './room-options.ts'
import { RoomApp } from './room-app.ts'
import { Scheduler } from './scheduler.ts'
import { Scribe } from './scribe.ts'
import { sharedObjectsOf, type Shares } from './shared-objects.ts'
import { SignalingSite } from './signaling-site.ts'
import { Traps } from './traps.ts'
import type { Turns } from './turns.ts'
import { Walls } from './walls.ts'

/** A goodbye closes links at once; a crash is found out by ICE. */
const CLOSES_MS: Range = [4, 90]
const CRASH_FOUND_MS: Range = [15_400, 16_900]
/** A page that goes on finds its socket dead at once, the service a moment later. */
const SOCKET_FOUND_DEAD_MS = 20

export type WorldSetup = {
  readonly pace: Pace
  readonly options: RoomOptions
  readonly disks: boolean
  readonly shares: Shares
  /** Pages come and go, but what stands between them works. */
  readonly isCalm: boolean
  readonly withTimeline: boolean
  /** Where pages have rooms: what their promises need. */
  readonly turns: Turns | null
}

export class World {
  readonly scheduler: Scheduler
  readonly pages: Page[] = []
  readonly marks = new Marks()
  readonly traps = new Traps()
  readonly walls: Walls
  readonly scribe: Scribe
  readonly network: Network
  readonly signaling: SignalingSite
  readonly #random: Random
  readonly #setup: WorldSetup
  readonly #pageById = new Map<PeerId, Page>()
  /** Pages that went, and are to come back to their disks. */
  readonly #away = new Set<Page>()
  readonly #mirrorByPage = new Map<Page, LogMirror>()
  readonly #appByPage = new Map<Page, App>()
  readonly #diskWriterByPage = new Map<Page, DiskWriter>()

  constructor(random: Random, setup: WorldSetup) {
    this.#random = random
    this.#setup = setup
    const { pace, withTimeline, turns } = setup
    this.scheduler = new Scheduler(turns !== null)
    this.walls = new Walls(this.scheduler)
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

  /** What the apps of all pages that have rooms were told. */
  get roomRecords(): RoomRecord[] {
    return this.pages.flatMap((page) => {
      const app = this.appOf(page)
      if (!(app instanceof RoomApp)) return []
      const { id: peer, name, alive } = page
      return [{ peer, name, told: app.notes, status: alive ? app.status : null }]
    })
  }

  mirrorOf(page: Page): LogMirror {
    return this.#mirrorByPage.get(page)!
  }

  appOf(page: Page): App {
    return this.#appByPage.get(page)!
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

  /** The page that went is loaded again on the same device, after a while or once everything heals. */
  comesBack(page: Page, afterMs: number): void {
    if (!this.#setup.disks) return this.scheduler.after(afterMs, () => this.join())
    this.#away.add(page)
    this.scheduler.after(afterMs, () => this.#comeBack(page))
  }

  /** Whoever is still to come back is back. */
  bringBack(): void {
    for (const page of this.#away) this.#comeBack(page)
  }

  #comeBack(page: Page): void {
    if (this.#away.delete(page)) this.#join(page.options, page.disk)
  }

  #join(options: PageOptions, disk = this.#newDisk(options)): Page {
    const number = this.pages.length + 1
    const random = this.#random.fork(`page${number}`)
    const onDisk = disk?.open() ?? null
    const copy = onDisk?.copy ?? null
    const page = newPage(number, options, random, this.#setup.pace, this.nowMs, disk, copy)
    this.pages.push(page)
    this.#pageById.set(page.id, page)
    const app = this.#appFor(page)
    this.#appByPage.set(page, app)
    this.#mirrorByPage.set(page, new LogMirror(page.peer.replica, (ticket) => app.midOf(ticket)))
    this.scribe.note(page, 'joins')
    this.scribe.joined(page, onDisk?.written ?? null)
    this.#keep(page, onDisk)
    this.signaling.dial(page)
    app.starts()
    this.#schedule(page)
    return page
  }

  #keep(page: Page, onDisk: OnDisk | null): void {
    if (page.disk === null || onDisk === null) return
    const random = this.#random.fork(`disk${page.number}`)
    const writer = new DiskWriter(page.disk, onDisk, page.peer, this.scheduler, random)
    this.#diskWriterByPage.set(page, writer)
  }

  #newDisk({ canHost }: PageOptions): Disk | null {
    return this.#setup.disks && canHost ? new Disk() : null
  }

  #appFor(page: Page): App {
    const { shares, turns } = this.#setup
    if (turns !== null) return new RoomApp(page, this, turns)
    const isHere = (peer: PeerId) => this.pageOf(peer)?.alive === true
    const shared = sharedObjectsOf(page, shares, isHere, () => page.clock.at(this.nowMs))
    return new BareApp(page, this, shared)
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
    this.appOf(page).tabCloses()
  }

  leave(page: Page): void {
    if (!page.alive || page.isLeaving) return
    this.scribe.trouble('leave', [page])
    page.isLeaving = true
    this.appOf(page).leave()
  }

  sayGoodbye(page: Page): void {
    if (!page.alive) return
    if (page.pause === null) this.feed(page, { type: 'leaving' })
    this.#end(page, page.pause === null ? 'left' : 'crashed')
  }

  #end(page: Page, how: 'crashed' | 'left'): void {
    this.marks.pageEnds(page)
    this.scribe.note(page, how)
    page.alive = false
    const diskWriter = this.#diskWriterByPage.get(page)
    if (how === 'left') diskWriter?.left()
    else diskWriter?.crashed()
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
    this.appOf(page).send('append', 'log')
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

  // --- a page and its surroundings ---

  feed(page: Page, input: PeerInput): void {
    if (!page.alive) return
    if (page.pause !== null) {
      page.pause.backlog.push(input)
      return
    }
    page.inputs.push(input)
    if (page.isHandling) return
    for (let next = page.inputs.shift(); next !== undefined; next = page.inputs.shift())
      this.#handle(page, next)
    this.#schedule(page)
  }

  /** What an app does while it is told of something waits until all of that is told. */
  #handle(page: Page, input: PeerInput): void {
    const app = this.appOf(page)
    if (input.type === 'link-opened' || input.type === 'link-closed') app.linksChanged()
    if (input.type === 'signaled')
      this.scribe.noteSignal(page, 'is told by signaling', input.message)
    page.isHandling = true
    const pageMs = page.clock.at(this.nowMs)
    if (input.type === 'signaled' || input.type === 'received') page.heardAtMs = pageMs
    const outputs = page.peer.handle(input, pageMs)
    for (const output of outputs) this.#carryOut(page, output)
    page.isHandling = false
    this.#diskWriterByPage.get(page)?.inputDone()
    this.scribe.signaling(page)
    if (outputs.length > 0) this.marks.look(page, this)
    if (page.isTakingOver) this.traps.takesOver(page)
    app.inputDone()
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
        return this.network.send(page, output.to, output.frame)
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
        if (page.isLeaving) this.appOf(page).retired()
        return
      case 'misbehaved':
        throw new Error(`${page.name} calls its host a liar: ${output.what}`)
      case 'grew':
      case 'replaced':
        return this.mirrorOf(page).told(output)
      case 'roster':
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

  #tellApp(page: Page, news: AppNews): void {
    const app = this.appOf(page)
    if (news.type === 'reset') this.marks.resets(page, news.reason)
    if (news.type === 'live') this.marks.goesLive(page, this)
    this.scribe.news(page, news, app, () => this.#setup.isCalm && this.#couldBeAsked(page))
    app.told(news)
  }

  /** The host had a link to this page before it claimed. */
  #couldBeAsked(page: Page): boolean {
    const { claim } = page.peer
    const host = claim === null ? undefined : this.pageOf(claim.host)
    const link = host && this.network.linksOf(host).get(page.id)
    return host !== undefined && link !== undefined && link.openedAtMs < host.claimedAtMs
  }
}
