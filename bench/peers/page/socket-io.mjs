// Owns the way over socket.io: the server passes each push on to all, the author among them.

import { io } from 'socket.io-client'
import { windowOf } from './window.mjs'

export async function openSocketIo({ url }) {
  const socket = io(url, { transports: ['websocket'] })
  const window = windowOf()
  let listener = () => {}
  socket.on('push', (value) => {
    window.heard(value.byteLength ?? value.length)
    listener(typeof value === 'string' ? value : new Uint8Array(value))
  })
  await new Promise((resolve) => socket.on('connect', resolve))
  return {
    way: {
      form: 'bytes',
      ownBytes: 0,
      send: (value) => {
        window.sent(value.length)
        socket.emit('push', value)
      },
      untilRoom: () => window.untilRoom(),
      hear: (next) => {
        listener = next
      },
    },
    untilConnected: async () => {},
    fill: async (values) => {
      for (const value of values) socket.emit('keep', value)
      await socket.emitWithAck('get')
    },
    untilRetained: () => socket.emitWithAck('get'),
  }
}
