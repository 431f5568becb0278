// Owns the gateway's place in one room: its peer, the clients that share it, and how long it stays. What is said to
// whom is gateway-room.ts's.

import type { Outcome } from '../../peer/submission.ts'
import type { PeerOutput } from '../../peer/peer-io.ts'
import type { DialedSocket } from '../../transport/signaling-socket.ts'
import type { Said } from './client-queue.ts'
import type { FromRoom } from './drift-messages.ts'
import {
  GatewayRoom,
  type ClientId,
  type ClientKind,
  type GatewayOutput,
  type LogGrowth,
} from './gateway-room.ts'
import { READY_TIMEOUT_MS, ROOM_IDLE_MS } from './gateway-limits.ts'
import { RoomPeer } from './room-peer.ts'

/** What a client's own side does. */
export type ClientSide = {
  readonly tell: (message: FromRoom) => void
  /** Read nothing more from it for now, or go on. */
  readonly hold: (isHeld: boolean) => void
  /** All that a request comes to has been told. */
  readonly done: () => void
  /** The gateway has left the room, for this reason. */
  readonly ended: (why: string) => void
}

export type SeatClient = {
  received(said: Said): void
  close(): void
}

export type SeatOptions = {
  readonly token: string
  readonly dial: () => DialedSocket
  /** The room may retain more than before. */
  readonly onGrown: () => void
  /** Nobody uses it any more, or it cannot go on: once. */
  readonly onLeft: () => void
}

/** Whether the room can answer; `waiting`: that is not known yet. */
type Readiness =
  | { readonly status: 'ready' }
  | { readonly status: 'waiting' }
  | { readonly status: 'impossible'; readonly why: string }

/** One call of `whyNotReady` that waits. */
type Waiter = (why: string | null) => void

const LEFT = 'The gateway has left this room. Try again.'
const DESERTED =
  'Nobody hosts this room: a room lives in the pages that have it open, and none has this one. ' +
  'Open a page of it, then try again.'
const NO_HOST =
  `Nobody has come to host this room within ${READY_TIMEOUT_MS / 1_000} s. ` +
  'Open a page of it, then try again.'
const IDLE = 'Nobody used the gateway in this room for a while.'

export class Seat {
  readonly #peer: RoomPeer
  readonly #room: GatewayRoom
  readonly #sides = new Map<ClientId, ClientSide>()
  readonly #waiters = new Set<Waiter>()
  readonly #options: SeatOptions
  #lastClient = 0
  /** What the peer told in this input. */
  #growths: LogGrowth[] = []
  #isReplaced = false
  #resets: number[] = []
  #outcomes: Outcome[] = []
  #idleTimer: NodeJS.Timeout | undefined
  #isOpen = true

  constructor(options: SeatOptions) {
    this.#options = options
    this.#peer = new RoomPeer({
      token: options.token,
      dial: options.dial,
      canHost: false,
      onOutput: (output) => this.#note(output),
      onInputDone: () => this.#inputDone(),
      onSignaled: () => this.#answerIfReady(),
      onBroken: (error) => this.leave(`Baton has a bug: ${(error as Error).message}`),
    })
    this.#room = new GatewayRoom()
    this.#leaveWhenIdle()
  }

  get retainedBytes(): number {
    return this.#room.retainedBytes
  }

  /** Resolves once it is known: null when the room can answer, or why it cannot. */
  whyNotReady(): Promise<string | null> {
    const readiness = this.#readiness
    if (readiness.status === 'ready') return Promise.resolve(null)
    if (readiness.status === 'impossible') return Promise.resolve(readiness.why)
    return new Promise((resolve) => {
      const waiter: Waiter = (why) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        resolve(why)
      }
      const timer = setTimeout(() => waiter(NO_HOST), READY_TIMEOUT_MS)
      this.#waiters.add(waiter)
    })
  }

  open(kind: ClientKind, side: ClientSide): SeatClient {
    this.#lastClient += 1
    const id = this.#lastClient
    if (!this.#isOpen) queueMicrotask(() => side.ended(LEFT))
    this.#sides.set(id, side)
    clearTimeout(this.#idleTimer)
    this.#carryOut(this.#room.opened(id, kind))
    return {
      received: (said) => this.#carryOut(this.#room.received(id, said)),
      close: () => {
        if (!this.#sides.delete(id)) return
        this.#carryOut(this.#room.closed(id))
        this.#leaveWhenIdle()
      },
    }
  }

  /** Ends all clients, and the gateway's stay in the room. */
  leave(why: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    clearTimeout(this.#idleTimer)
    this.#answerWaiters(why)
    for (const side of [...this.#sides.values()]) side.ended(why)
    this.#peer.close()
    this.#options.onLeft()
  }

  get #readiness(): Readiness {
    const { refusal, others } = this.#peer
    if (!this.#isOpen) return { status: 'impossible', why: LEFT }
    if (others?.length === 0) return { status: 'impossible', why: DESERTED }
    if (this.#room.isReady) return { status: 'ready' }
    return refusal === null ? { status: 'waiting' } : { status: 'impossible', why: refusal }
  }

  #answerIfReady(): void {
    const readiness = this.#readiness
    if (readiness.status === 'waiting' || this.#waiters.size === 0) return
    if (readiness.status === 'ready') return this.#answerWaiters(null)
    this.#answerWaiters(readiness.why)
    // A made-up room is not worth a seat.
    if (this.#sides.size === 0) this.leave(readiness.why)
  }

  #answerWaiters(why: string | null): void {
    for (const waiter of [...this.#waiters]) waiter(why)
  }

  #note(output: PeerOutput): void {
    if (output.type === 'grew') this.#growths.push(output)
    else if (output.type === 'replaced') this.#isReplaced = true
    else if (output.type === 'reset') this.#resets.push(output.seq)
    else if (output.type === 'outcome') this.#outcomes.push(output.outcome)
  }

  /** All outputs of an input to the peer are carried out: the log is told on. */
  #inputDone(): void {
    this.#tellResets()
    for (const growth of this.#growths.splice(0)) this.#carryOut(this.#room.grew(growth))
    const { replica, isLive } = this.#peer.peer
    if (!this.#room.isReady && isLive && replica.engine !== null)
      this.#carryOut(this.#room.ready(replica.engine))
    for (const outcome of this.#outcomes.splice(0)) this.#carryOut(this.#room.outcome(outcome))
    this.#answerIfReady()
    this.#options.onGrown()
  }

  #tellResets(): void {
    const resets = this.#resets.splice(0)
    // Without a reset: another room has begun under this token, or gaps in the streams were filled.
    if (this.#isReplaced && this.#room.isReady && resets.length === 0) resets.push(0)
    this.#isReplaced = false
    for (const seq of resets) this.#carryOut(this.#room.reset(seq))
  }

  #carryOut(outputs: readonly GatewayOutput[]): void {
    const submissions = outputs
      .filter((output) => output.type === 'submit')
      .map(({ ticket, op }) => ({ ...op, ticket }))
    if (submissions.length > 0) this.#peer.feed({ type: 'batch', submissions })
    for (const output of outputs) {
      switch (output.type) {
        case 'tell':
          for (const id of output.to) this.#sides.get(id)?.tell(output.message)
          break
        case 'hold':
        case 'go-on':
          this.#sides.get(output.client)?.hold(output.type === 'hold')
          break
        case 'done':
          this.#sides.get(output.client)?.done()
          break
        case 'submit':
      }
    }
  }

  #leaveWhenIdle(): void {
    if (this.#sides.size > 0) return
    clearTimeout(this.#idleTimer)
    const leave = () => {
      if (this.#waiters.size > 0) this.#leaveWhenIdle()
      else this.leave(IDLE)
    }
    this.#idleTimer = setTimeout(leave, ROOM_IDLE_MS)
    this.#idleTimer.unref()
  }
}
