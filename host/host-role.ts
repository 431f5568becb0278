// Owns what a host does: orders ops into entries, lets everyone follow, knows when an entry is stable, and
// hands the room over. Pure: frames and moments in, orders out. It keeps no copy of the room of its own:
// the peer's replica is the room.

import {
  ENTRIES_FRAME_BYTES,
  FRAME_OPS_MAX,
  HANDOVER_TIMEOUT_MS,
  REPLAY_PART_BYTES,
  STANDBYS_MAX,
} from '../protocol/limits.ts'
import {
  NO_INDEX,
  NO_OP,
  NO_TERM,
  type Claim,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
} from '../protocol/ids.ts'
import { assert } from '../protocol/errors.ts'
import {
  originOf,
  type CompactOp,
  type Entry,
  type MessageOp,
  type Op,
  type RefusalCode,
} from '../protocol/entry.ts'
import type { FrameBody, Position, Repeat, ReplayedItem } from '../protocol/frames.ts'
import { batches, entryBytes } from '../replica/batches.ts'
import { bySuccession, Follower, rosterOf, type Hello } from './followers.ts'
import { opsToMerge } from './merge.ts'
import type { Surplus } from '../replica/surplus.ts'
import type { Replica } from '../replica/replica.ts'

export type HostOutput =
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly body: FrameBody }
  /** This peer is gone for good: its link can go too. */
  | { readonly type: 'dropped'; readonly peer: PeerId }

type Submit = Extract<FrameBody, { type: 'submit' }>
type Unplaced = Entry extends infer E ? (E extends Entry ? Omit<E, 'index'> : never) : never
type Held = { readonly from: PeerId; readonly submit: Submit }

export class HostRole {
  readonly claim: Claim
  readonly #self: PeerId
  readonly #replica: Replica
  readonly #followers = new Map<PeerId, Follower>()
  readonly #arrivals = new Map<PeerId, number>()
  readonly #isRelayed: (peer: PeerId) => boolean
  #outputs: HostOutput[] = []
  /** Ordered and not yet sent: everything that one input brings goes out as one frame. */
  #fresh: Entry[] = []
  #freshBytes = 0
  #stable: Index
  /** Somebody came, went, or changed rank: everyone gets a new roster. */
  #rosterChanged = false
  #handover: { readonly to: PeerId; readonly deadlineMs: number } | null = null
  /** Nothing is ordered while this host must not, or does not know whether it may. [EL5 EL6] */
  #isPaused = false
  /** What came meanwhile. */
  #held: Held[] = []

  /** `seniority`: the peers in the order in which they came, as the last roster had it. */
  constructor(
    self: PeerId,
    claim: Claim,
    replica: Replica,
    seniority: readonly PeerId[],
    isRelayed: (peer: PeerId) => boolean = () => false,
  ) {
    assert(replica.complete, 'a host holds the streams')
    this.claim = claim
    this.#self = self
    this.#replica = replica
    this.#isRelayed = isRelayed
    this.#stable = NO_INDEX
    for (const peer of seniority) this.#arrivals.set(peer, this.#arrivals.size)
  }

  /** Begins the reign: its first entry comes before anything else is ordered, then what other branches had ordered. */
  lead(
    hellos: readonly { readonly from: PeerId; readonly hello: Hello }[],
    surpluses: readonly Surplus[],
    nowMs: number,
  ): HostOutput[] {
    for (const { from, hello } of hellos) this.#admit(from, hello, nowMs)
    this.#append({ type: 'reign', claim: this.claim, inSync: this.#fitStandbys() })
    const isHere = (author: PeerId) => this.#followers.has(author)
    for (const surplus of surpluses)
      for (const op of opsToMerge(
        { engine: this.#replica.engine, ops: this.#replica.ops, isHere },
        surplus,
      ))
        this.#order(op)
    this.#fresh = [] // every welcome brings its follower up to the end of the log, this entry included
    for (const { from, hello } of hellos) this.#welcome(this.#followers.get(from)!, hello)
    return this.#settle()
  }

  hello(from: PeerId, hello: Hello, nowMs: number): HostOutput[] {
    this.#admit(from, hello, nowMs)
    this.#welcome(this.#followers.get(from)!, hello)
    return this.#settle()
  }

  /** A follower's frame other than hello. */
  receive(from: PeerId, frame: FrameBody, nowMs: number): HostOutput[] {
    const follower = this.#followers.get(from)
    if (follower === undefined) return []
    follower.heardAtMs = nowMs
    if (frame.type === 'pong' && frame.at >= (follower.departedAtMs ?? Infinity))
      follower.departedAtMs = null
    if ('nonce' in frame && frame.nonce !== follower.nonce) return []
    if (frame.type === 'replay') follower.asked = frame
    else if (frame.type === 'submit') this.#submit(follower, frame)
    else if (frame.type === 'report') this.#report(follower, frame)
    if (!follower.live && follower.acked >= follower.sentUpTo) this.#resume(follower)
    if (follower.live && follower.asked !== null) this.#replay(follower) // cut off, it would get what the answer shows once more
    return this.#settle()
  }

  /** A link closed, or the peer said goodbye. */
  left(peer: PeerId): HostOutput[] {
    this.#drop(peer)
    return this.#settle()
  }

  /** Signaling lost a peer; it is asked for a sign of life. [SG4] */
  departed(peer: PeerId, nowMs: number): HostOutput[] {
    const follower = this.#followers.get(peer)
    if (follower === undefined) return []
    follower.departedAtMs ??= nowMs
    this.#send([peer], { type: 'ping', at: nowMs })
    return this.#settle()
  }

  /** Whether some standby could lead in this host's place. */
  get successor(): PeerId | null {
    return this.#replica.inSync[0] ?? null
  }

  /** How many followers may host and are here, fit for it by now or not. */
  get heirs(): number {
    return [...this.#followers.values()].filter(
      ({ peer, canHost, departedAtMs }) => peer !== this.#self && canHost && departedAtMs === null,
    ).length
  }

  /** Stops ordering and asks the first standby to lead; ops that come meanwhile are held. [MG1] */
  handOver(nowMs: number): HostOutput[] {
    const to = this.successor
    if (to === null || this.#handover !== null) return []
    this.#flush()
    this.#handover = { to, deadlineMs: nowMs + HANDOVER_TIMEOUT_MS }
    this.#send([to], { type: 'handover', head: this.#replica.lastIndex })
    return this.#settle()
  }

  ticked(nowMs: number): HostOutput[] {
    for (const follower of this.#followers.values()) {
      if (follower.peer === this.#self) continue
      if (follower.isGone(nowMs)) {
        this.#drop(follower.peer)
        this.#outputs.push({ type: 'dropped', peer: follower.peer })
      } else if (follower.live && follower.isSilent(nowMs)) follower.live = false
    }
    // The successor did not take over in time: the host simply goes on.
    if (this.#handover !== null && nowMs >= this.#handover.deadlineMs) this.#handover = null
    this.#orderHeld()
    return this.#settle()
  }

  /** This page slept: nobody else was silent in that time. */
  woke(nowMs: number): void {
    for (const follower of this.#followers.values()) follower.heardAtMs = nowMs
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Stops ordering, or goes on; what comes meanwhile is held, and everyone is told. */
  pause(isPaused: boolean): HostOutput[] {
    if (this.#isPaused !== isPaused) this.#rosterChanged = true
    this.#isPaused = isPaused
    this.#orderHeld()
    return this.#settle()
  }

  #orderHeld(): void {
    if (this.#isPaused || this.#handover !== null) return
    const held = this.#held
    this.#held = []
    for (const { from, submit } of held) {
      const follower = this.#followers.get(from)
      if (follower !== undefined && follower.nonce === submit.nonce) this.#submit(follower, submit)
    }
  }

  #drop(peer: PeerId): void {
    if (this.#followers.delete(peer)) this.#rosterChanged = true
  }

  // --- following ---

  #admit(peer: PeerId, hello: Hello, nowMs: number): void {
    const arrival = this.#arrivals.get(peer) ?? this.#arrivals.size
    this.#arrivals.set(peer, arrival)
    const end = hello.position === null ? null : this.#replica.endOf(hello.position.claim)
    const reached = Math.min(hello.position?.index ?? NO_INDEX, end?.index ?? NO_INDEX) as Index
    const follower = new Follower(peer, hello, arrival, reached, nowMs)
    follower.relayed = this.#isRelayed(peer)
    if (!this.#canResume(hello.position)) follower.complete = false // it is to start over, streams and all
    this.#followers.set(peer, follower)
    this.#rosterChanged = true
  }

  /** The answer to a hello: from the moment it is queued, the follower is in the live flow. [RE5] */
  #welcome(follower: Follower, hello: Hello): void {
    this.#flush()
    const { position } = hello
    if (position !== null && this.#canResume(position)) this.#welcomeBack(follower, position.index)
    else this.#startOver(follower)
  }

  /** Whether this log goes on from there, and reaches back that far. */
  #canResume(position: Position | null): boolean {
    const end = position === null ? null : this.#replica.endOf(position.claim)
    return (
      position !== null &&
      end !== null &&
      position.index <= end.index &&
      this.#replica.log.reachesBackTo(position.index)
    )
  }

  #welcomeBack(follower: Follower, after: Index): void {
    const { lastIndex, lastSeq, lacks } = this.#replica
    this.#send([follower.peer], {
      type: 'welcome',
      nonce: follower.nonce,
      resume: true,
      head: lastIndex,
      headSeq: lastSeq,
      lacks,
      history: [],
      ops: [],
    })
    follower.sentUpTo = after
    follower.ownLast = lastIndex // some of what it has yet to hear of may be its own, from an earlier reign
    for (const entries of batches(this.#replica.log.after(after)))
      this.#sendEntries([follower], entries)
    follower.live = true
  }

  #startOver(follower: Follower): void {
    const { lastIndex, lastSeq, lacks, history, ops } = this.#replica
    this.#send([follower.peer], {
      type: 'welcome',
      nonce: follower.nonce,
      resume: false,
      head: lastIndex,
      headSeq: lastSeq,
      lacks,
      history: history.reigns,
      ops: ops.rows,
    })
    follower.complete = false
    follower.sentUpTo = lastIndex
    follower.acked = lastIndex
    follower.ownLast = lastIndex
    follower.live = true
  }

  /** A follower that was cut from the live flow has taken all that was sent: on from there, or anew. */
  #resume(follower: Follower): void {
    this.#flush()
    if (this.#replica.log.reachesBackTo(follower.acked))
      return this.#welcomeBack(follower, follower.acked)
    this.#startOver(follower)
  }

  #report(follower: Follower, report: Extract<FrameBody, { type: 'report' }>): void {
    follower.reported(Math.min(report.index, follower.sentUpTo) as Index)
    follower.complete = report.complete
    if (follower.visible !== report.visible) this.#rosterChanged = true
    follower.visible = report.visible
  }

  /** Answers what a follower asked, unless it names a key twice: no honest page does. */
  #replay(follower: Follower): void {
    const { request, queries } = follower.asked!
    follower.asked = null
    if (new Set(queries.map(({ key }) => key)).size < queries.length) return
    this.#flush()
    let items: ReplayedItem[] = []
    let bytes = 0
    for (const { key, after } of queries) {
      for (const run of this.#replica.engine?.runs(key, after, REPLAY_PART_BYTES) ?? []) {
        items.push({ key, seqs: run.seqs, ends: run.ends, bytes: run.bytes })
        bytes += run.bytes.length
        if (bytes < REPLAY_PART_BYTES) continue
        this.#send([follower.peer], {
          type: 'replayed',
          nonce: follower.nonce,
          request,
          last: false,
          items,
        })
        items = []
        bytes = 0
      }
    }
    this.#send([follower.peer], {
      type: 'replayed',
      nonce: follower.nonce,
      request,
      last: true,
      items,
    })
  }

  // --- ordering ---

  #submit(follower: Follower, submit: Submit): void {
    if (this.#isPaused || this.#handover !== null)
      return void this.#held.push({ from: follower.peer, submit })
    const { ops } = this.#replica
    const repeats: Repeat[] = []
    const gaps = new Set<PeerId>()
    for (const op of submit.ops) {
      if (gaps.has(op.author)) continue
      if (ops.has(op.author, op.opId)) repeats.push(this.#repeatOf(op))
      else if (this.#mayFollow(op, follower.peer, submit.floor)) this.#order(op)
      else {
        gaps.add(op.author)
        this.#send([follower.peer], {
          type: 'gap',
          nonce: follower.nonce,
          author: op.author,
          expected: ((ops.last(op.author) ?? NO_OP) + 1) as OpId,
        })
      }
    }
    if (repeats.length === 0) return
    this.#flush()
    this.#send([follower.peer], { type: 'repeated', nonce: follower.nonce, repeats })
  }

  /**
   * Only the next op of an author counts, or one that was left out before. Its own lowest one may leave a gap, since
   * it cannot fill that any more; and so may ops of an author that is not here to bring its own: nobody else may ever have them.
   */
  #mayFollow(op: Op, from: PeerId, floor: OpId): boolean {
    const last = this.#replica.ops.last(op.author) ?? NO_OP
    if (op.opId <= last + 1) return true
    return op.author === from ? op.opId === floor : !this.#followers.has(op.author)
  }

  #order(op: Op): void {
    if (op.action === 'void')
      return this.#append({ type: 'refusal', author: op.author, opId: op.opId, code: op.code })
    const code = this.#refusalOf(op)
    if (code !== null) this.#append({ type: 'refusal', author: op.author, opId: op.opId, code })
    else if (op.action === 'compact') this.#append({ type: 'compaction', op })
    else this.#append({ type: 'message', seq: (this.#replica.lastSeq + 1) as Seq, op })
  }

  #refusalOf(op: MessageOp | CompactOp): RefusalCode | null {
    const code = this.#replica.engine?.refusalOf(op) ?? null
    return (
      code ??
      (op.action === 'compact' && (this.#replica.mayBeFilled || this.#isOutdated(op))
        ? 'compact-outdated'
        : null)
    )
  }

  /**
   * A compaction speaks of messages as its sender's host had numbered them; here they may be others. A sender that
   * had not met a host yet got its seq elsewhere, and means this room's numbers.
   */
  #isOutdated(op: CompactOp): boolean {
    if (op.basis.term === NO_TERM) return false
    const end = this.#replica.endOf(op.basis)
    return end === null || op.seq > end.seq
  }

  #repeatOf(op: Op): Repeat {
    const entry = this.#replica.find(op.author, op.opId)
    const seq =
      entry?.type === 'message'
        ? entry.seq
        : entry?.type === 'compaction'
          ? entry.op.seq
          : (0 as Seq)
    const code = entry?.type === 'refusal' ? entry.code : null
    return { author: op.author, opId: op.opId, index: entry?.index ?? NO_INDEX, seq, code }
  }

  #append(unplaced: Unplaced): void {
    const entry = { ...unplaced, index: (this.#replica.lastIndex + 1) as Index } as Entry
    this.#replica.append(entry)
    this.#fresh.push(entry)
    const origin = originOf(entry)
    const author = origin === null ? undefined : this.#followers.get(origin.author)
    if (author !== undefined) author.ownLast = entry.index
    this.#freshBytes += entryBytes(entry)
    if (this.#fresh.length === FRAME_OPS_MAX || this.#freshBytes >= ENTRIES_FRAME_BYTES)
      this.#flush()
  }

  // --- keeping everyone at the same place ---

  /** Ends every input: who is in sync, what is stable, who is here; then everything goes out. */
  #settle(): HostOutput[] {
    this.#updateInSync()
    this.#updateStable()
    if (this.#fresh.length > 0) this.#flush()
    else this.#tellStable()
    this.#sendRoster()
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  /** The standbys are the first of the succession that are fit; any change is itself an entry. */
  #updateInSync(): void {
    if (this.#handover !== null) return // the successor confirms this very end of the log
    for (const follower of this.#followers.values()) if (follower.lags) follower.live = false
    const standbys = this.#fitStandbys()
    const before = this.#replica.inSync
    if (standbys.length !== before.length || standbys.some((peer, i) => peer !== before[i])) {
      this.#append({ type: 'in-sync', inSync: standbys })
      this.#rosterChanged = true
    }
  }

  #fitStandbys(): PeerId[] {
    const { lastIndex, inSync } = this.#replica
    return [...this.#followers.values()]
      .filter(
        (follower) =>
          follower.peer !== this.#self && follower.isFit(lastIndex, inSync.includes(follower.peer)),
      )
      .sort(bySuccession)
      .slice(0, STANDBYS_MAX)
      .map((follower) => follower.peer)
  }

  /** Stable is what the host and every in-sync standby hold; the host alone counts when it has no standby. [MG4] */
  #updateStable(): void {
    let held = this.#replica.lastIndex
    for (const peer of this.#replica.inSync)
      held = Math.min(held, this.#followers.get(peer)?.acked ?? this.#stable) as Index
    if (held > this.#stable) this.#stable = held
  }

  #flush(): void {
    if (this.#fresh.length === 0) return
    const entries = this.#fresh
    this.#fresh = []
    this.#freshBytes = 0
    this.#updateStable()
    this.#sendEntries(
      [...this.#followers.values()].filter((follower) => follower.live),
      entries,
    )
  }

  #sendEntries(followers: readonly Follower[], entries: readonly Entry[]): void {
    const last = entries.at(-1)
    if (last === undefined || followers.length === 0) return
    const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0)
    for (const follower of followers) {
      follower.sent(last.index, bytes)
      follower.toldStable = this.#stable
    }
    this.#send(
      followers.map((follower) => follower.peer),
      { type: 'entries', stable: this.#stable, entries },
    )
  }

  /** Between entries only those who wait for a receipt are told what has become stable. */
  #tellStable(): void {
    const waiting = [...this.#followers.values()].filter(
      (follower) =>
        follower.live &&
        follower.toldStable < follower.ownLast &&
        follower.toldStable < this.#stable,
    )
    if (waiting.length === 0) return
    for (const follower of waiting) follower.toldStable = this.#stable
    this.#send(
      waiting.map((follower) => follower.peer),
      { type: 'entries', stable: this.#stable, entries: [] },
    )
  }

  #sendRoster(): void {
    if (!this.#rosterChanged) return
    this.#rosterChanged = false
    this.#send([...this.#followers.keys()], {
      type: 'roster',
      ...rosterOf([...this.#followers.values()], this.#self, this.#replica.inSync),
      paused: this.#isPaused,
    })
  }

  #send(to: readonly PeerId[], body: FrameBody): void {
    this.#outputs.push({ type: 'send', to, body })
  }
}
