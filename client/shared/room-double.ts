// A room for tests of what stands upon rooms: it orders, delivers, loses, renumbers and joins as the real one does, one
// step at a time, when the test says so. Its pages are Rooms to the code under test.

import { createNanoEvents } from 'nanoevents'
import { BatonError, type ErrorCode } from '../../protocol/errors.ts'
import type { PeerId } from '../../protocol/ids.ts'
import { decodeValue, encodeValue } from '../../protocol/value.ts'
import type {
  Message,
  PeerInfo,
  Receipt,
  Replayed,
  ReplayQuery,
  Room,
  RoomEvents,
  RoomStatus,
  SubscribeOptions,
} from '../api.ts'
import { Subscriptions, type Listener } from '../subscriptions.ts'

type Action = 'append' | 'relay' | 'replace' | 'compact'
type Op = {
  readonly page: PageDouble
  readonly action: Action
  readonly key: string
  readonly bytes: Uint8Array
  /** Of a compaction: how far it folds, and by the numbers of which reign. */
  readonly seq: number
  readonly basis: number
  /** What its sender was told that it was refused for: that stands. */
  refused: ErrorCode | null
  /** Null once it has its outcome. */
  waiting: {
    readonly resolve: (receipt: Receipt) => void
    readonly reject: (error: unknown) => void
  } | null
}
type Entry = { readonly op: Op; seq: number; code: ErrorCode | null }
type Item =
  | { readonly type: 'entry'; readonly entry: Entry; readonly reign: number }
  | { readonly type: 'outcome'; readonly entry: Entry }
  | { readonly type: 'replayed'; readonly request: number; readonly messages: readonly Message[] }

export class RoomDouble {
  readonly pages: PageDouble[] = []
  log: Entry[] = []
  stable = 0
  reign = 1
  /** Why the next op is refused. */
  refusesNext: ErrorCode | null = null
  /** Up to which seq the numbers of a reign still hold. */
  readonly #endSeqByReign = new Map<number, number>()

  join(): PageDouble {
    const page = new PageDouble(this, `p${this.pages.length + 1}`)
    page.heard = this.log.length
    this.pages.push(page)
    this.changeRoster()
    return page
  }

  get lastSeq(): number {
    return this.log.findLast(({ seq }) => seq > 0)?.seq ?? 0
  }

  retained(key: string): Message[] {
    let messages: { readonly bytes: Uint8Array; readonly seq: number }[] = []
    for (const { op, seq, code } of this.log) {
      if (op.key !== key || code !== null || op.action === 'relay') continue
      const { bytes } = op
      if (op.action === 'append') messages.push({ bytes, seq })
      else if (op.action === 'replace') messages = [{ bytes, seq }]
      else if (messages.some((message) => message.seq <= op.seq))
        messages = [{ bytes, seq: op.seq }, ...messages.filter((message) => message.seq > op.seq)]
    }
    return messages.map(({ bytes, seq }) => ({ key, seq, value: decodeValue(bytes) }))
  }

  /** Takes a page's next op into the log. */
  order(page: PageDouble): void {
    const op = page.outbox.shift()
    if (op === undefined) return
    // What its sender was told stands; it is in the log once more because that was cut back.
    const code = op.refused ?? this.#refusalOnPurpose(op) ?? this.#refusalOf(op)
    const entry: Entry = { op, code, seq: takesSeq(op, code) ? this.lastSeq + 1 : 0 }
    this.log.push(entry)
    for (const page of this.pages) page.inbox.push({ type: 'entry', entry, reign: this.reign })
  }

  /** All that is ordered is safe; senders are told. */
  stabilise(): void {
    this.stable = this.log.length
    for (const entry of this.log)
      if (entry.op.waiting !== null && !entry.op.page.isTold(entry))
        entry.op.page.inbox.push({ type: 'outcome', entry })
  }

  /** The host dies, and with it so many entries that nobody else has; none that is stable. */
  migrate(lost: number): void {
    const from = Math.max(this.stable, this.log.length - lost)
    this.#goOn(from, [])
  }

  /** Another side of a split goes on: what this page ordered lately comes after what the others did. */
  heal(count: number, loser: PageDouble): void {
    const from = Math.max(0, this.log.length - count)
    const late = this.log.slice(from)
    const winners = late.filter(({ op }) => op.page !== loser && op.action !== 'compact')
    const isTouched = (key: string) =>
      winners.some(({ op, code }) => op.key === key && code === null)
    const losers = late.filter(({ op }) => op.page === loser || op.action === 'compact')
    const yields = ({ op, code }: Entry) =>
      op.action === 'replace' && code === null && isTouched(op.key)
    for (const { op } of losers.filter(yields)) if (op.waiting === null) loser.tellConflict(op)
    this.stable = Math.min(this.stable, from)
    const joined = losers.map((entry) => ({
      ...entry,
      code: yields(entry) ? 'superseded' : codeAfterJoin(entry),
    }))
    this.#goOn(from, [...winners, ...joined])
  }

  /** A page was cut off for a moment, or too slow. */
  cutOff(page: PageDouble): void {
    const missedFrom = page.heard
    if (missedFrom === this.log.length) return
    page.reset(this.log.slice(0, missedFrom).findLast(({ seq }) => seq > 0)?.seq ?? 0, 'missed')
    this.#bringUpToDate(page)
  }

  /** The log up to there goes on with these under a new host. */
  #goOn(from: number, tail: readonly Entry[]): void {
    const gone = this.log.slice(from)
    const forkSeq = this.log.slice(0, from).findLast(({ seq }) => seq > 0)?.seq ?? 0
    for (let reign = 1; reign <= this.reign; reign++)
      this.#endSeqByReign.set(reign, Math.min(forkSeq, this.#endSeqByReign.get(reign) ?? Infinity))
    this.reign++
    this.log = this.log.slice(0, from)
    for (const entry of tail)
      this.log.push({
        ...entry,
        seq: takesSeq(entry.op, entry.code) ? this.lastSeq + 1 : 0,
      })
    const known = new Set(this.log.map(({ op }) => op))
    for (const page of this.pages)
      page.outbox.unshift(
        ...gone.map(({ op }) => op).filter((op) => op.page === page && !known.has(op)),
      )
    for (const page of this.pages) {
      if (page.heard > from) page.reset(forkSeq, 'rewound')
      this.#bringUpToDate(page, page.heard <= from)
    }
  }

  /** On a new connection; what was on the way on the old one is lost. `resumes`: it hears all that came since. */
  #bringUpToDate(page: PageDouble, resumes = false): void {
    page.inbox = resumes
      ? this.log.slice(page.heard).map((entry) => ({ type: 'entry', entry, reign: this.reign }))
      : []
    if (!resumes) page.heard = this.log.length
    page.reign = this.reign
    for (const [request, key] of page.open)
      page.inbox.push({ type: 'replayed', request, messages: this.retained(key) })
    for (const entry of this.log.slice(0, this.stable))
      if (entry.op.page === page && entry.op.waiting !== null)
        page.inbox.push({ type: 'outcome', entry })
  }

  /** The test wants it refused. */
  #refusalOnPurpose({ waiting }: Op): ErrorCode | null {
    if (waiting === null) return null
    const code = this.refusesNext
    this.refusesNext = null
    return code
  }

  #refusalOf({ action, seq, basis }: Op): ErrorCode | null {
    if (action !== 'compact') return null
    if (seq > this.lastSeq) return 'compact-out-of-range'
    return seq > (this.#endSeqByReign.get(basis) ?? Infinity) ? 'compact-outdated' : null
  }

  /** Pages that are here, as everyone sees them. */
  changeRoster(present: readonly PageDouble[] = this.pages): void {
    for (const page of this.pages) page.seePeers(present.filter((other) => other !== page))
  }
}

export class PageDouble implements Room {
  readonly id: PeerId
  readonly token = 'token'
  readonly ready = Promise.resolve()
  readonly latency = 1
  status: RoomStatus
  peers: readonly PeerInfo[] = []
  readonly events = createNanoEvents<RoomEvents>()
  readonly open = new Map<number, string>()
  readonly errors: unknown[] = []
  outbox: Op[] = []
  inbox: Item[] = []
  /** How many entries of the log it has been given. */
  heard = 0
  reign: number
  readonly #room: RoomDouble
  readonly #answers = new Map<number, (messages: readonly Message[]) => void>()
  readonly #subscriptions = new Subscriptions(
    (key, _after, answer) => this.#ask(key, answer),
    (error) => this.errors.push(error),
  )
  #requests = 0

  constructor(room: RoomDouble, name: string) {
    this.#room = room
    this.id = name.padEnd(22, '_') as PeerId
    this.reign = room.reign
    this.status = {
      status: 'live',
      role: name === 'p1' ? 'host' : 'peer',
      term: 1,
      hostId: this.id,
      signaling: 'connected',
      path: null,
      seq: 0,
      pending: 0,
      persisted: false,
    }
  }

  now(): number {
    return 0
  }

  append(key: string, value: unknown): Promise<Receipt> {
    return this.#send('append', key, value)
  }

  relay(key: string, value: unknown): Promise<Receipt> {
    return this.#send('relay', key, value)
  }

  replace(key: string, value: unknown): Promise<Receipt> {
    return this.#send('replace', key, value)
  }

  compact(key: string, seq: number, value: unknown): Promise<Receipt> {
    return this.#send('compact', key, value, seq)
  }

  replay<T = Message['value']>(key: string): Promise<readonly Message<T>[]>
  replay<T = Message['value']>(queries: readonly ReplayQuery[]): Promise<readonly Replayed<T>[]>
  async replay(what: string | readonly ReplayQuery[]): Promise<never> {
    throw new Error(`nobody asks for a replay of ${JSON.stringify(what)} here`)
  }

  subscribe<T = Message['value']>(
    key: string,
    listener: (message: Message<T>) => void,
    options: SubscribeOptions<T> = {},
  ): () => void {
    const { replay = false, after, onReplay } = options as SubscribeOptions
    const fromStart = replay || onReplay !== undefined ? 0 : null
    return this.#subscriptions.add(key, listener as Listener, after ?? fromStart, onReplay)
  }

  onMessage<T = Message['value']>(listener: (message: Message<T>) => void): () => void {
    return this.#subscriptions.addForAll(listener as Listener)
  }

  on<Name extends keyof RoomEvents>(event: Name, listener: RoomEvents[Name]): () => void {
    return this.events.on(event, listener)
  }

  async leave(): Promise<void> {
    this.changeStatus('closed')
    for (const { waiting } of this.outbox) waiting?.reject(new BatonError('closed', 'left'))
    this.outbox = []
    this.inbox = []
  }

  changeStatus(status: RoomStatus['status']): void {
    this.status = { ...this.status, status }
    this.events.emit('status', this.status)
  }

  seePeers(peers: readonly PageDouble[]): void {
    this.peers = peers.map(({ id }) => ({ id, role: 'peer', path: null }))
    this.events.emit('peers', this.peers)
  }

  reset(seq: number, reason: 'missed' | 'rewound'): void {
    this.events.emit('reset', { seq, keys: 'all', reason })
    this.#subscriptions.reset(seq, 'all')
  }

  /** An op that had its receipt was superseded. */
  tellConflict({ key, bytes }: Op): void {
    this.events.emit('conflict', { key, value: decodeValue(bytes), reason: 'superseded' })
  }

  isTold(entry: Entry): boolean {
    return this.inbox.some((item) => item.type === 'outcome' && item.entry.op === entry.op)
  }

  /** Handles the next thing that came; false where there is none. */
  handleNext(): boolean {
    const item = this.inbox.shift()
    if (item === undefined) return false
    if (item.type === 'entry') {
      this.heard++
      this.reign = item.reign
      const { op, seq } = item.entry
      if (seq > 0) this.#subscriptions.deliver({ key: op.key, seq, value: decodeValue(op.bytes) })
    } else if (item.type === 'replayed') {
      this.open.delete(item.request)
      this.#answers.get(item.request)?.(item.messages)
    } else {
      const { op, seq, code } = item.entry
      if (code === null) op.waiting?.resolve({ seq })
      else op.waiting?.reject(new BatonError(code, code))
      op.waiting = null
      op.refused = code
    }
    return true
  }

  #send(action: Action, key: string, value: unknown, seq = 0): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const bytes = encodeValue(value)
      if (this.status.status === 'closed') throw new BatonError('closed', 'left')
      this.outbox.push({
        page: this,
        action,
        key,
        bytes,
        seq,
        basis: this.reign,
        refused: null,
        waiting: { resolve, reject },
      })
    })
  }

  #ask(key: string, answer: (messages: readonly Message[]) => void): void {
    this.#requests++
    const request = this.#requests
    this.open.set(request, key)
    this.#answers.set(request, answer)
    this.inbox.push({ type: 'replayed', request, messages: this.#room.retained(key) })
  }
}

function takesSeq({ action }: Op, code: ErrorCode | null): boolean {
  return code === null && action !== 'compact'
}

/** What becomes of an entry of the side of a split that gives way, where its key is its own. */
function codeAfterJoin({ op, code }: Entry): ErrorCode | null {
  const isOutdated = op.action === 'compact' && code === null
  return isOutdated ? 'compact-outdated' : code
}

/** Lets promises run. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Everything that was sent is ordered, safe and heard, until nobody waits for anything. */
export async function runUntilCalm(room: RoomDouble): Promise<void> {
  for (let isBusy = true; isBusy;) {
    isBusy = false
    for (const page of room.pages) {
      while (page.outbox.length > 0) {
        isBusy = true
        room.order(page)
      }
    }
    room.stabilise()
    for (const page of room.pages) while (page.handleNext()) isBusy = true
    await turn()
  }
}
