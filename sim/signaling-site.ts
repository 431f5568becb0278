// Owns the simulated signaling service: the real directory behind sockets that may lie, and what
// can be wrong with it. Texts travel as they would; a page dials again as the real socket does.

import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import { parseToSignaling } from '../protocol/parse-to-signaling.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import type { Topic } from '../protocol/ids.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import { Directory } from '../signaling/directory/directory.ts'
import type { DirectoryInput } from '../signaling/directory/directory-io.ts'
import type { Mark } from './marks.ts'
import type { Page } from './page.ts'
import type { Range } from './pace.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

const TOPIC = 'T'.repeat(22) as Topic
/** As transport/link-limits.ts has them. */
const HEARTBEAT_MS = 10_000
const RETRY_MIN_MS = 100
const RETRY_MAX_MS = 2_000
const DIAL_TIMEOUT_MS = 5_000
const ANSWER_MS = 5_000

export class Socket {
  readonly id: number
  readonly page: Page
  readonly openedAtMs: number
  isOpenAtPage = true
  isOpenAtService = true
  toServiceMs = 0
  toPageMs = 0
  /** When the page heard the service last. */
  heardAtMs = 0
  /** Neither end hears the other until then, and neither knows. */
  deafUntilMs = 0

  constructor(id: number, page: Page, nowMs: number) {
    this.id = id
    this.page = page
    this.openedAtMs = nowMs
  }

  isUsable(nowMs: number): boolean {
    return this.isOpenAtPage && this.isOpenAtService && nowMs >= this.deafUntilMs
  }
}

export type SiteHost = {
  readonly scheduler: Scheduler
  feed(page: Page, input: PeerInput): void
  /** Whether this page's machine reaches the service now. */
  isCutOff(page: Page): boolean
  mark(mark: Mark): void
}

type Status =
  | { readonly type: 'up' }
  | { readonly type: 'down' }
  | { readonly type: 'hung'; readonly inbox: DirectoryInput[] }

export class SignalingSite {
  readonly #host: SiteHost
  readonly #random: Random
  readonly #answers: Random
  readonly #pace: { readonly socket: Range; readonly notice: Range }
  #directory: Directory
  #status: Status = { type: 'up' }
  readonly #sockets = new Map<number, Socket>()
  readonly #socketByPage = new Map<Page, Socket>()
  /** Dials in a row that led to no lasting connection. */
  readonly #failedDialsByPage = new Map<Page, number>()
  #numbers = 0
  #wakesAtMs = Infinity

  constructor(
    host: SiteHost,
    random: Random,
    pace: { readonly socket: Range; readonly notice: Range },
  ) {
    this.#host = host
    this.#random = random
    this.#answers = random.fork('answers')
    this.#pace = pace
    this.#directory = new Directory(host.scheduler.nowMs)
  }

  // --- what pages do ---

  dial(page: Page): void {
    if (!page.alive || this.#socketByPage.has(page)) return
    if (page.pause !== null) return this.#host.scheduler.after(200, () => this.dial(page))
    if (this.#host.isCutOff(page))
      return this.#host.scheduler.after(DIAL_TIMEOUT_MS, () => this.#dialLater(page))
    if (this.#status.type === 'down') return this.#dialLater(page)
    const { nowMs } = this.#host.scheduler
    const socket = new Socket(++this.#numbers, page, nowMs)
    this.#socketByPage.set(page, socket)
    this.#sockets.set(socket.id, socket)
    this.#tell({ type: 'opened', connection: socket.id, address: page.name })
    this.send(page, {
      type: 'join',
      version: PROTOCOL_VERSION,
      topic: TOPIC,
      peer: page.id,
      secret: page.id,
      claim: page.peer.claimToTell,
      held: page.peer.held,
    })
    this.#beatLater(page, socket)
  }

  #dialLater(page: Page): void {
    const failedDials = this.#failedDialsByPage.get(page) ?? 0
    this.#failedDialsByPage.set(page, failedDials + 1)
    const delayMs = Math.min(RETRY_MIN_MS * 2 ** failedDials, RETRY_MAX_MS)
    this.#host.scheduler.after(Math.ceil(delayMs * (0.75 + this.#random.next() / 4)), () =>
      this.dial(page),
    )
  }

  #beatLater(page: Page, socket: Socket): void {
    this.#host.scheduler.after(HEARTBEAT_MS, () => {
      if (!page.alive || this.#socketByPage.get(page) !== socket) return
      this.#failedDialsByPage.delete(page)
      if (page.pause === null) this.#beat(page, socket)
      this.#beatLater(page, socket)
    })
  }

  /** Whatever comes after it shows that the socket is no dead one; a page that stands still cannot look. */
  #beat(page: Page, socket: Socket): void {
    const { scheduler } = this.#host
    const beatAtMs = scheduler.nowMs
    this.send(page, { type: 'heartbeat' })
    scheduler.after(ANSWER_MS, () => {
      if (!page.alive || page.pause !== null) return
      if (socket.heardAtMs < beatAtMs) this.#giveUp(socket)
    })
  }

  /** The page takes its socket for dead. The service hears of it as soon as anything passes. */
  #giveUp(socket: Socket): void {
    const { scheduler } = this.#host
    if (scheduler.nowMs < socket.deafUntilMs)
      this.#host.mark('a socket was deaf and its page found out')
    this.#lostAtPage(socket)
    scheduler.at(Math.max(scheduler.nowMs, socket.deafUntilMs), () => this.#lostAtService(socket))
  }

  send(page: Page, message: ToSignaling): void {
    const socket = this.#socketByPage.get(page)
    const { scheduler } = this.#host
    if (socket === undefined || scheduler.nowMs < socket.deafUntilMs) return
    const text = JSON.stringify(message)
    socket.toServiceMs = Math.max(
      socket.toServiceMs,
      scheduler.nowMs + this.#random.within(this.#pace.socket),
    )
    scheduler.at(socket.toServiceMs, () => {
      if (!socket.isOpenAtService) return
      const parsed = parseToSignaling(text)
      if (!parsed.ok) throw new Error(`${text} does not come back: ${parsed.error}`)
      this.#tell({ type: 'received', connection: socket.id, message: parsed.value })
    })
  }

  /** The page is gone; the service learns of it from its socket. */
  pageEnded(page: Page): void {
    const socket = this.#socketByPage.get(page)
    if (socket === undefined) return
    this.#socketByPage.delete(page)
    socket.isOpenAtPage = false
    this.#host.scheduler.after(this.#random.within(this.#pace.notice), () =>
      this.#lostAtService(socket),
    )
  }

  // --- what goes wrong ---

  /** The socket alone blinks: the page notices at once, the service after a while. */
  drop(page: Page, noticedAfterMs: number): void {
    const socket = this.#socketByPage.get(page)
    if (socket === undefined) return
    this.#lostAtPage(socket)
    this.#host.scheduler.after(noticedAfterMs, () => this.#lostAtService(socket))
  }

  /** Both ends take the socket for open, and nothing passes; then both see that it is dead. */
  deafen(page: Page, forMs: number): void {
    const socket = this.#socketByPage.get(page)
    if (socket === undefined) return
    const untilMs = this.#host.scheduler.nowMs + forMs
    socket.deafUntilMs = Math.max(socket.deafUntilMs, untilMs)
    this.#host.scheduler.at(untilMs, () => {
      if (socket.deafUntilMs > untilMs) return
      this.#lostAtPage(socket)
      this.#lostAtService(socket)
    })
  }

  /** The path is well again: a socket that had died is found dead at once. */
  heal(page: Page): void {
    const socket = this.#socketByPage.get(page)
    if (socket === undefined || socket.isUsable(this.#host.scheduler.nowMs)) return
    this.#lostAtPage(socket)
    this.#lostAtService(socket)
  }

  /** The service goes, and with it all it knew. */
  stop(): void {
    this.#status = { type: 'down' }
    for (const socket of this.#sockets.values()) {
      socket.isOpenAtService = false
      this.#lostAtPage(socket)
    }
    this.#sockets.clear()
  }

  start(): void {
    if (this.#status.type !== 'down') return this.goOn()
    this.#directory = new Directory(this.#host.scheduler.nowMs)
    this.#wakesAtMs = Infinity
    this.#status = { type: 'up' }
  }

  /** It accepts and answers nothing. */
  hang(): void {
    if (this.#status.type === 'up') this.#status = { type: 'hung', inbox: [] }
  }

  /** It runs again, and first handles all that came. */
  goOn(): void {
    if (this.#status.type !== 'hung') return
    const { inbox } = this.#status
    this.#status = { type: 'up' }
    for (const input of inbox) this.#tell(input)
    this.#tick()
  }

  /** Whether what a page and the service tell each other arrives. */
  isReachedBy(page: Page): boolean {
    return this.#socketByPage.get(page)?.isUsable(this.#host.scheduler.nowMs) === true
  }

  get isUp(): boolean {
    return this.#status.type === 'up'
  }

  // --- inside ---

  #lostAtPage(socket: Socket): void {
    if (!socket.isOpenAtPage) return
    socket.isOpenAtPage = false
    const { page } = socket
    if (this.#socketByPage.get(page) !== socket) return
    this.#socketByPage.delete(page)
    this.#host.feed(page, { type: 'signaling-closed' })
    this.#dialLater(page)
  }

  #lostAtService(socket: Socket): void {
    if (!socket.isOpenAtService) return
    socket.isOpenAtService = false
    this.#sockets.delete(socket.id)
    this.#tell({ type: 'closed', connection: socket.id })
  }

  #tell(input: DirectoryInput): void {
    if (this.#status.type === 'hung') this.#status.inbox.push(input)
    if (this.#status.type !== 'up') return
    const { scheduler } = this.#host
    for (const output of this.#directory.handle(input, scheduler.nowMs)) {
      const socket = this.#sockets.get(output.connection)
      if (socket === undefined) continue
      if (output.type !== 'send') this.#close(socket)
      else if (output.message.type === 'heartbeat') this.#answerBeat(socket)
      else this.#toPage(socket, output.message)
    }
    this.#wake()
  }

  /** The service ends a connection, and its page hears of it in time. */
  #close(socket: Socket): void {
    const { scheduler } = this.#host
    socket.isOpenAtService = false
    this.#sockets.delete(socket.id)
    scheduler.at(this.#arrivalAt(socket), () => {
      if (scheduler.nowMs >= socket.deafUntilMs) this.#lostAtPage(socket)
    })
  }

  #wake(): void {
    const { scheduler } = this.#host
    const wakeAtMs = this.#directory.nextWakeAt()
    if (wakeAtMs === null || wakeAtMs >= this.#wakesAtMs) return
    this.#wakesAtMs = wakeAtMs
    scheduler.at(wakeAtMs, () => {
      if (this.#wakesAtMs !== wakeAtMs) return
      this.#wakesAtMs = Infinity
      this.#tick()
    })
  }

  #tick(): void {
    this.#tell({ type: 'ticked' })
  }

  #toPage(socket: Socket, message: FromSignaling): void {
    const text = JSON.stringify(message)
    this.#host.scheduler.at(this.#arrivalAt(socket), () => {
      const parsed = parseFromSignaling(text)
      if (parsed === null) throw new Error(`${text} does not come back`)
      const { nowMs } = this.#host.scheduler
      if (!socket.isOpenAtPage || nowMs < socket.deafUntilMs) return
      socket.heardAtMs = nowMs
      this.#host.feed(socket.page, { type: 'signaled', message: parsed })
    })
  }

  /** It is the socket's: its page does not hear of it. Drawn apart, so that it shifts nothing else. */
  #answerBeat(socket: Socket): void {
    const { scheduler } = this.#host
    scheduler.after(this.#answers.within(this.#pace.socket), () => {
      if (scheduler.nowMs >= socket.deafUntilMs) socket.heardAtMs = scheduler.nowMs
    })
  }

  #arrivalAt(socket: Socket): number {
    socket.toPageMs = Math.max(
      socket.toPageMs,
      this.#host.scheduler.nowMs + this.#random.within(this.#pace.socket),
    )
    return socket.toPageMs
  }
}
