// Owns links between two parts of one page: what tests run over in the place of a network. Packets take
// a microtask each, so that nothing answers inside the call that asked.

import type { Link } from './link.ts'
import { PacketLink, type PacketCarrier } from './packet-link.ts'

/** Two ends of one link. */
export function memoryLinkPair(): readonly [Link, Link] {
  const a: PacketLink = new PacketLink(
    carrier(
      () => a,
      () => b,
    ),
  )
  const b: PacketLink = new PacketLink(
    carrier(
      () => b,
      () => a,
    ),
  )
  return [a, b]
}

/** One packet is on its way at a time: what control frames overtake waits in the link's own queue. */
function carrier(near: () => PacketLink, far: () => PacketLink): PacketCarrier {
  let heldBytes = 0
  return {
    hasRoom: () => heldBytes === 0,
    heldBytes: () => heldBytes,
    send(packet) {
      heldBytes = packet.length
      queueMicrotask(() => {
        heldBytes = 0
        far().received(packet)
        near().pump()
      })
    },
    close: () => queueMicrotask(() => far().closed('closed')),
  }
}
