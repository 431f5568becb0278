// Owns what carries the room of a simulated page: its page's peer, the links of the simulated
// network, and the page's clock. It knows which op and which replay the peer knows by which number.

import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import type { Ticket } from '../peer/submission.ts'
import type { PeerInfo } from '../client/api.ts'
import type { Connection } from '../client/connection.ts'
import type { AskedReplay } from './app.ts'
import type { AppWorld } from './app-world.ts'
import type { Page } from './page.ts'
import { midIn } from './said.ts'
import type { Deferred, Turns } from './turns.ts'

/** What was put off waits so long for a page that stands still, again and again. */
const LOOK_AGAIN_MS = 50

export class RoomConnection implements Connection {
  readonly peer: Peer
  readonly #page: Page
  readonly #world: AppWorld
  readonly #turns: Turns
  readonly #onAsked: (request: number, asked: AskedReplay) => void
  readonly #onThrown: (error: unknown) => void
  readonly #midByTicket = new Map<Ticket, string>()
  readonly #askedByRequest = new Map<number, AskedReplay>()
  #handover: Deferred | null = null

  constructor(
    page: Page,
    world: AppWorld,
    turns: Turns,
    onAsked: (request: number, asked: AskedReplay) => void,
    onThrown: (error: unknown) => void,
  ) {
    this.peer = page.peer
    this.#page = page
    this.#world = world
    this.#turns = turns
    this.#onAsked = onAsked
    this.#onThrown = onThrown
  }

  midOf(ticket: Ticket): string {
    return this.#midByTicket.get(ticket)!
  }

  /** Whether this op came to the peer. */
  hasFed(mid: string): boolean {
    return [...this.#midByTicket.values()].includes(mid)
  }

  askedBy(request: number): AskedReplay {
    return this.#askedByRequest.get(request)!
  }

  feed(input: PeerInput): void {
    if (input.type === 'batch')
      for (const { ticket, value } of input.submissions) this.#midByTicket.set(ticket, midIn(value))
    if (input.type === 'replay-asked') {
      const asked = { queries: input.queries, askedAtMs: this.#world.scheduler.nowMs }
      this.#askedByRequest.set(input.request, asked)
      this.#onAsked(input.request, asked)
    }
    this.#world.feed(this.#page, input)
  }

  pathTo(peer: PeerId): PeerInfo['path'] {
    return this.#world.network.linksOf(this.#page).has(peer) ? 'direct' : null
  }

  now(): number {
    return this.#page.clock.at(this.#world.scheduler.nowMs)
  }

  later(run: () => void): void {
    this.#world.scheduler.after(0, () => this.#runOnceAwake(run))
  }

  #runOnceAwake(run: () => void): void {
    if (!this.#page.alive) return
    if (this.#page.pause === null) return run()
    this.#world.scheduler.after(LOOK_AGAIN_MS, () => this.#runOnceAwake(run))
  }

  report(error: unknown): void {
    this.#onThrown(error)
  }

  close(): void {
    this.#world.sayGoodbye(this.#page)
  }

  handOver(): Promise<void> {
    this.#handover = this.#turns.deferred()
    this.#world.scheduler.after(HANDOVER_TIMEOUT_MS, () => this.#go())
    this.feed({ type: 'retiring' })
    return this.#handover.promise
  }

  /** The room is in other hands, or nobody can take it. */
  retired(): void {
    this.#world.scheduler.after(0, () => this.#go())
  }

  /** A page that stands still meanwhile is closed as it stands. */
  #go(): void {
    if (this.#page.pause === null) this.#handover?.resolve()
    else this.#world.sayGoodbye(this.#page)
  }
}
