// Owns an app over the room that real pages have, on its page's peer. It listens in every way there
// is, and notes down what it is told; who judges that is not its business.

import type { BatonError } from '../protocol/errors.ts'
import type { Action } from '../protocol/entry.ts'
import type { Ticket } from '../peer/submission.ts'
import type { Message, Receipt, RoomStatus } from '../client/api.ts'
import { RoomImpl } from '../client/room.ts'
import type { Retained } from '../checks/history.ts'
import type { Told, ToldStatus } from '../checks/told-to-app.ts'
import type { Answer, App, AppNews, AskedReplay, Way } from './app.ts'
import type { AppWorld } from './app-world.ts'
import type { Page } from './page.ts'
import { RoomConnection } from './room-connection.ts'
import { retainedIn } from './said.ts'
import type { Turns } from './turns.ts'

/** One append in so many is followed by another as soon as it has its receipt. */
const FOLLOWED_ONE_IN = 5
/** One message in so many makes a page fold its key there and then. */
const FOLDS_ONE_IN = 37
/** What of a status is told by an event. */
const TOLD_FIELDS = ['status', 'role', 'term', 'hostId', 'signaling', 'path'] as const

export class RoomApp implements App {
  readonly shared = null
  readonly notes: Told[] = []
  readonly #page: Page
  readonly #world: AppWorld
  readonly #connection: RoomConnection
  readonly #room: RoomImpl
  /** The app's own replays, by request. */
  readonly #answerByRequest = new Map<number, Answer>()
  readonly #unlistenByListener = new Map<number, () => void>()
  /** Whom the replay is for that is being asked for; null where the room asks for its listeners. */
  #asking: Answer | null = null
  #sent = 0
  #listeners = 0
  #lastTold: ToldStatus

  constructor(page: Page, world: AppWorld, turns: Turns) {
    this.#page = page
    this.#world = world
    this.#connection = new RoomConnection(
      page,
      world,
      turns,
      (request, asked) => this.#asked(request, asked),
      (error) => this.#note({ type: 'error', what: String(error) }),
    )
    this.#room = new RoomImpl('token', () => this.#connection)
    this.#lastTold = this.status
    this.#hearAll()
  }

  /** What the room says of itself, as far as its events tell it. */
  get status(): ToldStatus {
    return toldOf(this.#room.status)
  }

  midOf(ticket: Ticket): string {
    return this.#connection.midOf(ticket)
  }

  askedBy(request: number): AskedReplay {
    return this.#connection.askedBy(request)
  }

  // --- what the app does ---

  starts(): void {
    this.listen('listen-to-all', 'log', 0)
  }

  send(action: Action, key: string): void {
    if (!this.#page.isAtWork || this.#page.peer.outboxIsFull) return
    const number = ++this.#sent
    const mid = `${this.#page.name}/${number}`
    const isFollowed = action === 'append' && number % FOLLOWED_ONE_IN === 0
    this.#submit(mid, action, key).then(
      ({ seq }) => {
        this.#note({ type: 'ended', mid, as: `acknowledged as ${seq}` })
        if (isFollowed) this.send('append', key)
      },
      ({ code }: BatonError) => this.#refused(mid, code),
    )
  }

  #submit(mid: string, action: Action, key: string): Promise<Receipt> {
    const { scribe } = this.#world
    if (action !== 'compact') {
      scribe.invoked(this.#page, { mid, action, key })
      return this.#room[action](key, mid)
    }
    const seq = Math.max(1, this.#page.peer.lastSeq - 3)
    scribe.invoked(this.#page, { mid, action, key, seq })
    return this.#room.compact(key, seq, mid)
  }

  #refused(mid: string, code: string): void {
    this.#note({ type: 'ended', mid, as: `refused (${code})` })
    // What it folds was renumbered before it came to the peer.
    const isGivenUp = code === 'compact-outdated' && !this.#connection.hasFed(mid)
    if (isGivenUp) this.#world.scribe.refused(this.#page, mid, code)
  }

  ask(key: string, after: number, answer: Answer = () => {}): void {
    if (!this.#page.isAtWork) return
    let was = ''
    this.#asking = (all) => {
      const items = all.filter((item) => item.key === key)
      was = JSON.stringify(items.flatMap(retainedIn).filter(([seq]) => seq > after))
      answer(items)
    }
    const replayed = this.#room.replay(key, { after })
    this.#asking = null
    replayed.then(
      (messages) => {
        const is = JSON.stringify(messages.map(retainedOf))
        this.#note({ type: 'replayed', key, is, was })
      },
      ({ code }: BatonError) => {
        if (code !== 'closed') this.#note({ type: 'error', what: `a replay ended with ${code}` })
      },
    )
  }

  /** `back`: how far behind the last message a beginning at a seq lies. */
  listen(way: Way, key: string, back: number): void {
    if (!this.#page.isAtWork) return
    const listener = ++this.#listeners
    const isWhole = way === 'listen-to-lists'
    const from = this.#beginningOf(way, back)
    this.#note({ type: 'listens', listener, key, from, isWhole })
    const hear = (message: Message) => this.#heard(listener, message)
    const list = (messages: readonly Message[]) =>
      this.#note({ type: 'list', listener, messages: messages.map(retainedOf) })
    const unlisten = this.#room.subscribe(key, hear, {
      ...(from !== null && { after: from }),
      ...(isWhole && { onReplay: list }),
    })
    this.#unlistenByListener.set(listener, unlisten)
  }

  #beginningOf(way: Way, back: number): number | null {
    switch (way) {
      case 'listen':
        return null
      case 'listen-to-all':
      case 'listen-to-lists':
        return 0
      case 'listen-after':
        return Math.max(0, this.#page.peer.lastSeq - back)
    }
  }

  /** Who has listened for longest does so no more. */
  stopListening(): void {
    const [oldest] = this.#unlistenByListener
    if (oldest === undefined || !this.#page.isAtWork) return
    const [listener, unlisten] = oldest
    unlisten()
    this.#unlistenByListener.delete(listener)
    this.#note({ type: 'stops', listener })
  }

  /** Shared objects have rooms of their own. */
  change(): void {}

  leave(): void {
    this.#room.leave().catch((error: unknown) => this.#connection.report(error))
  }

  tabCloses(): void {
    this.#room.pageLeft()
  }

  // --- what the app is told ---

  told(news: AppNews): void {
    if (news.type === 'replayed') this.#answered(news)
    this.#room.carryOut(news)
  }

  inputDone(): void {
    this.#room.inputDone()
    const now = this.status
    const isTold = now.status === 'closed' || isSame(now, this.#lastTold)
    if (!isTold) this.#note({ type: 'error', what: `it is ${JSON.stringify(now)}, and silent` })
  }

  linksChanged(): void {
    this.#room.linksChanged()
  }

  retired(): void {
    this.#connection.retired()
  }

  #asked(request: number, { queries }: AskedReplay): void {
    const answer = this.#asking
    if (answer !== null) this.#answerByRequest.set(request, answer)
    else for (const { key } of queries) this.#note({ type: 'asks', key })
  }

  #answered({ request, items }: AppNews & { readonly type: 'replayed' }): void {
    const answer = this.#answerByRequest.get(request)
    this.#answerByRequest.delete(request)
    if (answer !== undefined) return answer(items)
    for (const { key } of this.askedBy(request).queries) this.#note({ type: 'answered', key })
  }

  #hearAll(): void {
    this.#room.onMessage((message) => {
      this.#heard(0, message)
      this.#foldNowAndThen(message)
    })
    this.#room.on('reset', ({ seq, keys }) => this.#note({ type: 'reset', seq, keys }))
    this.#room.on('conflict', ({ value, reason }) =>
      this.#note({ type: 'conflict', mid: value as string, code: reason }),
    )
    this.#room.on('status', (status) => {
      this.#lastTold = toldOf(status)
      this.#note({ type: 'status', status: this.#lastTold })
    })
    this.#room.on('host', ({ hostId, term, previousHostId }) =>
      this.#note({ type: 'host', hostId, term, previousHostId }),
    )
    this.#room.on('error', ({ message }) => this.#note({ type: 'error', what: message }))
  }

  /** From within what it is told. */
  #foldNowAndThen({ key, seq }: Message): void {
    const isItsTurn = seq % FOLDS_ONE_IN === this.#page.number
    if (isItsTurn && !key.startsWith('log')) this.send('compact', key)
  }

  #heard(listener: number, { key, seq, value }: Message): void {
    this.#note({ type: 'message', listener, key, seq, mid: value as string })
  }

  #note(told: Told): void {
    this.notes.push(told)
  }
}

function retainedOf({ seq, value }: Message): Retained {
  return [seq, value as string]
}

function isSame(one: ToldStatus, other: ToldStatus): boolean {
  return TOLD_FIELDS.every((field) => one[field] === other[field])
}

function toldOf({ status, role, term, hostId, signaling, path }: RoomStatus): ToldStatus {
  return { status, role, term, hostId, signaling, path }
}
