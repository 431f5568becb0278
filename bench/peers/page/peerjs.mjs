// Owns the way over PeerJS: one page answers all others, and passes on what they send, to the author as well.

import { Peer } from 'peerjs'
import { windowOf } from './window.mjs'

const bytesOf = (value) => (typeof value === 'string' ? value : new Uint8Array(value))

export async function openPeerJs({ url, room, role }) {
  const { hostname, port } = new URL(url)
  const options = { host: hostname, port: Number(port), path: '/', config: { iceServers: [] } }
  const window = windowOf()
  const connections = []
  const retained = []
  let listener = () => {}
  let onRetained = () => {}
  const give = (value) => {
    window.heard(value.byteLength ?? value.length)
    listener(bytesOf(value))
  }
  const peer = role === 'host' ? new Peer(room, options) : new Peer(options)
  await new Promise((resolve) => peer.on('open', resolve))

  const answer = (connection) => {
    connection.on('open', () => {
      connections.push(connection)
      if (retained.length > 0) connection.send(retained)
    })
    connection.on('data', (value) => {
      for (const other of connections) other.send(value)
      listener(bytesOf(value))
    })
  }
  const isRetainedThere = new Promise((resolve) => {
    onRetained = resolve
  })
  if (role === 'host') peer.on('connection', answer)
  else {
    const connection = peer.connect(room, { reliable: true })
    connections.push(connection)
    connection.on('data', (value) => (Array.isArray(value) ? onRetained() : give(value)))
    await new Promise((resolve) => connection.on('open', resolve))
  }
  return {
    way: {
      form: 'bytes',
      ownBytes: 0,
      send: (value) => {
        window.sent(value.length)
        connections[0].send(value)
      },
      untilRoom: () => window.untilRoom(),
      hear: (next) => {
        listener = next
      },
    },
    untilConnected: async () => {},
    fill: async (values) => {
      retained.push(...values)
    },
    untilRetained: () => isRetainedThere,
  }
}
