// Owns what the world knows of one open page: its peer, its clock, its app, and whether its scripts
// run. What connects it is the network's and the signaling site's, what its app shares is the
// world's.

import type { PeerId } from '../protocol/ids.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerInput } from '../peer/peer-io.ts'
import type { Disk } from './disk.ts'
import type { PageClock } from './page-clock.ts'
import type { PageOptions } from './room-options.ts'

/**
 * Its scripts stand still, and what comes in waits. A browser's freeze costs the signaling socket;
 * a hang does not.
 */
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
  readonly options: PageOptions
  readonly clock: PageClock
  /** Where it keeps what it holds; null where it keeps nothing. */
  readonly disk: Disk | null
  alive = true
  /** What it was fed with while it handled something else. */
  readonly inputs: PeerInput[] = []
  isHandling = false
  /** It waits for its hand-over to end, to go then. */
  isLeaving = false
  pause: Pause | null = null
  /** When it last heard signaling or another page, by its own clock. */
  heardAtMs = 0
  /** In the world's time. */
  wakesAtMs = Infinity
  /** Timers of a hidden page fire at multiples of this only. */
  timerGrainMs = 1
  /** Another tab of the same user, which sends what this one sends. */
  twin: Page | null = null
  /** When it last asked to lead, not leading. */
  claimedAtMs = Infinity

  constructor(
    number: number,
    id: PeerId,
    peer: Peer,
    options: PageOptions,
    clock: PageClock,
    disk: Disk | null,
  ) {
    this.number = number
    this.id = id
    this.peer = peer
    this.options = options
    this.clock = clock
    this.disk = disk
  }

  get name(): string {
    return `p${this.number}`
  }

  /** Its scripts run, and its app is not on the way out. */
  get isAtWork(): boolean {
    return this.alive && this.pause === null && !this.isLeaving
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
