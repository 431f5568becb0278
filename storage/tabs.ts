// Owns the port for what tabs of one profile tell each other, and its browser's side. Another profile hears nothing.

export interface TabChannel {
  say(message: unknown): void
  /** Only what others say is heard. */
  listen(listener: (message: unknown) => void): void
  close(): void
}

export function broadcastChannel(name: string): TabChannel {
  const channel = new BroadcastChannel(name)
  return {
    say: (message) => channel.postMessage(message),
    listen: (listener) => {
      channel.onmessage = ({ data }) => listener(data)
    },
    close: () => channel.close(),
  }
}
