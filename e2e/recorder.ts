// Owns what a page writes down of its room. The classes below run in the page, as their text, so they see the public
// Room and each other, and nothing else of ours.

import type * as BatonModule from '../client/index.ts'
import type { HistoryEvent } from '../checks/history.ts'

/** What the page shows of its room at the moment; it is no part of the history. */
export type State = BatonModule.RoomStatus & {
  readonly type: 'state'
  readonly id: string
  readonly peers: readonly BatonModule.PeerInfo[]
}
/** What the room told its app to be wrong. */
export type Complaint = {
  readonly type: 'complaint'
  readonly code: string
  readonly message: string
}
export type Line = HistoryEvent | State | Complaint | { readonly type: 'frozen' }

export type RecordedWindow = Window & {
  readonly Baton: typeof BatonModule
  recorder: Recorder
  takeLines(json: string): void
}

/** Every line leaves the page at the end of its turn: what a killed page saw is known up to its death. */
class Lines {
  #waiting: object[] = []
  readonly #turn = new MessageChannel()

  constructor() {
    this.#turn.port1.onmessage = () => this.flush()
  }

  put(line: object): void {
    this.#waiting.push(line)
    if (this.#waiting.length === 1) this.#turn.port2.postMessage(null)
  }

  flush(): void {
    const page = window as unknown as RecordedWindow
    if (this.#waiting.length > 0) page.takeLines(JSON.stringify(this.#waiting))
    this.#waiting = []
  }
}

/** The history of one room, as its page sees it. */
class Notes {
  readonly #room: BatonModule.Room
  readonly #lines: Lines
  #knownAs = ''
  /** What the page last said that it is live on, and whether it hosts there. */
  #stand = ''

  constructor(room: BatonModule.Room, lines: Lines) {
    this.#room = room
    this.#lines = lines
    this.#noteJoin()
    room.onMessage(({ key, seq, value }) =>
      this.note({ type: 'delivered', branch: this.branch, seq, key, mid: value }),
    )
    room.on('reset', ({ seq, keys, reason }) => this.note({ type: 'reset', seq, keys, reason }))
    room.on('conflict', ({ value, reason }) =>
      this.note({ type: 'conflict', mid: value, code: reason }),
    )
    room.on('error', ({ code, message }) => lines.put({ type: 'complaint', code, message }))
    room.on('peers', () => this.#showState())
    room.on('status', (status) => {
      this.#noteStand(status)
      this.#showState()
    })
    this.#showState()
  }

  get branch(): string {
    const { term, hostId } = this.#room.status
    return hostId === null ? '0:' : `${term}:${hostId}`
  }

  note(event: object): void {
    this.#noteJoin()
    this.#put(event)
  }

  /** A page that comes back from the back/forward cache joins as somebody else. */
  #noteJoin(): void {
    if (this.#room.id === this.#knownAs) return
    this.#knownAs = this.#room.id
    this.#put({ type: 'joined' })
  }

  #put(event: object): void {
    const atMs = performance.timeOrigin + performance.now()
    this.#lines.put({ atMs, peer: this.#room.id, ...event })
  }

  #noteStand({ status, role }: BatonModule.RoomStatus): void {
    const stand = `${this.branch} ${role === 'host'}`
    if (status !== 'live' || stand === this.#stand) return
    this.#stand = stand
    this.note({ type: 'live', branch: this.branch })
    if (role === 'host') this.note({ type: 'hosting', branch: this.branch })
  }

  #showState(): void {
    const { id, status, peers } = this.#room
    this.#lines.put({ type: 'state', id, ...status, peers })
  }
}

type Deed = readonly ['append' | 'replace' | 'relay' | 'compact', key: string]

/** What the page sends. Each message is named by its page and number. */
class Writer {
  readonly #room: BatonModule.Room
  readonly #notes: Notes
  #written = 0
  /** The seq of its last message under `sums`, to fold. */
  #lastSum = 0
  #isStopping = false

  constructor(room: BatonModule.Room, notes: Notes) {
    this.#room = room
    this.#notes = notes
  }

  /** One operation after the other, each as soon as the one before has its outcome. */
  async writeOn(pauseMs: number): Promise<void> {
    this.#isStopping = false
    while (!this.#isStopping) {
      await this.#writeNext()
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
      else await this.#nextTurn()
    }
  }

  stop(): void {
    this.#isStopping = true
  }

  async append(): Promise<string> {
    this.#written++
    const mid = `${this.#room.id}/${this.#written}`
    this.#notes.note({ type: 'invoked', mid, action: 'append', key: 'log' })
    const { seq } = await this.#room.append('log', mid)
    this.#notes.note({ type: 'acknowledged', mid, seq })
    return mid
  }

  async #writeNext(): Promise<void> {
    this.#written++
    const mid = `${this.#room.id}/${this.#written}`
    const deed = this.#nextDeed()
    const [action, key] = deed
    const folded = action === 'compact' ? { seq: this.#lastSum } : {}
    this.#notes.note({ type: 'invoked', mid, action, key, ...folded })
    try {
      const { seq } = await this.#send(deed, mid)
      this.#notes.note({ type: 'acknowledged', mid, seq })
      if (key === 'sums' && action === 'append') this.#lastSum = seq
    } catch (error) {
      const code = (error as { code?: string }).code ?? String(error)
      // Of what a page still sent as it left nobody knows the outcome.
      if (code === 'closed') this.#isStopping = true
      else this.#notes.note({ type: 'refused', mid, code })
    }
  }

  /** Mostly appends; now and then each other action, on keys of their own. `log` is only ever appended to. */
  #nextDeed(): Deed {
    if (this.#written % 10 === 3) return ['relay', 'pulse']
    if (this.#written % 10 === 7) return ['replace', 'board']
    if (this.#written % 100 === 50) return ['append', 'sums']
    if (this.#written % 100 === 99 && this.#lastSum > 0) return ['compact', 'sums']
    return ['append', 'log']
  }

  #send([action, key]: Deed, mid: string): Promise<BatonModule.Receipt> {
    if (action === 'compact') return this.#room.compact(key, this.#lastSum, mid)
    return this.#room[action](key, mid)
  }

  /** A lone host has its receipts at once: without this nothing else would ever run. */
  #nextTurn(): Promise<unknown> {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = resolve
      port2.postMessage(null)
    })
  }
}

/** What a test may ask of the page. */
class Recorder {
  readonly room: BatonModule.Room
  readonly #lines = new Lines()
  readonly #notes: Notes
  readonly #writer: Writer
  #writing: Promise<void> | null = null

  constructor(room: BatonModule.Room) {
    this.room = room
    this.#notes = new Notes(room, this.#lines)
    this.#writer = new Writer(room, this.#notes)
    // The end of the turn is too late.
    document.addEventListener('freeze', () => {
      this.#lines.put({ type: 'frozen' })
      this.#lines.flush()
    })
  }

  startWriting(pauseMs: number): void {
    this.#writing = this.#writer.writeOn(pauseMs)
  }

  /** Resolves when every operation has its outcome. */
  async stopWriting(): Promise<void> {
    this.#writer.stop()
    await this.#writing
  }

  /** Appends one message to `log`. Resolves with its mid. */
  append(): Promise<string> {
    return this.#writer.append()
  }

  /** Writes down what the whole room is in the end. */
  async finish(): Promise<void> {
    this.#notes.note({ type: 'quiet', pending: this.room.status.pending })
    const queries = ['log', 'board', 'pulse', 'sums'].map((key) => ({ key }))
    const replayed = await this.room.replay(queries)
    const streams = replayed.map(({ key, messages }) => [
      key,
      messages.map(({ seq, value }) => [seq, value]),
    ])
    const { seq: lastSeq, pending } = this.room.status
    this.#notes.note({ type: 'final', branch: this.#notes.branch, lastSeq, pending, streams })
    this.#lines.flush()
  }
}

/** What a page runs to join the room of its fragment and to write down all that it sees of it. */
export const RECORDING = `(() => {
${[Lines, Notes, Writer, Recorder].join('\n')}
window.recorder = new Recorder(window.Baton.joinRoom())
})()`
