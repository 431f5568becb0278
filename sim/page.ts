// Owns one simulated page and one simulated link: what the world knows of each.

import type { PeerId } from '../protocol/ids.ts'
import type { Peer } from '../client/peer.ts'
import type { PeerInput } from '../client/peer-io.ts'

export type Link = { readonly id: number; readonly slowness: number; readonly openedAtMs: number; readonly peers: readonly [Page, Page]; open: boolean; cutUntilMs: number; readonly arrivalMs: Map<string, number> }

/** One open page, from join to end. */
export class Page {
  readonly id: PeerId
  readonly name: string
  readonly peer: Peer
  readonly links = new Map<PeerId, Link>()
  readonly connecting = new Set<PeerId>()
  alive = true
  joined = false
  socket: number | null = null
  socketArrivalMs = 0
  wakesAtMs = Infinity
  /** What comes in while the page's scripts stand still; null while they run. */
  backlog: PeerInput[] | null = null
  invoked = 0
  /** When it last asked to lead. */
  claimedAtMs = Infinity
  /** What the app sent, by op number. */
  readonly midByOp = new Map<number, string>()

  constructor(name: string, id: PeerId, peer: Peer) {
    this.name = name
    this.id = id
    this.peer = peer
  }
}
