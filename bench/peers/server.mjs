// Runs in the folder where others' packages are installed: `server.mjs <name>` starts what the name needs beside pages,
// and prints its URL first.

import { createServer as createHttp } from 'node:http'
import { createRequire } from 'node:module'
import { createServer as createTcp } from 'node:net'

const HOST = '127.0.0.1'
const require = createRequire(import.meta.url)

const SERVERS = {
  'socket.io': async () => {
    const { Server } = await import('socket.io')
    const http = createHttp()
    const server = new Server(http, { cors: { origin: '*' }, maxHttpBufferSize: 1e8 })
    const retained = []
    server.on('connection', (socket) => {
      socket.on('push', (value) => server.emit('push', value))
      socket.on('keep', (value) => retained.push(value))
      socket.on('get', (answer) => answer(retained))
    })
    http.listen(0, HOST, () => print('http', http.address().port))
  },
  peerjs: async () => {
    const { PeerServer } = await import('peer')
    PeerServer({ port: 0, host: HOST }, (server) => print('http', server.address().port))
  },
  'y-websocket': async () => {
    const { WebSocketServer } = await import('ws')
    const { setupWSConnection } = require('./node_modules/y-websocket/bin/utils.cjs')
    const server = new WebSocketServer({ port: 0, host: HOST, perMessageDeflate: false })
    server.on('connection', setupWSConnection)
    server.on('listening', () => print('ws', server.address().port))
  },
  'y-webrtc': async () => {
    // Its signaling server takes no port 0.
    const port = await freePort()
    process.env.PORT = String(port)
    print('ws', port)
    await import('./node_modules/y-webrtc/bin/server.js')
  },
}

function print(protocol, port) {
  console.log(`${protocol}://${HOST}:${port}/`)
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createTcp().listen(0, HOST, () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

await SERVERS[process.argv[2]]()
