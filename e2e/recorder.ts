// Owns what a page writes down of its room. `record` runs in the page, so it sees the public Room and nothing else of
// ours. Every line leaves the page at the end of its turn: what a killed page saw is known up to its death.

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

export type Recorder = {
  readonly room: BatonModule.Room
  /** Sends one operation after the other, each as soon as the one before has its outcome. */
  startWriting(pauseMs: number): void
  /** Resolves when every operation has its outcome. */
  stopWriting(): Promise<void>
  /** Appends one message to `log`. Resolves with its mid. */
  append(): Promise<string>
  /** Writes down what the whole room is in the end. */
  finish(): Promise<void>
}

export type RecordedWindow = Window & {
  readonly Baton: typeof BatonModule
  recorder: Recorder
  takeLines(json: string): void
}

// oxlint-disable-next-line max-lines-per-function -- it goes into the page as its text, so it is one function
export function record(): void {
  const page = window as unknown as RecordedWindow
  const clockMs = () => performance.timeOrigin + performance.now()
  let lines: unknown[] = []
  let knownAs = ''
  let branch = ''
  let written = 0
  let lastSum = 0
  let writing: Promise<void> | null = null
  let isStopping = false
  const turn = new MessageChannel()
  turn.port1.onmessage = () => flush()

  function flush(): void {
    if (lines.length > 0) page.takeLines(JSON.stringify(lines))
    lines = []
  }
  function put(line: object): void {
    if (lines.push(line) === 1) turn.port2.postMessage(null)
  }
  /** A page that comes back from the back/forward cache joins as somebody else. */
  function noteJoin(): void {
    if (room.id !== knownAs) put({ atMs: clockMs(), peer: (knownAs = room.id), type: 'joined' })
  }
  function note(event: object): void {
    noteJoin()
    put({ atMs: clockMs(), peer: room.id, ...event })
  }
  function branchNow(): string {
    const { term, hostId } = room.status
    return hostId === null ? '0:' : `${term}:${hostId}`
  }
  function showState(): void {
    put({ type: 'state', id: room.id, ...room.status, peers: room.peers })
  }

  /** A lone host has its receipts at once: without this nothing else would ever run. */
  function nextTurn(): Promise<unknown> {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = resolve
      port2.postMessage(null)
    })
  }

  /** Mostly appends; now and then each other action, on keys of their own. `log` is only ever appended to. */
  async function operate(): Promise<void> {
    const number = ++written
    const mid = `${room.id}/${number}`
    const [action, key] =
      number % 10 === 3
        ? (['relay', 'pulse'] as const)
        : number % 10 === 7
          ? (['replace', 'board'] as const)
          : number % 100 === 50
            ? (['append', 'sums'] as const)
            : number % 100 === 99 && lastSum > 0
              ? (['compact', 'sums'] as const)
              : (['append', 'log'] as const)
    note({ type: 'invoked', mid, action, key, ...(action === 'compact' ? { seq: lastSum } : {}) })
    try {
      const { seq } = await (action === 'compact'
        ? room.compact(key, lastSum, mid)
        : room[action](key, mid))
      note({ type: 'acknowledged', mid, seq })
      if (key === 'sums' && action === 'append') lastSum = seq
    } catch (error) {
      const code = (error as { code?: string }).code ?? String(error)
      // Of what a page still sent as it left nobody knows the outcome.
      if (code === 'closed') isStopping = true
      else note({ type: 'refused', mid, code })
    }
  }

  const room = page.Baton.joinRoom()
  noteJoin()
  room.onMessage(({ key, seq, value }) =>
    note({ type: 'delivered', branch: branchNow(), seq, key, mid: value }),
  )
  room.on('reset', ({ seq, keys, reason }) => note({ type: 'reset', seq, keys, reason }))
  room.on('conflict', ({ value, reason }) => note({ type: 'conflict', mid: value, code: reason }))
  room.on('error', ({ code, message }) => put({ type: 'complaint', code, message }))
  room.on('peers', showState)
  room.on('status', ({ status, role }) => {
    const now = `${branchNow()} ${role === 'host'}`
    if (status === 'live' && now !== branch) {
      branch = now
      note({ type: 'live', branch: branchNow() })
      if (role === 'host') note({ type: 'hosting', branch: branchNow() })
    }
    showState()
  })
  // The end of the turn is too late.
  document.addEventListener('freeze', () => {
    put({ type: 'frozen' })
    flush()
  })
  showState()

  page.recorder = {
    room,
    startWriting(pauseMs) {
      isStopping = false
      writing = (async () => {
        while (!isStopping) {
          await operate()
          if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
          else await nextTurn()
        }
      })()
    },
    async stopWriting() {
      isStopping = true
      await writing
    },
    async append() {
      const mid = `${room.id}/${++written}`
      note({ type: 'invoked', mid, action: 'append', key: 'log' })
      const { seq } = await room.append('log', mid)
      note({ type: 'acknowledged', mid, seq })
      return mid
    },
    async finish() {
      note({ type: 'quiet', pending: room.status.pending })
      const replayed = await room.replay(['log', 'board', 'pulse', 'sums'].map((key) => ({ key })))
      const streams = replayed.map(({ key, messages }) => [
        key,
        messages.map(({ seq, value }) => [seq, value]),
      ])
      note({
        type: 'final',
        branch: branchNow(),
        lastSeq: room.status.seq,
        pending: room.status.pending,
        streams,
      })
      flush()
    },
  }
}
