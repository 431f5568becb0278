// Owns what the world knows of one open page: its peer, its clock, what connects it, and whether its scripts run.

import type { OpId, PeerId } from '../protocol/ids.ts'
import type { Message } from '../client/api.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import type { Link } from './network.ts'
import type { PageClock } from './page-clock.ts'
import type { SharedObjects } from './shared-objects.ts'
import type { Socket } from './signaling-site.ts'

/** Its scripts stand still, and what comes in waits. A browser's freeze costs the signaling socket; a hang does not. */
export type Pause = { readonly how: 'hung' | 'frozen' | 'asleep'; readonly sinceMs: number; readonly backlog: PeerInput[]; timerDue: boolean }

/** From join to end; a page that is loaded again is another one. */
export class Page {
  readonly id: PeerId
  readonly number: number
  readonly peer: Peer
  readonly clock: PageClock
  /** The link this page would send on, by the other end's id. */
  readonly links = new Map<PeerId, Link>()
  /** Attempts at a link, by when they began. */
  readonly attempts = new Map<PeerId, number>()
  alive = true
  /** It waits for its hand-over to end, to go then. */
  isLeaving = false
  pause: Pause | null = null
  socket: Socket | null = null
  /** Dials in a row that led to no lasting connection. */
  failedDials = 0
  /** In the world's time. */
  wakesAtMs = Infinity
  /** Timers of a hidden page fire at multiples of this only. */
  timerGrainMs = 1
  /** Another tab of the same user, which does what this one does. */
  twin: Page | null = null
  /** What its app shares; null in rooms of messages alone. */
  shared: SharedObjects | null = null
  invoked = 0
  asked = 0
  /** Replays that wait for their answer. */
  readonly replays = new Map<number, { readonly key: string; readonly after: number; readonly askedAtMs: number; readonly answer?: (messages: readonly Message[]) => void }>()
  /** When it last asked to lead, not leading. */
  claimedAtMs = Infinity
  /** What the app sent, by op number. */
  readonly midByOp = new Map<number, string>()

  constructor(number: number, id: PeerId, peer: Peer, clock: PageClock) {
    this.number = number
    this.id = id
    this.peer = peer
    this.clock = clock
  }

  get name(): string {
    return `p${this.number}`
  }

  /** It was told that it reigns, and does not yet. */
  get isTakingOver(): boolean {
    return this.alive && this.peer.claim?.host === this.id && !this.peer.isHosting
  }
}

/** What a room's status says: the reign that this page follows. */
export function branchOf(page: Page): string {
  const { claim } = page.peer
  return claim === null ? '0:' : `${claim.term}:${claim.host}`
}

/**
 * Who holds an op when its sender is told so: the host and its standbys, at their word. A sender that catches up is told
 * before it has heard of the latest standbys: of those it names, and of theirs, whoever does hold it.
 */
export function holdersOf(opId: OpId, sender: Page, pageOf: (id: PeerId) => Page | undefined): PeerId[] {
  const { claim, replica } = sender.peer
  const told = [claim!.host, ...replica.inSync]
  const host = pageOf(claim!.host)
  const standbys = host?.alive ? host.peer.replica.inSync : replica.inSync
  if (standbys.join() === replica.inSync.join()) return told
  return [...new Set([...told, ...standbys])].filter((peer) => pageOf(peer)?.peer.replica.ops.has(sender.id, opId))
}
