// Owns the page's WebSocket to the signaling service: it comes back by itself, for ever, shows that the
// page runs, and finds out when it is dead, though nobody closed it. It knows nothing of rooms: its
// owner says who it is at every opening.
//
// The few lines of reconnecting are our own: their timers must keep their pace in a hidden tab. A library's would not,
// and a host alone there would be out of reach for up to a minute.

import { parseFromSignaling } from '../protocol/parse-from-signaling.ts'
import type { FromSignaling, ToSignaling } from '../protocol/signals.ts'
import type { RandomBytes, Timers } from './clock.ts'
import {
  DIAL_TIMEOUT_MS,
  RETRY_MAX_MS,
  RETRY_MIN_MS,
  SIGNALING_ANSWER_MS,
  SIGNALING_HEARTBEAT_MS,
} from './link-limits.ts'

/** As much of a WebSocket as is used here. */
export type DialedSocket = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'send' | 'close'>

export type SignalingOptions = {
  /** Makes a socket that is about to open. */
  readonly dial: () => DialedSocket
  readonly timers: Timers
  /** Spreads the retries of many pages that lost their service at once. */
  readonly random: RandomBytes
  readonly onOpen: () => void
  /** The socket closed, or could not be opened. A retry is under way, unless `close` was called. */
  readonly onClose: () => void
  readonly onMessage: (message: FromSignaling) => void
}

export type SignalingSocket = {
  /** Sends now, or drops it while the socket is not open: what still counts then is said after `onOpen`. */
  send(message: ToSignaling): void
  close(): void
}

/** Dials at once. @throws what the first `dial` throws. */
export function connectSignaling({
  dial,
  timers,
  random,
  onOpen,
  onClose,
  onMessage,
}: SignalingOptions): SignalingSocket {
  let socket: DialedSocket | null = null
  let isOpen = false
  /** Dials in a row without a connection that lasted. */
  let failures = 0
  /** A heartbeat went out, and nothing has come since. */
  let isAwaiting = false
  /** One timer runs at a time: for the dial, the next heartbeat, its answer or the next dial. */
  let cancelTimer = () => {}

  function connect(): void {
    socket = dial()
    cancelTimer = timers.after(DIAL_TIMEOUT_MS, lost)
    socket.onopen = () => {
      isOpen = true
      beatLater()
      onOpen()
    }
    socket.onmessage = ({ data }: Pick<MessageEvent<unknown>, 'data'>) => {
      const message = typeof data === 'string' ? parseFromSignaling(data) : null
      if (message === null) return
      if (isAwaiting) beatLater() // a busy service may have said something else first
      onMessage(message)
    }
    socket.onclose = lost
  }

  function beatLater(): void {
    cancelTimer()
    isAwaiting = false
    cancelTimer = timers.after(SIGNALING_HEARTBEAT_MS, () => {
      failures = 0 // only now: a service that lets us in and throws us out is not to be asked every 100 ms
      send({ type: 'heartbeat' })
      isAwaiting = true
      cancelTimer = timers.after(SIGNALING_ANSWER_MS, lost)
    })
  }

  function lost(): void {
    hangUp()
    const delayMs = Math.min(RETRY_MIN_MS * 2 ** failures, RETRY_MAX_MS)
    const jitter = 0.75 + (random(1)[0] as number) / 1024
    failures++
    cancelTimer = timers.after(delayMs * jitter, connect)
    onClose()
  }

  function hangUp(): void {
    cancelTimer()
    isOpen = false
    isAwaiting = false
    if (socket === null) return
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
    socket.close()
    socket = null
  }

  function send(message: ToSignaling): void {
    if (isOpen) socket?.send(JSON.stringify(message))
  }

  connect()
  return {
    send,
    close: hangUp,
  }
}
