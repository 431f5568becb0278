// Runs in pages of the benchmark that try what others published: opens a way of theirs, fills it, joins it.

import { openPeerJs } from './peerjs.mjs'
import { openSocketIo } from './socket-io.mjs'
import { openYWebrtc, openYWebsocket } from './yjs.mjs'

const OPENERS = {
  'socket.io': openSocketIo,
  peerjs: openPeerJs,
  'y-websocket': openYWebsocket,
  'y-webrtc': openYWebrtc,
}

let carrier

window.peers = {
  open: async ({ name, ...where }) => {
    carrier = await OPENERS[name](where)
    window.bench.use(carrier.way)
  },
  untilConnected: (others) => carrier.untilConnected(others),
  fill: (count) => carrier.fill(Array.from({ length: count }, (_, n) => `message ${n}`.padEnd(98))),
  /** Milliseconds from opening until so many retained values are here. */
  joinMs: async ({ name, count, ...where }) => {
    const startMs = performance.now()
    const joined = await OPENERS[name](where)
    await joined.untilRetained(count)
    return performance.now() - startMs
  },
}
