// Owns the ways over Yjs: each value is pushed to a list that all share, over a server or from page to page. An author
// has its own values at once.

import { WebrtcProvider } from 'y-webrtc'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

/** Values after which an author lets the page breathe. */
const BURST = 200

export async function openYWebsocket({ url, room }) {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(url.replace(/\/$/, ''), room, doc, { disableBc: true })
  const isSynced = new Promise((resolve) => provider.once('sync', resolve))
  return carrierOf(doc, () => isSynced)
}

export async function openYWebrtc({ url, room }) {
  const doc = new Y.Doc()
  const provider = new WebrtcProvider(room, doc, {
    signaling: [url.replace(/\/$/, '')],
    peerOpts: { config: { iceServers: [] } },
  })
  const untilConnected = async (others) => {
    const isConnected = () => {
      const links = [...(provider.room?.webrtcConns.values() ?? [])]
      return links.filter(({ connected }) => connected).length >= others
    }
    while (!isConnected()) await pause(10)
  }
  return carrierOf(doc, untilConnected)
}

function carrierOf(doc, untilConnected) {
  const list = doc.getArray('values')
  let listener = () => {}
  let sent = 0
  list.observe(({ changes }) => {
    for (const { insert } of changes.delta) if (insert !== undefined) insert.forEach(listener)
  })
  return {
    way: {
      form: 'bytes',
      ownBytes: 0,
      send: (value) => {
        sent++
        list.push([value])
      },
      untilRoom: () => (sent % BURST === BURST - 1 ? pause(0) : null),
      hear: (next) => {
        listener = (value) => next(value)
      },
    },
    untilConnected,
    fill: async (values) => {
      await untilConnected(0)
      for (let at = 0; at < values.length; at += BURST)
        doc.transact(() => {
          for (const value of values.slice(at, at + BURST)) list.push([value])
        })
    },
    untilRetained: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (list.length >= count) resolve()
        }
        list.observe(look)
        look()
      }),
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
