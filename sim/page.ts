// Owns what the world knows of one open page: its peer, its clock, what its app did, and whether its scripts run. What connects
// it is the network's and the signaling site's, what its app shares is the world's.

import type { OpId, PeerId } from '../protocol/ids.ts'
import type { Message } from '../client/api.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import type { PageClock } from './page-clock.ts'

/** Its scripts stand still, and what comes in waits. A browser's freeze costs the signaling socket; a hang does not. */
export type Pause = {
  readonly how: 'hung' | 'frozen' | 'asleep'
  readonly sinceMs: number
  readonly backlog: PeerInput[]
  timerDue: boolean
}

/** From join to end; a page that is loaded again is another one. */
export class Page {
  readonly id: PeerId
  readonly number: number
  readonly peer: Peer
  readonly clock: PageClock
  alive = true
  /** It waits for its hand-over to end, to go then. */
  isLeaving = false
  pause: Pause | null = null
  /** In the world's time. */
  wakesAtMs = Infinity
  /** Timers of a hidden page fire at multiples of this only. */
  timerGrainMs = 1
  /** Another tab of the same user, which does what this one does. */
  twin: Page | null = null
  invoked = 0
  asked = 0
  /** Replays that wait for their answer. */
  readonly replays = new Map<
    number,
    {
      readonly key: string
      readonly after: number
      readonly askedAtMs: number
      readonly answer?: (messages: readonly Message[]) => void
    }
  >()
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

/** All pages there were, as whoever looks on sees them. */
export type Pages = {
  readonly pages: readonly Page[]
  readonly livePages: readonly Page[]
  readonly nowMs: number
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
export function holdersOf(
  opId: OpId,
  sender: Page,
  pageOf: (id: PeerId) => Page | undefined,
): PeerId[] {
  const { claim, replica } = sender.peer
  const told = [claim!.host, ...replica.inSync]
  const host = pageOf(claim!.host)
  const standbys = host?.alive ? host.peer.replica.inSync : replica.inSync
  if (standbys.join() === replica.inSync.join()) return told
  return [...new Set([...told, ...standbys])].filter((peer) =>
    pageOf(peer)?.peer.replica.ops.has(sender.id, opId),
  )
}
