// Owns one WebSocket of a gateway client: its frames, both ways, and its pace.

import { WebSocketServer, type WebSocket } from 'ws'
import { CLOSE_GOING_AWAY, CLOSE_TRY_LATER } from '../directory/refusals.ts'
import type { Backlog } from './backlog.ts'
import { frameOf, parseBinary, parseText } from './drift-codec.ts'
import { MESSAGE_BYTES_MAX } from './gateway-limits.ts'
import type { Seat } from './seat.ts'

const WS_OPTIONS = {
  noServer: true,
  maxPayload: MESSAGE_BYTES_MAX,
  perMessageDeflate: false,
  // The largest message in pieces as small as a slow network makes them.
  maxFragments: 4_096,
  maxBufferedChunks: 16_384,
  maxPendingAutoPongs: 8,
  closeTimeout: 3_000,
  clientTracking: false,
  skipUTF8Validation: false,
}

export function gatewaySockets(): WebSocketServer {
  return new WebSocketServer(WS_OPTIONS)
}

export type SocketOptions = {
  readonly cbor: boolean
  readonly debug: boolean
  readonly backlog: Backlog
}

/** Makes the socket a client of the room, until either ends. */
export function serveClient(
  socket: WebSocket,
  seat: Seat,
  { cbor, debug, backlog }: SocketOptions,
): void {
  const end = (code: number, why: string) => {
    socket.resume() // while it is paused, it would not hear the other side's goodbye
    socket.close(code, why)
  }
  const client = seat.open(debug ? 'debug' : 'live', {
    tell: (message) => {
      if (socket.readyState !== socket.OPEN) return
      const frame = frameOf(message, cbor)
      if (backlog.admits(socket.bufferedAmount, frame.length))
        return socket.send(frame, backlog.began(frame.length))
      end(CLOSE_TRY_LATER, 'too slow: it does not read what it is told')
    },
    hold: (isHeld) => (isHeld ? socket.pause() : socket.resume()),
    done: () => {},
    ended: (why) => end(CLOSE_GOING_AWAY, why.slice(0, REASON_CHARS_MAX)),
  })
  socket.on('message', (data, isBinary) => {
    const parsed = isBinary ? parseBinary(data as Buffer) : parseText(String(data))
    client.received(parsed.ok ? parsed.value : { type: 'error', message: parsed.error })
  })
  socket.on('close', () => client.close())
}

/** A close frame holds 123 bytes of reason; ours are ASCII. */
const REASON_CHARS_MAX = 123
