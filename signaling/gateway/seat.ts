// Owns the gateway's place in one room: its peer, the clients that share it, and how long it stays. What is said to
// whom is gateway-room.ts's.

import type { Outcome } from '../../peer/submission.ts'
import type { PeerOutput } from '../../peer/peer-io.ts'
import type { DialedSocket } from '../../transport/signaling-socket.ts'
import type { FromRoom, ToRoom } from './drift-messages.ts'
import { GatewayRoom, type ClientId, type ClientKind, type GatewayOutput } from './gateway-room.ts'
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
  received(said: ToRoom | { readonly type: 'error'; readonly message: string }): void
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

type Waiter = { readonly settle: (why: string | null) => void; readonly timer: NodeJS.Timeout }

const LEFT = 'The gateway has left this room. Try again.'

export class Seat {
  readonly #peer: RoomPeer
  readonly #room: GatewayRoom
  readonly #sides = new Map<ClientId, ClientSide>()
  readonly #waiters = new Set<Waiter>()
  readonly #options: SeatOptions
  #lastClient = 0
  /** The last entry that the room's clients were told of. */
  #told = 0
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
      onOutput: (output) => this.#took(output),
      onInputDone: () => this.#settled(),
      onSignaled: () => this.#answerWaiters(),
      onBroken: (error) => this.leave(`Baton has a bug: ${(error as Error).message}`),
    })
    this.#room = new GatewayRoom(this.#peer.peer.self)
    this.#leaveWhenIdle()
  }

  get retainedBytes(): number {
    return this.#room.retainedBytes
  }

  /** Resolves when the room can answer: null, or why it cannot. */
  ready(): Promise<string | null> {
    const why = this.#whyNot()
    if (why !== undefined) return Promise.resolve(why)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        settle: (why) => {
          clearTimeout(waiter.timer)
          this.#waiters.delete(waiter)
          resolve(why)
        },
        timer: setTimeout(
          () =>
            waiter.settle(
              `Nobody has come to host this room within ${READY_TIMEOUT_MS / 1_000} s. Open a page of it, then try again.`,
            ),
          READY_TIMEOUT_MS,
        ),
      }
      this.#waiters.add(waiter)
    })
  }

  open(kind: ClientKind, side: ClientSide): SeatClient {
    const id = ++this.#lastClient
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
    for (const waiter of [...this.#waiters]) waiter.settle(why)
    for (const side of [...this.#sides.values()]) side.ended(why)
    this.#peer.close()
    this.#options.onLeft()
  }

  /** Why the room cannot answer, null when it can, undefined when that is not known yet. */
  #whyNot(): string | null | undefined {
    const { refusal, others } = this.#peer
    if (!this.#isOpen) return LEFT
    if (others?.length === 0)
      return 'Nobody hosts this room: a room lives in the pages that have it open, and none has this one. Open a page of it, then try again.'
    if (this.#room.isReady) return null
    return refusal ?? undefined
  }

  #answerWaiters(): void {
    const why = this.#whyNot()
    if (why === undefined || this.#waiters.size === 0) return
    for (const waiter of [...this.#waiters]) waiter.settle(why)
    // A made-up room is not worth a seat.
    if (why !== null && this.#sides.size === 0) this.leave(why)
  }

  #took(output: PeerOutput): void {
    if (output.type === 'reset') this.#resets.push(output.seq)
    else if (output.type === 'outcome') this.#outcomes.push(output.outcome)
  }

  /** The peer has taken in what happened: its log is told on. */
  #settled(): void {
    const { replica, isLive } = this.#peer.peer
    const resets = this.#resets.splice(0)
    if (this.#room.isReady && !replica.complete && resets.length === 0) resets.push(0) // another room has begun under this token
    for (const seq of resets) {
      this.#told = replica.log.first - 1
      this.#carryOut(this.#room.reset(seq))
    }
    if (replica.lastIndex > this.#told) {
      const entries = replica.log.after(this.#told as never)
      this.#told = replica.lastIndex
      this.#carryOut(this.#room.entries(entries))
    }
    if (!this.#room.isReady && isLive && replica.engine !== null)
      this.#carryOut(this.#room.ready(replica.engine))
    for (const outcome of this.#outcomes.splice(0)) this.#carryOut(this.#room.outcome(outcome))
    this.#answerWaiters()
    this.#options.onGrown()
  }

  #carryOut(outputs: readonly GatewayOutput[]): void {
    const ops = outputs.filter((output) => output.type === 'submit')
    ops.forEach(({ ticket, op }, i) => this.#peer.feed({ ...op, ticket, more: i < ops.length - 1 }))
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
    this.#idleTimer = setTimeout(
      () =>
        this.#waiters.size > 0
          ? this.#leaveWhenIdle()
          : this.leave('Nobody used the gateway in this room for a while.'),
      ROOM_IDLE_MS,
    )
    this.#idleTimer.unref()
  }
}
