// Owns an app over the bare peer, without the room that real pages have: it names what it sends,
// and serves what its page shares.

import type { Action } from '../protocol/entry.ts'
import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import type { Seq } from '../protocol/ids.ts'
import type { Ticket } from '../peer/submission.ts'
import type { Answer, App, AppNews, AskedReplay } from './app.ts'
import type { AppWorld } from './app-world.ts'
import type { Page } from './page.ts'
import { messagesIn, say } from './said.ts'
import type { ShareName, SharedObjects, SharedOrder } from './shared-objects.ts'

type SharedSend = SharedOrder & { readonly type: 'send' }
type Asked = AskedReplay & { readonly key: string; readonly answer: Answer | undefined }

/** One compaction in so many names a place that the room has not reached. */
const TOO_FAR_ONE_IN = 7

export class BareApp implements App {
  readonly #page: Page
  readonly #world: AppWorld
  /** What the app of its page shares; null in rooms of messages alone. */
  readonly shared: SharedObjects | null
  readonly #askedByRequest = new Map<number, Asked>()
  #sent = 0
  #asked = 0

  constructor(page: Page, world: AppWorld, shared: SharedObjects | null) {
    this.#page = page
    this.#world = world
    this.shared = shared
  }

  starts(): void {}

  send(action: Action, key: string): void {
    this.#send(action, key, null)
  }

  #send(action: Action, key: string, order: SharedSend | null): void {
    const { peer, isAtWork } = this.#page
    if (!isAtWork || peer.outboxIsFull) return order?.failed()
    const ticket = ++this.#sent
    const mid = this.midOf(ticket)
    order?.sent(mid)
    const value = say(mid, order?.text)
    if (action !== 'compact') {
      this.#world.scribe.invoked(this.#page, { mid, action, key })
      return this.#world.feed(this.#page, { type: 'submitted', ticket, action, key, value })
    }
    const seq = (order?.seq ?? this.#foldEnd()) as Seq
    this.#world.scribe.invoked(this.#page, { mid, action, key, seq })
    this.#world.feed(this.#page, { type: 'compacted', ticket, key, seq, value })
  }

  /** Where a compaction ends that nobody needs. */
  #foldEnd(): number {
    const { lastSeq } = this.#page.peer
    return this.#sent % TOO_FAR_ONE_IN === 0 ? lastSeq + 3 : Math.max(1, lastSeq - 3)
  }

  midOf(ticket: Ticket): string {
    return `${this.#page.name}/${ticket}`
  }

  ask(key: string, after: number, answer?: Answer): void {
    if (!this.#page.isAtWork) return
    const queries = [{ key, after: after as Seq }]
    const request = ++this.#asked
    const askedAtMs = this.#world.scheduler.nowMs
    this.#askedByRequest.set(request, { queries, askedAtMs, key, answer })
    this.#world.feed(this.#page, { type: 'replay-asked', request, queries })
  }

  askedBy(request: number): AskedReplay {
    return this.#askedByRequest.get(request)!
  }

  /** The app changes what its page shares. */
  change(name: ShareName, times: number): void {
    for (let i = 0; i < times; i++) if (this.#page.isAtWork) this.shared?.change(name)
    this.#serve()
  }

  listen(): void {}

  stopListening(): void {}

  leave(): void {
    this.#world.feed(this.#page, { type: 'retiring' })
    this.#world.scheduler.after(HANDOVER_TIMEOUT_MS, () => this.tabCloses())
  }

  tabCloses(): void {
    this.#world.sayGoodbye(this.#page)
  }

  retired(): void {
    this.#world.scheduler.after(0, () => this.tabCloses())
  }

  linksChanged(): void {}

  told(news: AppNews): void {
    const { shared } = this
    switch (news.type) {
      case 'deliver':
        for (const { key, seq, value } of news.messages) shared?.delivered(key, seq, value)
        return
      case 'outcome': {
        const { outcome } = news
        if (outcome.type === 'conflict') return
        return shared?.ended(this.midOf(outcome.ticket), outcome.type === 'refused')
      }
      case 'replayed': {
        const { key, answer } = this.#askedByRequest.get(news.request)!
        this.#askedByRequest.delete(news.request)
        return answer?.(news.items.filter((item) => item.key === key))
      }
      case 'reset':
        return shared?.reset(news.seq, news.keys)
      case 'roster':
        return shared?.listed(news.members.map(({ peer }) => peer))
      case 'live':
        return
    }
  }

  inputDone(): void {
    this.#serve()
  }

  /** What its shared objects order; what comes of that may order more. */
  #serve(): void {
    const { shared } = this
    if (shared === null || this.#page.pause !== null) return
    for (let order = shared.nextOrder(); order !== undefined; order = shared.nextOrder())
      this.#carryOut(order)
  }

  #carryOut(order: SharedOrder): void {
    if (order.type === 'send') return this.#send(order.action, order.key, order)
    this.ask(order.key, 0, (items) => order.answer(items.flatMap(messagesIn)))
  }
}
