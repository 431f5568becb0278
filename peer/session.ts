// Owns how a peer follows a host: greets it, is brought up to date, delivers what comes, submits what waits,
// and asks for replays. A host follows itself in the same way. Pure: frames and moments in, orders out.

import { ACK_BYTES, ACK_ENTRIES, HELLO_TIMEOUT_MS } from '../protocol/limits.ts'
import {
  NO_INDEX,
  NO_SEQ,
  sameClaim,
  type Claim,
  type Index,
  type PeerId,
  type Seq,
} from '../protocol/ids.ts'
import { originOf, type Entry } from '../protocol/entry.ts'
import type { FrameBody, Position, ReignPlace, ReplayItem, SeqRun } from '../protocol/frames.ts'
import type { FormerCopy } from '../replica/former-copy.ts'
import type { Replica } from '../replica/replica.ts'
import { endsOf, forkOf, isForgotten } from '../replica/history.ts'
import { keysOf, opsOf, surplusAfter } from '../replica/surplus.ts'
import { countOf, sameRuns, without } from '../replica/runs.ts'
import { Fetch } from '../replica/transfer.ts'
import type { Outbox, Outcome } from './outbox.ts'
import { Replays } from './replays.ts'
import type { Delivery, SessionOutput } from './session-output.ts'

type Following =
  | { readonly status: 'idle' }
  /** A host is known; the hello goes out as soon as there is a link. */
  | { readonly status: 'unlinked'; readonly claim: Claim }
  | {
      readonly status: 'greeting'
      readonly claim: Claim
      readonly nonce: number
      readonly againAtMs: number
    }
  /** Welcomed; entries up to `head` are on their way. */
  | {
      readonly status: 'catching-up'
      readonly claim: Claim
      readonly nonce: number
      readonly head: Index
      readonly lacks: readonly SeqRun[]
    }
  | { readonly status: 'live'; readonly claim: Claim; readonly nonce: number }

/** `holdsStreams`: it fetches the streams although it cannot host; who can host always does. */
export type SessionOptions = {
  readonly self: PeerId
  readonly canHost: boolean
  readonly holdsStreams?: boolean
  readonly visible: boolean
  readonly outbox: Outbox
  readonly replica: Replica
}

export class Session {
  readonly #self: PeerId
  readonly #canHost: boolean
  readonly #holdsStreams: boolean
  readonly #outbox: Outbox
  readonly #replica: Replica
  #following: Following = { status: 'idle' }
  /** How far the app has been told; on a host the replica may be ahead of it for a moment. */
  #position: Position | null = null
  #lastSeq = NO_SEQ
  #stable = NO_INDEX
  /** The reigns of this peer's log, as they stood when the host that it follows became known. */
  #endsBefore: readonly ReignPlace[] = []
  /** The messages that never came into the room's streams, as its host said. */
  #roomLacks: readonly SeqRun[] = []
  #reported = NO_INDEX
  /** It was told to forget what it had been given, maybe all of it: it is no newcomer for that. */
  #isTakenBack = false
  #unreportedBytes = 0
  #nonce = 0
  #visible: boolean
  /** The reign under which this peer last left a log for another. */
  #settled: Claim | null = null
  #fetch: Fetch | null = null
  #requests = 0
  readonly #replays = new Replays()
  #outputs: SessionOutput[] = []

  constructor(options: SessionOptions) {
    this.#self = options.self
    this.#canHost = options.canHost
    this.#holdsStreams = options.canHost || options.holdsStreams === true
    this.#visible = options.visible
    this.#outbox = options.outbox
    this.#replica = options.replica
  }

  /** Whether messages of the reign that is followed flow here. */
  get isLive(): boolean {
    return this.#following.status === 'live'
  }

  /** Seq of the last message delivered. */
  get lastSeq(): Seq {
    return this.#lastSeq
  }

  /** Up to here this peer knows its log to be stable. */
  get stable(): Index {
    return Math.min(this.#stable, this.#position?.index ?? NO_INDEX) as Index
  }

  get position(): Position | null {
    return this.#position
  }

  get wakeAtMs(): number {
    return this.#following.status === 'greeting' ? this.#following.againAtMs : Infinity
  }

  /** Another reign stands: nothing counts any more until its host has answered. */
  follow(claim: Claim, linked: boolean, nowMs: number): SessionOutput[] {
    this.#reconcile()
    this.#endsBefore = this.#replica.ends
    this.#fetch = null
    this.#following = { status: 'unlinked', claim }
    return linked ? this.linked(nowMs) : this.#take()
  }

  /** A takeover that came to nothing may have given this peer another log than the one its app was told of: back to where they part. */
  #reconcile(): void {
    const position = this.#position
    if (position === null) return
    const end = this.#replica.endOf(position.claim)
    if (end !== null && position.index <= end.index) return
    const fork = forkOf(this.#endsBefore, this.#replica.ends)
    const index = fork?.index ?? NO_INDEX
    const seq = Math.min(fork?.seq ?? NO_SEQ, this.#lastSeq) as Seq
    this.#outbox.cutBack(index, [])
    this.#position = fork === null ? null : { claim: fork.claim, index }
    this.#outputs.push({ type: 'reset', seq, headSeq: seq, keys: 'all', reason: 'rewound' })
    this.#lastSeq = seq
    this.#isTakenBack = true
    this.#reported = index
    this.#stable = Math.min(this.#stable, index) as Index
  }

  /** A takeover that came to nothing may have given this peer a longer log, with which it greets the next host: that host goes on from there. */
  #catchUp(lacks: readonly SeqRun[]): void {
    const { log, position, lastSeq } = this.#replica
    const told = this.#position
    const isBehind =
      !this.#hostsItself && told !== null && position !== null && position.index > told.index
    const isGap = isBehind && !log.reachesBackTo(told.index)
    if (isBehind && !isGap) this.#deliver(log.after(told.index))
    if (!isGap && sameRuns(lacks, this.#roomLacks)) return
    // Else the room retains something else than what this app was given. [EL5b]
    this.#outputs.push({
      type: 'reset',
      seq: this.#lastSeq,
      headSeq: isGap ? lastSeq : this.#lastSeq,
      keys: 'all',
      reason: 'missed',
    })
    if (isGap) [this.#position, this.#lastSeq] = [position, lastSeq]
  }

  /** There is a link to the host. */
  linked(nowMs: number): SessionOutput[] {
    if (this.#following.status === 'idle') return []
    const { claim } = this.#following
    const nonce = ++this.#nonce
    this.#fetch = null
    const { position, lastSeq } =
      this.#position === null || claim.host === this.#self
        ? { position: this.#position, lastSeq: this.#lastSeq }
        : this.#replica
    this.#following = { status: 'greeting', claim, nonce, againAtMs: nowMs + HELLO_TIMEOUT_MS }
    this.#send({
      type: 'hello',
      claim,
      nonce,
      position,
      headSeq: lastSeq,
      stable: this.stable,
      complete: this.#replica.complete,
      lacks: this.#replica.cannotGive,
      canHost: this.#canHost,
      visible: this.#visible,
    })
    return this.#take()
  }

  /** The link to the host is gone. */
  unlinked(): void {
    if (this.#following.status !== 'idle')
      this.#following = { status: 'unlinked', claim: this.#following.claim }
    this.#fetch = null
  }

  ticked(nowMs: number): SessionOutput[] {
    if (this.#following.status === 'greeting' && nowMs >= this.#following.againAtMs)
      return this.linked(nowMs)
    if (this.#position !== null && this.#position.index !== this.#reported) this.#report(true)
    return this.#take()
  }

  visible(visible: boolean): SessionOutput[] {
    this.#visible = visible
    this.#report(true)
    return this.#take()
  }

  /** Something was added to the outbox. */
  submit(): SessionOutput[] {
    this.#pump()
    return this.#take()
  }

  replay(request: number, queries: readonly ReplayItem[]): SessionOutput[] {
    this.#replays.add(request, queries)
    this.#askReplays()
    return this.#take()
  }

  /** A frame from the host being followed. */
  receive(frame: FrameBody): SessionOutput[] {
    switch (frame.type) {
      case 'welcome':
        this.#welcomed(frame)
        break
      case 'entries':
        this.#entries(frame.entries, frame.stable)
        break
      case 'replayed':
        if (this.#isCurrent(frame.nonce)) this.#replayed(frame)
        break
      case 'repeated':
        if (!this.#isCurrent(frame.nonce)) break
        for (const { author, opId, index, seq, code } of frame.repeats) {
          this.#outcomes(
            this.#outbox.placed(author, opId, {
              index,
              seq,
              code: index === NO_INDEX ? 'receipt-unknown' : code,
            }),
          )
        }
        this.#outcomes(this.#outbox.stable(this.#stable))
        this.#pump() // what was known already makes room in the window
        break
      case 'gap':
        if (!this.#isCurrent(frame.nonce)) break
        this.#outbox.gap(frame.author, frame.expected)
        this.#pump()
        break
      case 'part':
        this.#part(frame)
        break
    }
    return this.#take()
  }

  #welcomed(frame: Extract<FrameBody, { type: 'welcome' }>): void {
    const following = this.#following
    if (
      following.status === 'idle' ||
      following.status === 'unlinked' ||
      following.nonce !== frame.nonce
    )
      return
    const { former } = this.#replica
    if (
      former?.state.history.latest &&
      !sameClaim(this.#settled, following.claim) &&
      countOf(former.lacks) < countOf(frame.lacks)
    )
      return this.#goBack(former, following.claim)
    if (frame.resume) {
      this.#catchUp(frame.lacks)
      this.#outbox.cutBack(this.#position?.index ?? NO_INDEX, []) // a repeat told places in a log that may have gone with its host
    } else this.#startOver(frame)
    if (!sameRuns(frame.lacks, this.#roomLacks)) this.#outbox.outdateCompactions()
    this.#roomLacks = frame.lacks
    this.#outbox.reconnected()
    const { claim, nonce } = following
    this.#following = { status: 'catching-up', claim, nonce, head: frame.head, lacks: frame.lacks }
    this.#becomeLive()
  }

  /** The host lacks more than what this peer had before it started over: back to that, which is met as a branch. [EL5c] */
  #goBack(former: FormerCopy, claim: Claim): void {
    const besides = this.#replica.goBackTo(former)
    const { position, lastSeq } = this.#replica
    if (position === null) return
    this.#settled = claim
    this.#outbox.cutBack(NO_INDEX, opsOf(besides.entries, this.#stable))
    this.#outputs.push({
      type: 'reset',
      seq: Math.min(besides.forkSeq, this.#lastSeq) as Seq,
      headSeq: lastSeq,
      keys: 'all',
      reason: 'rewound',
    })
    ;[this.#position, this.#lastSeq, this.#reported, this.#stable] = [
      position,
      lastSeq,
      position.index,
      former.stable,
    ]
    this.#following = { status: 'greeting', claim, nonce: this.#nonce, againAtMs: 0 }
  }

  /** The host's log is not a continuation of ours, or reaches back too little: follow from its head on. */
  #startOver(frame: Extract<FrameBody, { type: 'welcome' }>): void {
    const { index: common, seq: commonSeq, isOldNews } = this.#forkFrom(frame)
    const surplus = this.#hostsItself
      ? []
      : surplusAfter(this.#replica.log, isOldNews ? null : this.#replica.engine, common, commonSeq)
    const former = this.#hostsItself
      ? null
      : this.#replica.former?.surplusBeyond(endsOf(frame.history, frame.head, frame.headSeq))
    const isRewound = commonSeq < this.#lastSeq || surplus.some(({ type }) => type === 'compaction')
    this.#settled = this.#following.status === 'idle' ? null : this.#following.claim
    if (!this.#hostsItself)
      this.#replica.startOver(frame.head, frame.headSeq, frame.history, frame.ops, this.#stable)
    this.#outbox.cutBack(common, [
      ...opsOf(former?.entries ?? [], former?.stable ?? NO_INDEX),
      ...opsOf(surplus, this.#stable),
    ])
    const latest = frame.history.at(-1)
    this.#position = latest === undefined ? null : { claim: latest.claim, index: frame.head }
    // A peer that has just arrived has missed nothing: joining replays nothing by itself.
    const isNew = this.#lastSeq === NO_SEQ && this.#reported === NO_INDEX && !this.#isTakenBack
    // Which keys changed is known only where the new log adds nothing that this peer has not seen.
    const keys =
      isRewound && frame.headSeq === commonSeq && this.#lastSeq - commonSeq <= surplus.length
        ? keysOf(surplus)
        : 'all'
    if (!isNew)
      this.#outputs.push({
        type: 'reset',
        seq: Math.min(commonSeq, this.#lastSeq) as Seq,
        headSeq: frame.headSeq,
        keys,
        reason: isRewound ? 'rewound' : 'missed',
      })
    this.#lastSeq = frame.headSeq
    this.#reported = frame.head
    this.#stable = Math.min(this.#stable, common) as Index
  }

  /** Where the log that this peer knew and the host's part. */
  #forkFrom({ history, head, headSeq }: Extract<FrameBody, { type: 'welcome' }>): {
    readonly index: Index
    readonly seq: Seq
    readonly isOldNews: boolean
  } {
    // A new host may have taken over another's log by now: what counts is the one it had.
    const own = this.#hostsItself ? this.#endsBefore : this.#replica.ends
    const fork = forkOf(own, endsOf(history, head, headSeq))
    if (fork !== null) return { ...fork, isOldNews: false }
    // A peer that slept through more reigns than a log remembers is no branch: all that was stable is in there.
    const last = own.at(-1)
    const isOldNews = last !== undefined && isForgotten(last.claim, history)
    return { index: isOldNews ? this.#stable : NO_INDEX, seq: NO_SEQ, isOldNews }
  }

  get #hostsItself(): boolean {
    return this.#following.status !== 'idle' && this.#following.claim.host === this.#self
  }

  #becomeLive(): void {
    const following = this.#following
    if (following.status !== 'catching-up' || (this.#position?.index ?? NO_INDEX) < following.head)
      return
    this.#following = { status: 'live', claim: following.claim, nonce: following.nonce }
    this.#outputs.push({ type: 'live', claim: following.claim })
    this.#report(true)
    this.#replays.again()
    this.#askReplays()
    this.#pump()
    if (
      this.#holdsStreams &&
      this.#fetch === null &&
      (!this.#replica.complete || without(this.#replica.lacks, following.lacks).length > 0)
    )
      this.#startFetch(following.claim.host)
  }

  #entries(entries: readonly Entry[], stable: Index): void {
    if (this.#following.status !== 'live' && this.#following.status !== 'catching-up') return
    const taken: Entry[] = []
    for (const entry of entries) {
      if (entry.index <= ((taken.at(-1) ?? this.#position)?.index ?? NO_INDEX)) continue
      if (entry.index > this.#replica.lastIndex) {
        if (!this.#replica.accepts(entry)) {
          this.#misbehaved(`entry ${entry.index} cannot follow ${this.#replica.lastIndex}`)
          break
        }
        this.#replica.append(entry)
      }
      if (entry.type === 'message') this.#unreportedBytes += entry.op.value.length
      taken.push(entry)
    }
    this.#deliver(taken)
    if (stable > this.#stable || entries.length > 0) {
      this.#stable = stable
      this.#outcomes(this.#outbox.stable(stable))
    }
    this.#becomeLive()
    this.#report()
    this.#pump()
  }

  #deliver(entries: readonly Entry[]): void {
    const messages: Delivery[] = []
    for (const entry of entries) {
      this.#advance(entry)
      if (entry.type === 'message')
        messages.push({
          key: entry.op.key,
          seq: entry.seq,
          value: entry.op.value,
          author: entry.op.author,
        })
    }
    if (messages.length > 0) this.#outputs.push({ type: 'deliver', messages })
  }

  /** One more entry is the app's. */
  #advance(entry: Entry): void {
    const claim = entry.type === 'reign' ? entry.claim : this.#position?.claim
    if (claim !== undefined) this.#position = { claim, index: entry.index }
    if (entry.type === 'message') this.#lastSeq = entry.seq
    const origin = originOf(entry)
    if (origin === null) return
    const seq =
      entry.type === 'message' ? entry.seq : entry.type === 'compaction' ? entry.op.seq : NO_SEQ
    this.#outcomes(
      this.#outbox.placed(origin.author, origin.opId, {
        index: entry.index,
        seq,
        code: entry.type === 'refusal' ? entry.code : null,
      }),
    )
  }

  #startFetch(host: PeerId): void {
    this.#fetch = new Fetch(host, ++this.#requests)
    this.#replica.awaitStreams()
    this.#send({ type: 'fetch', request: this.#requests, ends: [], lacks: [] })
  }

  #part(frame: Extract<FrameBody, { type: 'part' }>): void {
    const fetch = this.#fetch
    if (fetch === null || fetch.request !== frame.request) return
    const taken = fetch.take(frame)
    if (!taken.ok) return this.#misbehaved(taken.error)
    if (taken.value === null)
      return this.#send({ type: 'part-taken', request: frame.request, number: frame.number })
    this.#fetch = null
    const adopted = taken.value.extent === 'whole' && this.#replica.catchUp(taken.value.copy)
    if (adopted) this.#report(true)
    else this.#startFetch(fetch.source)
  }

  /** A standby's word decides what is stable, so it reports at once; the others now and then. */
  #report(always = false): void {
    if (this.#following.status !== 'live' && this.#following.status !== 'catching-up') return
    const index = this.#position?.index ?? NO_INDEX
    const isStandby = this.#replica.inSync.includes(this.#self)
    const isDue =
      index - this.#reported >= (isStandby ? 1 : ACK_ENTRIES) || this.#unreportedBytes >= ACK_BYTES
    if (!always && !isDue) return
    this.#reported = index
    this.#unreportedBytes = 0
    this.#send({
      type: 'report',
      nonce: this.#following.nonce,
      index,
      complete: this.#replica.complete,
      visible: this.#visible,
    })
  }

  /** Nothing is submitted before the host has brought this peer up to date. */
  #pump(): void {
    if (this.#following.status !== 'live') return
    const { nonce } = this.#following
    const floor = this.#outbox.floor
    for (let ops = this.#outbox.next(); ops.length > 0; ops = this.#outbox.next())
      this.#send({ type: 'submit', nonce, floor, ops })
  }

  #askReplays(): void {
    if (this.#following.status !== 'live') return
    const request = this.#requests + 1
    const queries = this.#replays.next(request)
    if (queries === null) return
    this.#requests = request
    this.#send({ type: 'replay', nonce: this.#following.nonce, request, queries })
  }

  #replayed({ request, items, last }: Extract<FrameBody, { type: 'replayed' }>): void {
    for (const replayed of this.#replays.answered(request, items, last))
      this.#outputs.push({ type: 'replayed', ...replayed })
    this.#askReplays()
  }

  #isCurrent(nonce: number): boolean {
    return this.#following.status === 'live' && this.#following.nonce === nonce
  }

  #outcomes(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.#outputs.push({ type: 'outcome', outcome })
  }

  #misbehaved(what: string): void {
    if (this.#following.status !== 'idle')
      this.#outputs.push({ type: 'misbehaved', peer: this.#following.claim.host, what })
  }

  #send(body: FrameBody): void {
    if (this.#following.status !== 'idle')
      this.#outputs.push({ type: 'send', to: this.#following.claim.host, body })
  }

  #take(): SessionOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}
