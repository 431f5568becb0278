// Owns the first look at a frame, before it is parsed: whether it is a packet of a relayed link, and whether for a peer
// of the gateway. Such packets have allowances of their own, so a frame is held to what it looked like. [SG5]

import type { ToSignaling } from '../protocol/signals.ts'

/** How every `relay` of a page begins. */
const RELAY_START = Buffer.from('{"type":"relay",')
const TO_START = RELAY_START.length + '"to":"'.length
const TO_END = TO_START + 22

/** What a frame looks like. `ownPeer`: the peer of the gateway that it is for; null for anyone else. */
export type PeekedRelay = { readonly ownPeer: string | null }

/** Null for a frame that does not look like a relayed packet. */
export function peekRelay(data: Buffer, ownPeers: ReadonlySet<string>): PeekedRelay | null {
  if (!data.subarray(0, RELAY_START.length).equals(RELAY_START)) return null
  const to = data.toString('latin1', TO_START, TO_END)
  return { ownPeer: ownPeers.has(to) ? to : null }
}

/** Whether a message is what its frame looked like. */
export function keepsItsWord(peeked: PeekedRelay | null, message: ToSignaling): boolean {
  if (peeked === null) return true
  if (message.type !== 'relay') return false
  return peeked.ownPeer === null || peeked.ownPeer === message.to
}
