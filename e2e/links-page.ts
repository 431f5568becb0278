// Runs the conformance cases of links in a page, over real WebRTC: two connectors, whose signaling is a
// function call, and everything below them as a room has it.

import type { PeerId, Topic } from '../protocol/ids.ts'
import { createTimers } from '../transport/worker-timers.ts'
import { randomBytes } from '../transport/clock.ts'
import { Connector } from '../transport/connector.ts'
import type { Link } from '../transport/link.ts'
import { linkCases } from '../transport/link-conformance.ts'
import { createWebRtcPeer } from '../transport/webrtc-peer.ts'

declare global {
  interface Window {
    runLinkCase(name: string): Promise<void>
  }
}

const A = 'A'.repeat(22) as PeerId
const B = 'B'.repeat(22) as PeerId
const topic = 'T'.repeat(22) as Topic
const timers = createTimers(document.hidden)

window.runLinkCase = async (name) => {
  const linkCase = linkCases.find((known) => known.name === name)
  if (linkCase === undefined) throw new Error(`there is no case "${name}"`)
  const [a, b] = await connectTwo()
  await linkCase.run(a, b)
}

async function connectTwo(): Promise<readonly [Link, Link]> {
  const key = randomBytes(32)
  return new Promise((resolve, reject) => {
    const links = new Map<PeerId, Link>()
    const connectorOf = (self: PeerId, other: () => Connector) =>
      new Connector({
        self,
        topic,
        key,
        random: randomBytes,
        timers,
        createPeer: ({ initiator }) => createWebRtcPeer(initiator, [], reject),
        sendSignal: (_to, attempt, box) =>
          queueMicrotask(() => other().receive(self, attempt, box)),
        onLink(_peer, link) {
          links.set(self, link)
          const [a, b] = [links.get(A), links.get(B)]
          if (a !== undefined && b !== undefined) resolve([a, b])
        },
        sendBox: () => {},
        onTampered: () => {},
        onFailed: (_peer, reason) => reject(new Error(reason)),
      })
    const a: Connector = connectorOf(A, () => b)
    const b: Connector = connectorOf(B, () => a)
    a.connect(B)
  })
}
