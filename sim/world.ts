// Owns the simulated surroundings: pages that run the real peer, the real signaling directory, and the links
// and sockets between them, all in virtual time and all over bytes. What happens when is decided elsewhere.

import { encodeFrame, parseFrame } from '../protocol/frame-codec.ts'
import { isControl, type Frame } from '../protocol/frames.ts'
import { PROTOCOL_VERSION } from '../protocol/limits.ts'
import { parseFromSignaling, parseToSignaling, type FromSignaling, type ToSignaling } from '../protocol/signals.ts'
import { toBase64Url } from '../protocol/base64url.ts'
import type { MessageAction } from '../protocol/entry.ts'
import type { PeerId, Seq, Topic } from '../protocol/ids.ts'
import { Peer } from '../client/peer.ts'
import type { PeerInput, PeerOutput } from '../client/peer-io.ts'
import { Directory } from '../signaling/directory.ts'
import type { FaultKind, HistoryEvent, Retained } from './history.ts'
import { Page, type Link } from './page.ts'
import type { Random } from './random.ts'
import { Scheduler } from './scheduler.ts'

const TOPIC = 'T'.repeat(22) as Topic
const utf8 = { encode: (text: string) => new TextEncoder().encode(text), decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes) }

/** How long things take, drawn once a run. All in milliseconds, from low to high. */
export type Pace = {
  readonly link: readonly [number, number]
  readonly socket: readonly [number, number]
  readonly connect: readonly [number, number]
  readonly deathNotice: readonly [number, number]
  /** How many times slower than that some links are. */
  readonly slowness: readonly [number, number]
}

export class World {
  readonly scheduler = new Scheduler()
  readonly pages: Page[] = []
  readonly history: HistoryEvent[] = []
  readonly trace: string[] = []
  readonly #random: Random
  readonly #pace: Pace
  readonly #isCalm: boolean
  #directory = new Directory()
  #signalingUp = true
  readonly #pageBySocket = new Map<number, Page>()
  #numbers = 0

  /** `isCalm`: pages come and go, but what stands between them works. */
  constructor(random: Random, pace: Pace, isCalm: boolean) {
    this.#random = random
    this.#pace = pace
    this.#isCalm = isCalm
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  get livePages(): Page[] {
    return this.pages.filter((page) => page.alive)
  }

  get host(): Page | undefined {
    return this.livePages.find((page) => page.peer.isHosting)
  }

  // --- what a schedule can do ---

  join(): Page {
    const number = ++this.#numbers
    const id = toBase64Url(this.#random.fork(`id${number}`).bytes(16)) as PeerId
    const page = new Page(`p${number}`, id, new Peer({ self: id, canHost: true, visible: true, durability: 'standby' }, this.nowMs))
    this.pages.push(page)
    this.note(page, 'joins')
    this.history.push({ atMs: this.nowMs, peer: id, type: 'joined' })
    this.#openSocket(page)
    this.#schedule(page)
    return page
  }

  crash(page: Page): void {
    if (!page.alive) return
    this.#fault('crash', [page])
    this.#end(page, 'crashed')
    for (const link of page.links.values()) this.scheduler.after(15_800, () => this.#closeLink(link))
  }

  /** The tab closes: one last message, then nothing. */
  close(page: Page): void {
    if (!page.alive) return
    this.#fault('leave', [page])
    this.#goodbye(page)
  }

  #goodbye(page: Page): void {
    if (!page.alive) return
    this.feed(page, { type: 'leaving' })
    this.#end(page, 'left')
    for (const link of page.links.values()) this.scheduler.after(this.#draw([4, 90]), () => this.#closeLink(link))
  }

  /** Leaves as `room.leave()` does: hands over first, and goes once that is done or has taken too long. */
  leave(page: Page): void {
    if (!page.alive) return
    this.#fault('leave', [page])
    this.feed(page, { type: 'retiring' })
    this.scheduler.after(1_200, () => this.#goodbye(page))
  }

  /** The page's scripts stand still: nobody sees it end, and afterwards everything that came is there at once. */
  hang(page: Page, forMs: number): void {
    if (!page.alive || page.backlog !== null) return
    this.note(page, `hangs for ${forMs} ms`)
    page.backlog = []
    this.#fault('hang', [page], forMs)
    this.scheduler.after(forMs, () => {
      const backlog = page.backlog ?? []
      page.backlog = null
      if (page.alive) this.note(page, `runs again, with ${backlog.length} inputs to handle`)
      // Its own code runs again, too, and knows nothing yet of what it slept through.
      if (page.alive) this.invoke(page, 'append', 'log')
      for (const input of backlog) this.feed(page, input)
    })
  }

  loseLink(a: Page, b: Page): void {
    const link = a.links.get(b.id)
    if (link === undefined) return
    this.note(a, `loses its link to ${b.name}`)
    this.#fault('link-cut', [a, b], 0)
    this.#closeLink(link)
  }

  /** Nothing passes for a while; then everything that waited comes in a burst. */
  stallLink(a: Page, b: Page, forMs: number): void {
    const link = a.links.get(b.id)
    if (link === undefined) return
    this.note(a, `hears nothing from ${b.name} for ${forMs} ms`)
    this.#fault('link-cut', [a, b], forMs)
    link.cutUntilMs = Math.max(link.cutUntilMs, this.nowMs + forMs)
  }

  restartSignaling(downMs: number): void {
    if (!this.#signalingUp) return
    this.trace.push(`${this.nowMs} signaling stops for ${downMs} ms`)
    this.#signalingUp = false
    this.#fault('signaling-restart', [], downMs)
    for (const [socket] of this.#pageBySocket) this.#socketGone(socket)
    this.scheduler.after(downMs, () => {
      this.#directory = new Directory()
      this.#signalingUp = true
      this.trace.push(`${this.nowMs} signaling is back`)
    })
  }

  /** The socket alone blinks: the page notices, and comes back. */
  dropSocket(page: Page): void {
    if (page.socket === null) return
    this.note(page, 'loses its signaling socket')
    this.#fault('socket-cut', [page], 0)
    const socket = page.socket
    this.#socketGone(socket)
    this.scheduler.after(this.#draw(this.#pace.deathNotice), () => this.#directorySays(this.#directory.handle({ type: 'closed', connection: socket }, this.nowMs)))
  }

  invoke(page: Page, action: MessageAction | 'compact', key: string): void {
    if (!page.alive || page.backlog !== null || page.peer.outboxIsFull) return
    const mid = `${page.name}/${++page.invoked}`
    page.midByOp.set(page.peer.nextOpId, mid)
    const value = utf8.encode(mid)
    const event = { atMs: this.nowMs, peer: page.id, type: 'invoked', mid, action, key } as const
    if (action !== 'compact') {
      this.history.push(event)
      return this.feed(page, { type: 'submitted', action, key, value })
    }
    const seq = Math.max(1, page.peer.lastSeq - 3) as Seq
    this.history.push({ ...event, seq })
    this.feed(page, { type: 'compacted', key, seq, value })
  }

  /** What the room is, as this page's replica holds it. */
  finish(page: Page): void {
    const { replica, pending, lastSeq } = page.peer
    const streams: [string, Retained[]][] = []
    for (const key of replica.engine?.keys ?? []) {
      const run = replica.engine!.replay(key, 0)!
      streams.push([key, Array.from(run.seqs, (seq, i) => [seq, utf8.decode(run.bytes.subarray(run.ends[i - 1] ?? 0, run.ends[i]))])])
    }
    this.history.push({ atMs: this.nowMs, peer: page.id, type: 'final', branch: this.#branch(page), lastSeq, pending, streams })
  }

  note(page: Page, text: string): void {
    this.trace.push(`${this.nowMs} ${page.name} ${text}`)
  }

  /** Writes into the history what is done to the room, and when it is over. */
  #fault(kind: FaultKind, pages: readonly Page[], forMs?: number): void {
    const what = `${kind} ${this.history.length}`
    this.history.push({ atMs: this.nowMs, peer: '', type: 'fault', kind, what, ...(pages.length > 0 && { peers: pages.map(({ id }) => id) }) })
    if (forMs !== undefined) this.scheduler.after(forMs, () => this.history.push({ atMs: this.nowMs, peer: '', type: 'healed', kind, what }))
  }

  // --- a page ---

  feed(page: Page, input: PeerInput): void {
    if (!page.alive) return
    if (page.backlog !== null) return void page.backlog.push(input)
    for (const output of page.peer.handle(input, this.nowMs)) this.#carryOut(page, output)
    this.#schedule(page)
  }

  #schedule(page: Page): void {
    const atMs = page.peer.wakeAtMs(this.nowMs)
    if (atMs >= page.wakesAtMs && page.wakesAtMs > this.nowMs) return
    page.wakesAtMs = atMs
    this.scheduler.at(atMs, () => {
      if (page.wakesAtMs !== atMs) return
      page.wakesAtMs = Infinity
      this.feed(page, { type: 'ticked' })
    })
  }

  #carryOut(page: Page, output: PeerOutput): void {
    const event = { atMs: this.nowMs, peer: page.id }
    switch (output.type) {
      case 'send':
        for (const to of output.to) this.#sendFrame(page, to, output.frame)
        return
      case 'signal':
        if (output.message.type === 'claim') page.claimedAtMs = this.nowMs
        return this.#toDirectory(page, output.message)
      case 'connect':
        return this.#connect(page, output.peer)
      case 'disconnect': {
        const link = page.links.get(output.peer)
        return link === undefined ? undefined : this.#closeLink(link)
      }
      case 'deliver':
        for (const { key, seq, value } of output.messages) this.history.push({ ...event, type: 'delivered', branch: this.#branch(page), seq, key, mid: utf8.decode(value) })
        return
      case 'outcome': {
        const mid = page.midByOp.get(output.outcome.type === 'conflict' ? output.outcome.op.opId : output.outcome.opId)!
        if (output.outcome.type === 'conflict') this.history.push({ ...event, type: 'conflict', mid, code: output.outcome.code })
        else if (output.outcome.type === 'refused') this.history.push({ ...event, type: 'refused', mid, code: output.outcome.code })
        else this.history.push({ ...event, type: 'acknowledged', mid, seq: output.outcome.seq, held: [page.peer.claim!.host, ...page.peer.replica.inSync] })
        return
      }
      case 'reset':
        this.note(page, `reset after ${output.seq}: ${output.reason}`)
        this.history.push({ ...event, type: 'reset', seq: output.seq, headSeq: output.headSeq, keys: output.keys, reason: output.reason, avoidable: this.#isCalm && this.#couldBeAsked(page) })
        return
      case 'live':
        this.note(page, `is live under ${output.claim.term}${output.claim.host === page.id ? ', hosting' : ''}`)
        this.history.push({ ...event, type: 'live', branch: this.#branch(page) })
        if (output.claim.host === page.id) this.history.push({ ...event, type: 'hosting', branch: this.#branch(page) })
        return
      case 'misbehaved':
        throw new Error(`${page.name} calls its host a liar: ${output.what}`)
      case 'retired':
        this.note(page, 'has handed over')
        this.scheduler.after(0, () => this.#goodbye(page))
        return
      case 'roster':
      case 'replayed':
        return
    }
  }

  #couldBeAsked(page: Page): boolean {
    const host = this.pages.find(({ id }) => id === page.peer.claim?.host)
    const link = host?.links.get(page.id)
    return host !== undefined && link !== undefined && link.openedAtMs < host.claimedAtMs
  }

  #branch(page: Page): string {
    return `${page.peer.claim?.term ?? 0}:${page.peer.claim?.host ?? ''}`
  }

  #end(page: Page, how: 'crashed' | 'left'): void {
    this.note(page, how)
    page.alive = false
    this.history.push({ atMs: this.nowMs, peer: page.id, type: 'ended', how })
    const { socket } = page
    if (socket === null) return
    page.socket = null
    this.scheduler.after(this.#draw(this.#pace.deathNotice), () => {
      if (this.#pageBySocket.delete(socket)) this.#directorySays(this.#directory.handle({ type: 'closed', connection: socket }, this.nowMs))
    })
  }

  // --- links ---

  #connect(page: Page, to: PeerId): void {
    const other = this.pages.find(({ id }) => id === to)
    if (other === undefined || page.links.has(to) || page.connecting.has(to) || other.connecting.has(page.id)) return
    page.connecting.add(to)
    this.scheduler.after(this.#draw(this.#pace.connect), () => {
      page.connecting.delete(to)
      if (!page.alive || !other.alive || page.socket === null || other.socket === null || page.links.has(to)) return
      const link: Link = { id: ++this.#numbers, openedAtMs: this.nowMs, slowness: this.#draw(this.#pace.slowness), peers: [page, other], open: true, cutUntilMs: 0, arrivalMs: new Map() }
      page.links.set(other.id, link)
      other.links.set(page.id, link)
      this.feed(page, { type: 'link-opened', peer: other.id, link: link.id })
      this.feed(other, { type: 'link-opened', peer: page.id, link: link.id })
    })
  }

  #closeLink(link: Link): void {
    if (!link.open) return
    link.open = false
    const [a, b] = link.peers
    for (const [page, other] of [[a, b], [b, a]] as const) {
      if (page.links.get(other.id) !== link) continue
      page.links.delete(other.id)
      this.scheduler.after(this.#draw(this.#pace.link), () => this.feed(page, { type: 'link-closed', peer: other.id, link: link.id }))
    }
  }

  /** Each lane of each direction is in order; lanes overtake each other. */
  #sendFrame(from: Page, toId: PeerId, frame: Frame): void {
    const link = from.links.get(toId)
    if (link === undefined || !link.open) return
    const to = link.peers[0] === from ? link.peers[1] : link.peers[0]
    const bytes = encodeFrame(frame)
    const lane = `${from.name} ${isControl(frame.type)}`
    const earliest = Math.max(link.arrivalMs.get(lane) ?? 0, this.nowMs + this.#draw(this.#pace.link) * link.slowness, link.cutUntilMs)
    link.arrivalMs.set(lane, earliest)
    this.scheduler.at(earliest, () => {
      if (!link.open) return
      const parsed = parseFrame(bytes)
      if (!parsed.ok) throw new Error(`a frame of type ${frame.type} does not come back: ${parsed.error}`)
      this.feed(to, { type: 'received', peer: from.id, link: link.id, frame: parsed.value })
    })
  }

  // --- signaling ---

  #openSocket(page: Page): void {
    if (!page.alive || page.socket !== null) return
    if (!this.#signalingUp) return this.scheduler.after(this.#draw([100, 2_000]), () => this.#openSocket(page))
    const socket = ++this.#numbers
    page.socket = socket
    this.#pageBySocket.set(socket, page)
    this.#directorySays(this.#directory.handle({ type: 'opened', connection: socket, address: page.name }, this.nowMs))
    this.#toDirectory(page, { type: 'join', version: PROTOCOL_VERSION, topic: TOPIC, peer: page.id, secret: page.id, claim: page.peer.claimToTell })
  }

  #socketGone(socket: number): void {
    const page = this.#pageBySocket.get(socket)
    this.#pageBySocket.delete(socket)
    if (page === undefined || page.socket !== socket) return
    page.socket = null
    this.feed(page, { type: 'signaling-closed' })
    this.scheduler.after(this.#draw([50, 600]), () => this.#openSocket(page))
  }

  #toDirectory(page: Page, message: ToSignaling): void {
    const { socket } = page
    if (socket === null) return
    const text = JSON.stringify(message)
    page.socketArrivalMs = Math.max(page.socketArrivalMs, this.nowMs + this.#draw(this.#pace.socket))
    this.scheduler.at(page.socketArrivalMs, () => {
      if (this.#pageBySocket.get(socket) !== page) return
      const parsed = parseToSignaling(text)
      if (!parsed.ok) throw new Error(`${text} does not come back: ${parsed.error}`)
      this.#directorySays(this.#directory.handle({ type: 'received', connection: socket, message: parsed.value }, this.nowMs))
    })
  }

  #directorySays(outputs: ReturnType<Directory['handle']>): void {
    for (const output of outputs) {
      if (output.type === 'close') this.#socketGone(output.connection)
      else this.#toPage(output.connection, output.message)
    }
    const wakeAtMs = this.#directory.nextWakeAt()
    const directory = this.#directory
    if (wakeAtMs !== null) this.scheduler.at(wakeAtMs, () => (directory === this.#directory ? this.#tickDirectory() : undefined))
  }

  #tickDirectory(): void {
    const due = this.#directory.nextWakeAt()
    if (due !== null && due <= this.nowMs) this.#directorySays(this.#directory.handle({ type: 'ticked' }, this.nowMs))
  }

  #arrivalBySocket = new Map<number, number>()

  #toPage(socket: number, message: FromSignaling): void {
    const page = this.#pageBySocket.get(socket)
    if (page === undefined) return
    const text = JSON.stringify(message)
    const arrivalMs = Math.max(this.#arrivalBySocket.get(socket) ?? 0, this.nowMs + this.#draw(this.#pace.socket))
    this.#arrivalBySocket.set(socket, arrivalMs)
    this.scheduler.at(arrivalMs, () => {
      const parsed = parseFromSignaling(text)
      if (parsed === null) throw new Error(`${text} does not come back`)
      if (page.socket === socket) this.feed(page, { type: 'signaled', message: parsed })
    })
  }

  #draw([low, high]: readonly [number, number]): number {
    return this.#random.int(low, high)
  }
}
