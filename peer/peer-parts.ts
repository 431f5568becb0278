// Owns which parts make a peer, and what they ask of each other. What happens to them is peer.ts's.

import { NO_TERM, type PeerId } from '../protocol/ids.ts'
import { Election } from '../host/election.ts'
import { HostWatch } from '../host/host-watch.ts'
import { Leadership } from '../host/leadership.ts'
import { Mandate, type Partition } from '../host/mandate.ts'
import { CopyDesk } from '../replica/copy-desk.ts'
import type { Replica } from '../replica/replica.ts'
import type { OpenedCopy } from '../replica/copy.ts'
import { ReplicaWriter } from '../replica/replica-writer.ts'
import type { LogTeller } from './log-teller.ts'
import { Outbox, type Durability, type Inheritance } from './outbox.ts'
import { PeerLinks } from './peer-links.ts'
import { Post } from './post.ts'
import { Retirement } from './retirement.ts'
import { Session } from './session.ts'
import { Told } from './told.ts'
import { Ticks } from './ticks.ts'

/**
 * `holdsStreams`: the peer keeps the streams although it cannot host; a peer that can host always
 * does. `logTeller`: with it the peer orders `grew` and `replaced`. In a page nobody would listen: a
 * page neither loads it nor pays a list of entries for each batch.
 */
export type PeerOptions = {
  readonly self: PeerId
  readonly canHost: boolean
  readonly holdsStreams?: boolean
  readonly logTeller?: typeof LogTeller
  readonly visible: boolean
  readonly durability: Durability
  readonly partition?: Partition
  /** What an earlier life of this page has left on its device. [PE4] */
  readonly copy?: OpenedCopy | null
}

export type PeerParts = {
  readonly self: PeerId
  readonly replica: Replica
  /** For looking at what there is to store alone: whoever holds it at the time changes the replica. */
  readonly writer: Pick<ReplicaWriter, 'completeState'>
  /** What an earlier life has left; null without one. */
  readonly copy: OpenedCopy | null
  readonly outbox: Outbox
  readonly session: Session
  readonly election: Election
  readonly watch: HostWatch
  readonly mandate: Mandate
  readonly leadership: Leadership
  readonly retirement: Retirement
  /** The copies that others fetch here. */
  readonly copies: CopyDesk
  readonly links: PeerLinks
  readonly post: Post
  readonly ticks: Ticks
  /** Null where nobody mirrors the log. */
  readonly logTeller: LogTeller | null
}

export function partsOf(options: PeerOptions, nowMs: number): PeerParts {
  const { self, canHost, durability, logTeller, partition = 'continue', copy = null } = options
  const state = copy?.state ?? null
  const writer = state === null ? ReplicaWriter.empty(false) : new ReplicaWriter(state)
  const { replica } = writer
  const outbox = new Outbox(self, durability, copy === null ? undefined : inheritanceOf(copy))
  const session = new Session({ ...options, outbox, writer, told: toldBy(copy, replica) })
  const links = new PeerLinks(self)
  const mandate = new Mandate(self, partition)
  const ticks = new Ticks(nowMs)
  const election = new Election(self, canHost, replica.history.latest?.term ?? NO_TERM, {
    isLinked: (peer) => links.has(peer),
    isKnown: (claim) => session.knowsFirstHand && replica.endOf(claim) !== null,
    isComplete: () => replica.complete,
    mayStandIn: () => session.position !== null && mandate.mayStandIn(links.heardAt(ticks.lastMs)),
  })
  return {
    self,
    replica,
    writer,
    copy,
    outbox,
    session,
    election,
    watch: new HostWatch(nowMs),
    mandate,
    leadership: new Leadership(self, replica, (peer) => links.isRelayed(peer)),
    retirement: new Retirement(),
    copies: new CopyDesk(replica),
    links,
    post: new Post(self, links, () => election.claim?.term),
    ticks,
    logTeller: logTeller === undefined ? null : new logTeller(self, replica),
  }
}

/** What its own log has taken comes in with this log, and is in nobody's hands besides. [PE5] */
function inheritanceOf({ lives, state, promised, over }: OpenedCopy): Inheritance {
  const open = promised.map((item) => ({
    ...item,
    wasSent: item.wasSent && state?.ops.has(item.op.author, item.op.opId) !== true,
  }))
  return { lives, promised: open, over }
}

function toldBy(copy: OpenedCopy | null, replica: Replica): Told {
  const isWhole = copy !== null && copy.state !== null
  return isWhole ? Told.before(replica, copy.stable) : new Told()
}
