// Owns the pings of a WebSocket. A browser answers them even for a page that hangs: they find connections that are
// dead, not pages.

import type { WebSocket } from 'ws'

/** Cuts the socket once a ping has no answer by the time of the next. */
export function pingUntilClosed(socket: WebSocket, intervalMs: number): void {
  let isAnswered = true
  const interval = setInterval(() => {
    if (socket.isPaused) return // it is not read for now, nor are its answers
    if (!isAnswered) return socket.terminate()
    isAnswered = false
    socket.ping()
  }, intervalMs)
  socket.on('pong', () => {
    isAnswered = true
  })
  socket.on('close', () => clearInterval(interval))
}
