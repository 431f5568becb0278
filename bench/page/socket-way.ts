// Owns the way over a plain relay of DriftDB's messages: JSON over a WebSocket. Everybody hears every push, the author
// its own among them.

import { Batches, type Value, type Way } from './way.ts'

const KEY = 'pour'

type FromRelay =
  | { readonly type: 'push'; readonly value: string }
  | { readonly type: 'init'; readonly data: readonly { readonly value: string }[] }

export async function socketWay(url: string): Promise<Way> {
  const socket = new WebSocket(url)
  const batches = new Batches()
  let listener: (value: Value) => void = () => {}
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as FromRelay
    if (message.type !== 'push') return
    batches.heard(message.value.length)
    listener(message.value)
  }
  await new Promise((resolve) => {
    socket.onopen = resolve
  })
  return {
    form: 'text',
    ownBytes: 0,
    send: (value) => {
      batches.sent(value.length)
      socket.send(JSON.stringify({ type: 'push', key: KEY, value, action: { type: 'append' } }))
    },
    untilRoom: () => batches.untilRoom(),
    hear: (next) => {
      listener = next
    },
  }
}

/** Pushes so many messages, and resolves when the relay has them all. */
export async function fillSocket(url: string, key: string, count: number): Promise<void> {
  const socket = new WebSocket(url)
  await new Promise((resolve) => {
    socket.onopen = resolve
  })
  let left = count
  const done = new Promise<void>((resolve) => {
    socket.onmessage = () => {
      left--
      if (left === 0) resolve()
    }
  })
  for (let i = 0; i < count; i++) {
    const value = `message ${i}`.padEnd(98)
    socket.send(JSON.stringify({ type: 'push', key, value, action: { type: 'append' } }))
  }
  await done
  socket.close()
}

/** Milliseconds until so many retained messages of a key are here. */
export function readSocketMs(url: string, key: string, count: number): Promise<number> {
  const startMs = performance.now()
  const socket = new WebSocket(url)
  socket.onopen = () => socket.send(JSON.stringify({ type: 'get', key, seq: 0 }))
  return new Promise((resolve) => {
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as FromRelay
      if (message.type !== 'init' || message.data.length < count) return
      resolve(performance.now() - startMs)
      socket.close()
    }
  })
}
