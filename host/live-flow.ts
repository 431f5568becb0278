// Owns what followers are sent of the log: the answer to a hello, each entry as it comes, what became stable, and
// replays in their place between them. It does not know why an entry was ordered.

import { ENTRIES_FRAME_BYTES, FRAME_OPS_MAX } from '../protocol/limits.ts'
import type { Index, PeerId } from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'
import type {
  FrameBody,
  Position,
  OpRow,
  OwnRun,
  ReignPlace,
  ReplayedItem,
} from '../protocol/frames.ts'
import { batches, entryBytes } from '../replica/batches.ts'
import type { Replica } from '../replica/replica.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import type { Follower } from './follower.ts'
import type { Followers } from './followers.ts'
import { replayParts } from './replay-parts.ts'
import type { Stability } from './stability.ts'

type Send = (to: readonly PeerId[], body: FrameBody) => void
type Start = {
  readonly resume: boolean
  readonly history: readonly ReignPlace[]
  readonly ops: readonly OpRow[]
}

/** The rest of an answer to a replay. */
type Answering = {
  readonly follower: Follower
  readonly request: number
  readonly parts: Iterator<readonly ReplayedItem[], undefined>
  /** The part that goes next: whether a part is the last one shows once there is no other. */
  next: readonly ReplayedItem[] | undefined
}

/** Parts of an answer made for one input: about 1 MiB. */
const PARTS_AT_ONCE = 4

/** What a place in the history, or a row of the op table, takes on the wire. */
const ROW_BYTES = 32

export class LiveFlow {
  readonly #writer: ReplicaWriter
  readonly #replica: Replica
  readonly #followers: Followers
  readonly #stability: Stability
  readonly #send: Send
  /** Ordered and not yet sent: everything that one input brings goes out as one frame. */
  #fresh: Entry[] = []
  #freshBytes = 0
  /** Who submitted all of it; null where that is more than one, or the host itself. */
  #freshFrom: PeerId | null = null
  /** Who is answered gets no entries before its answer is over. [LK14] */
  #answering: Answering | null = null

  constructor(writer: ReplicaWriter, followers: Followers, stability: Stability, send: Send) {
    this.#writer = writer
    this.#replica = writer.replica
    this.#followers = followers
    this.#stability = stability
    this.#send = send
  }

  /** The next entry of the log, before anybody is welcomed: each welcome sends it. */
  write(entry: Entry): void {
    this.#writer.append(entry)
  }

  /** The next entry of the log. `from`: the follower that submitted it; null where nobody did. */
  append(entry: Entry, from: PeerId | null): void {
    this.write(entry)
    if (this.#fresh.length === 0) this.#freshFrom = from
    if (from !== this.#freshFrom) this.#freshFrom = null
    this.#fresh.push(entry)
    this.#freshBytes += entryBytes(entry)
    const author = originOf(entry)?.author
    if (author !== undefined) this.#followers.get(author)?.progress.authored(entry.index)
    if (this.#fresh.length === FRAME_OPS_MAX || this.#freshBytes >= ENTRIES_FRAME_BYTES)
      this.flush()
  }

  /** Sends what was ordered, if anything was. */
  flush(): void {
    if (this.#fresh.length === 0) return
    const entries = this.#fresh
    this.#fresh = []
    this.#freshBytes = 0
    this.#stability.advance()
    const live = this.#followers.live.filter((follower) => !this.#isHeld(follower))
    const own = ownRun(entries, this.#freshFrom)
    const author = own === null ? undefined : live.find(({ peer }) => peer === this.#freshFrom)
    this.#sendEntries(
      live.filter((follower) => follower !== author),
      entries,
    )
    if (own !== null && author !== undefined) this.#sendTaken(author, own)
  }

  /** Ends an input: what was ordered goes out, or, where nothing was, what has become stable. */
  end(): void {
    if (this.#fresh.length > 0) this.flush()
    else this.#tellStable()
  }

  /** Whether this log goes on from there, and reaches back that far. */
  canResume(position: Position | null): position is Position {
    if (position === null) return false
    const end = this.#replica.endOf(position.claim)
    if (end === null || position.index > end.index) return false
    return this.#replica.log.reachesBackTo(position.index)
  }

  /**
   * The answer to a hello: from the moment it is queued, the follower is in the live flow. [RE5] Returns how many bytes
   * were copied for it.
   */
  welcome(follower: Follower, position: Position | null): number {
    this.flush()
    if (this.canResume(position)) return this.#goOn(follower, position.index)
    return this.#startOver(follower)
  }

  /** A follower that was cut from the live flow has reported all that was sent: on from there, or anew. */
  resume(follower: Follower): void {
    this.flush()
    if (this.#isHeld(follower)) this.#answering = null // it asks again
    const { acked } = follower.progress
    if (this.#replica.log.reachesBackTo(acked)) this.#goOn(follower, acked)
    else this.#startOver(follower)
  }

  /** To whom a long answer is under way. */
  get answering(): Follower | null {
    return this.#answering?.follower ?? null
  }

  /**
   * Answers what a follower asked, or begins to, unless it names a key twice: no honest page does. Returns how many bytes
   * were copied for it.
   */
  answer(follower: Follower): number {
    const asked = follower.drainAsked()
    if (asked === null || namesAKeyTwice(asked.queries)) return 0
    this.flush()
    const parts = replayParts(this.#replica.engine, asked.queries)
    this.#answering = { follower, request: asked.request, parts, next: parts.next().value }
    return this.goOnAnswering()
  }

  /** Sends some more of the answer that is under way. Returns how many bytes were copied. */
  goOnAnswering(): number {
    const answering = this.#answering
    if (answering === null) return 0
    const { follower } = answering
    const isHere = this.#followers.get(follower.peer) === follower && follower.progress.isLive
    const bytes = isHere ? this.#sendParts(answering) : 0
    if (isHere && answering.next !== undefined) return bytes
    this.flush()
    this.#answering = null
    if (isHere) this.#catchUp(follower)
    return bytes
  }

  #sendParts(answering: Answering): number {
    const { follower, request, parts } = answering
    const { peer, nonce } = follower
    let bytes = 0
    for (let sent = 0; sent < PARTS_AT_ONCE && answering.next !== undefined; sent++) {
      const items = answering.next
      answering.next = parts.next().value
      const last = answering.next === undefined
      this.#send([peer], { type: 'replayed', nonce, request, last, items })
      for (const item of items) bytes += item.bytes.length
    }
    return bytes
  }

  /** What was ordered while it was answered. */
  #catchUp(follower: Follower): void {
    const { sentUpTo } = follower.progress
    if (!this.#replica.log.reachesBackTo(sentUpTo)) this.#startOver(follower)
    else this.#sendAll(follower, this.#replica.log.after(sentUpTo))
  }

  #isHeld(follower: Follower): boolean {
    return follower === this.answering
  }

  #goOn(follower: Follower, after: Index): number {
    this.#sendWelcome(follower, { resume: true, history: [], ops: [] })
    follower.progress.resumed(after, this.#replica.lastIndex)
    const missed = this.#replica.log.after(after)
    this.#sendAll(follower, missed)
    return bytesOf(missed)
  }

  #sendAll(follower: Follower, missed: readonly Entry[]): void {
    for (const entries of batches(missed)) this.#sendEntries([follower], entries)
  }

  #startOver(follower: Follower): number {
    const { history, ops, lastIndex } = this.#replica
    this.#sendWelcome(follower, { resume: false, history: history.reigns, ops: ops.rows })
    follower.progress.startedOver(lastIndex)
    return (history.reigns.length + ops.rows.length) * ROW_BYTES
  }

  #sendWelcome({ peer, nonce }: Follower, { resume, history, ops }: Start): void {
    const { lastIndex: head, lastSeq: headSeq, lacks } = this.#replica
    this.#send([peer], { type: 'welcome', nonce, resume, head, headSeq, lacks, history, ops })
  }

  #sendEntries(followers: readonly Follower[], entries: readonly Entry[]): void {
    const last = entries.at(-1)
    if (last === undefined || followers.length === 0) return
    const { stable } = this.#stability
    const bytes = bytesOf(entries)
    for (const { progress } of followers) progress.sent(last.index, bytes, stable)
    this.#send(peersOf(followers), { type: 'entries', stable, entries })
  }

  /** Its author has these messages: it is told their places alone. */
  #sendTaken({ peer, progress }: Follower, own: OwnRun): void {
    const { stable } = this.#stability
    progress.sent((own.index + own.count - 1) as Index, ROW_BYTES, stable)
    this.#send([peer], { type: 'taken', stable, ...own })
  }

  /** Between entries only those who wait for a receipt are told what has become stable. [MG4b] */
  #tellStable(): void {
    const { stable } = this.#stability
    const waiting = this.#stability.waiting.filter((follower) => !this.#isHeld(follower))
    if (waiting.length === 0) return
    for (const { progress } of waiting) progress.told(stable)
    this.#send(peersOf(waiting), { type: 'entries', stable, entries: [] })
  }
}

/** The entries as messages of this author, op after op; null where they are not just that. */
function ownRun(entries: readonly Entry[], author: PeerId | null): OwnRun | null {
  const [first] = entries
  if (author === null || first?.type !== 'message') return null
  const { index, seq } = first
  const { opId } = first.op
  const isRun = entries.every((entry, i) => {
    if (entry.type !== 'message') return false
    return entry.op.author === author && entry.op.opId === opId + i
  })
  return isRun ? { index, seq, opId, count: entries.length } : null
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entryBytes(entry), 0)
}

function peersOf(followers: readonly Follower[]): PeerId[] {
  return followers.map(({ peer }) => peer)
}

function namesAKeyTwice(queries: readonly { readonly key: string }[]): boolean {
  return new Set(queries.map(({ key }) => key)).size < queries.length
}
