// The plain way to have a room: a server that relays DriftDB's messages in JSON, and retains what is appended. It
// checks nothing, bounds nothing and stores nothing. It runs as a process of its own and prints its URL.

import { WebSocketServer } from 'ws'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
const streams = new Map()
let lastSeq = 0

function push({ key, value, action }) {
  lastSeq++
  const stream = action.type === 'replace' ? [] : (streams.get(key) ?? [])
  if (action.type !== 'relay') {
    stream.push({ value, seq: lastSeq })
    streams.set(key, stream)
  }
  const told = JSON.stringify({ type: 'push', key, value, seq: lastSeq })
  for (const client of server.clients) client.send(told)
}

function get(socket, { key, seq }) {
  const data = (streams.get(key) ?? []).filter((item) => item.seq > seq)
  socket.send(JSON.stringify({ type: 'init', key, data }))
}

server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (message.type === 'push') push(message)
    else get(socket, message)
  })
})
server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}/`))
