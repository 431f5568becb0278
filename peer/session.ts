// Owns how a peer follows a host: it greets the host, is brought up to date, delivers what comes,
// submits what waits, and asks for replays. A host follows itself in the same way. Pure: frames and
// moments in, orders out.

import { NO_INDEX, type Claim, type Index, type PeerId, type Seq } from '../protocol/ids.ts'
import type { Entry } from '../protocol/entry.ts'
import type { BodyOf, FrameBody, Position, ReplayItem } from '../protocol/frames.ts'
import type { FormerCopy } from '../replica/former-copy.ts'
import type { Replica } from '../replica/replica.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import { without } from '../replica/runs.ts'
import type { Moments } from '../replica/surplus.ts'
import { Arrival } from './arrival.ts'
import { Following } from './following.ts'
import { FollowedLog } from './followed-log.ts'
import type { Outbox } from './outbox.ts'
import { Replays } from './replays.ts'
import { Reports } from './reports.ts'
import type { SessionOptions } from './session-options.ts'
import type { Delivery, Reset, SessionOutput } from './session-output.ts'
import { StreamFetch } from './stream-fetch.ts'
import type { Outcome } from './submission.ts'
import { Told } from './told.ts'

export class Session {
  readonly arrival = new Arrival()
  readonly #self: PeerId
  readonly #canHost: boolean
  readonly #holdsStreams: boolean
  readonly #outbox: Outbox
  readonly #replica: Replica
  /** On a host the replica may be ahead of what was told, for a moment. */
  readonly #told: Told
  readonly #reports = new Reports()
  readonly #replays = new Replays()
  readonly #streams = new StreamFetch()
  readonly #following = new Following()
  readonly #log: FollowedLog
  #visible: boolean
  #outputs: SessionOutput[] = []

  constructor(options: SessionOptions) {
    const { self, canHost, holdsStreams = false, visible, outbox, writer } = options
    this.#self = self
    this.#canHost = canHost
    this.#holdsStreams = canHost || holdsStreams
    this.#visible = visible
    this.#outbox = outbox
    this.#replica = writer.replica
    this.#told = options.told ?? new Told()
    this.#log = new FollowedLog(writer, outbox, this.#told)
  }

  /** Messages of the followed reign flow. */
  get isLive(): boolean {
    return this.#following.isLive
  }

  get knowsFirstHand(): boolean {
    return this.#told.isFirstHand
  }

  /** Seq of the last message delivered. */
  get lastSeq(): Seq {
    return this.#told.lastSeq
  }

  /** Of the log, as far as this peer knows and its app was told. */
  get moments(): Moments {
    const { stable, past, index } = this.#told
    return { stable: Math.min(stable, index) as Index, past: Math.min(past, index) as Index }
  }

  /** The last entry that the app was told of. */
  get position(): Position | null {
    return this.#told.position
  }

  get wakeAtMs(): number {
    return this.#following.againAtMs
  }

  /** This peer is to lead: its leadership changes the replica from now on. */
  release(): ReplicaWriter {
    return this.#log.release()
  }

  /** This peer leads no longer. */
  regain(writer: ReplicaWriter): void {
    this.#log.regain(writer)
  }

  /** Another reign stands. Nothing counts until its host has answered. */
  follow(claim: Claim, linked: boolean, nowMs: number): SessionOutput[] {
    this.#reset(this.#log.reignBegins())
    this.#streams.giveUp()
    this.#following.begin(claim)
    return linked ? this.linked(nowMs) : this.#drain()
  }

  /** There is a link to the host. */
  linked(nowMs: number): SessionOutput[] {
    const { claim } = this.#following
    if (claim === null) return []
    this.#streams.giveUp()
    this.arrival.begin(nowMs)
    this.#following.greet(claim, nowMs)
    this.#hello(claim)
    return this.#drain()
  }

  /** The link to the host is gone. */
  unlinked(): void {
    this.#following.unlinked()
    this.#streams.giveUp()
  }

  ticked(nowMs: number): SessionOutput[] {
    if (nowMs >= this.wakeAtMs) return this.linked(nowMs)
    if (this.position !== null && !this.#reports.isKnown(this.#told.index)) this.#report()
    if (this.arrival.isLate(nowMs)) this.#arrived()
    return this.#drain()
  }

  visible(visible: boolean): SessionOutput[] {
    this.#visible = visible
    this.#report()
    return this.#drain()
  }

  /** Something was added to the outbox. */
  submit(): SessionOutput[] {
    this.#pump()
    return this.#drain()
  }

  replay(request: number, queries: readonly ReplayItem[]): SessionOutput[] {
    this.#replays.add(request, queries)
    this.#askReplays()
    return this.#drain()
  }

  /** A frame from the host being followed. */
  receive(frame: FrameBody): SessionOutput[] {
    switch (frame.type) {
      case 'welcome':
        this.#welcomed(frame)
        break
      case 'entries':
        this.#entriesCame(frame)
        break
      case 'taken':
        this.#takenCame(frame)
        break
      case 'replayed':
        if (this.#following.isCurrent(frame.nonce)) this.#replayed(frame)
        break
      case 'repeated':
        if (this.#following.isCurrent(frame.nonce)) this.#repeated(frame)
        break
      case 'gap':
        if (!this.#following.isCurrent(frame.nonce)) break
        this.#outbox.gap(frame.author, frame.expected)
        this.#pump()
        break
      case 'part':
        this.#partCame(frame)
        break
    }
    return this.#drain()
  }

  // --- hello ---

  #hello(claim: Claim): void {
    // A failed takeover may have made this log longer: the next host goes on from its end.
    const isToldAll = this.#told.position === null || this.#log.isReleased
    const { position, lastSeq } = isToldAll ? this.#told : this.#replica
    this.#send({
      type: 'hello',
      claim,
      nonce: this.#following.nonce,
      position,
      headSeq: lastSeq,
      ...this.moments,
      complete: this.#replica.complete,
      lacks: this.#replica.cannotGive,
      canHost: this.#canHost,
      visible: this.#visible,
      replay: this.#replays.askAgain(),
    })
  }

  // --- welcome ---

  #welcomed(frame: BodyOf<'welcome'>): void {
    const { claim } = this.#following
    if (claim === null || !this.#following.isAnswered(frame.nonce)) return
    if (this.#following.isWelcomed) this.#replays.again() // without a hello that could ask
    const former = this.#log.betterThan(frame, claim)
    if (former !== null) return this.#goBackTo(former, claim)
    if (frame.resume) this.#resume(frame)
    else this.#reset(this.#log.startOver(frame, claim))
    this.#log.streamsLack(frame)
    this.#outbox.reconnected()
    this.#outcomes(this.#outbox.forgottenBy(this.#replica.ops))
    this.#following.welcomed(claim, frame.head)
    this.#becomeLive(claim)
  }

  #resume(frame: BodyOf<'welcome'>): void {
    this.#deliver(this.#log.untold)
    this.#reset(this.#log.resume(frame))
  }

  /** The host must hear of that log: greet it again. */
  #goBackTo(former: FormerCopy, claim: Claim): void {
    this.#reset(this.#log.goBackTo(former, claim))
    this.#following.greetAgain(claim)
  }

  /** The host knows how far this peer is: by the next hello, or by its own welcome. */
  #reset(reset: Reset | null): void {
    if (reset === null) return
    this.#outputs.push(reset)
    this.#reports.known(this.#told.index)
  }

  #becomeLive(claim: Claim): void {
    if (!this.#following.reached(this.#told.index)) return
    this.#told.live()
    this.#outputs.push({ type: 'live', claim })
    this.#report()
    this.#askReplays()
    this.#pump()
    if (this.#wantsStreams) this.#log.writer.awaitStreams()
    if (this.arrival.isOver) this.#fetchStreams()
    else if (!this.#replays.isAsking) this.#arrived()
  }

  #arrived(): void {
    if (this.arrival.isOver) return
    this.arrival.isOver = true
    if (this.isLive) this.#fetchStreams()
  }

  #fetchStreams(): void {
    const { host } = this.#following
    if (host !== null && this.#wantsStreams) this.#send(this.#streams.start(host))
  }

  get #wantsStreams(): boolean {
    if (this.#log.isReleased || !this.#holdsStreams || this.#streams.isUnderWay) return false
    return !this.#replica.complete || without(this.#replica.lacks, this.#log.roomLacks).length > 0
  }

  // --- live ---

  #entriesCame({ entries, stable }: BodyOf<'entries'>): void {
    const { claim, isWelcomed } = this.#following
    if (claim === null || !isWelcomed) return
    this.#deliver(this.#accepted(entries))
    if (stable > this.#told.stable || entries.length > 0) {
      this.#told.stableUpTo(stable)
      this.#outcomes(this.#outbox.stable(stable))
    }
    this.#becomeLive(claim)
    this.#reportIfDue()
    this.#pump()
  }

  /** Who is here, by the host's roster. */
  here(peers: readonly PeerId[]): SessionOutput[] {
    this.#outbox.here(peers)
    this.#pump()
    return this.#drain()
  }

  /** Messages of this peer's own have their places. */
  #takenCame(taken: BodyOf<'taken'>): void {
    if (!this.#following.isWelcomed) return
    const entries = this.#outbox.entriesOf(taken)
    if (entries !== null)
      return this.#entriesCame({ type: 'entries', stable: taken.stable, entries })
    this.#misbehaved(`op ${taken.opId} is not one that waits`)
  }

  /** The entries that are new to the app, up to the first that cannot come next. */
  #accepted(entries: readonly Entry[]): Entry[] {
    const accepted: Entry[] = []
    let last = this.#told.index
    for (const entry of entries) {
      if (entry.index <= last) continue
      if (!this.#log.add(entry)) {
        this.#misbehaved(`entry ${entry.index} cannot follow ${this.#replica.lastIndex}`)
        break
      }
      this.#reports.received(entry)
      accepted.push(entry)
      last = entry.index
    }
    return accepted
  }

  #deliver(entries: readonly Entry[]): void {
    const messages: Delivery[] = []
    for (const entry of entries) {
      this.#told.advance(entry)
      this.#outcomes(this.#outbox.entryCame(entry))
      if (entry.type !== 'message') continue
      const { action, key, value, author } = entry.op
      if (this.#told.isReturning && action === 'relay') continue
      messages.push({ key, seq: entry.seq, value, author })
    }
    if (messages.length > 0) this.#outputs.push({ type: 'deliver', messages })
  }

  #partCame(part: BodyOf<'part'>): void {
    if (!this.#streams.isUnderWay) return
    const step = this.#streams.receive(part, this.#log.writer)
    switch (step.status) {
      case 'under way':
        return this.#send(step.answer)
      case 'done':
        return this.#report()
      case 'misled':
        return this.#misbehaved(step.what)
      case 'stale':
        return
    }
  }

  #reportIfDue(): void {
    const isStandby = this.#replica.inSync.includes(this.#self)
    if (this.#reports.isDue(this.#told.index, isStandby)) this.#report()
  }

  #report(): void {
    const { nonce, isWelcomed } = this.#following
    if (!isWelcomed) return
    const { index } = this.#told
    const { complete } = this.#replica
    this.#reports.known(index)
    this.#send({ type: 'report', nonce, index, complete, visible: this.#visible })
  }

  #replayed({ request, items, last }: BodyOf<'replayed'>): void {
    const answered = this.#replays.answered(request, items, last)
    for (const replayed of answered) this.#outputs.push({ type: 'replayed', ...replayed })
    this.#askReplays()
    if (answered.length > 0) this.#arrived()
  }

  #repeated({ repeats }: BodyOf<'repeated'>): void {
    for (const { author, opId, index, seq, code } of repeats) {
      const known = index === NO_INDEX ? 'receipt-unknown' : code
      this.#outcomes(this.#outbox.placed(author, opId, { index, seq, code: known }))
    }
    this.#outcomes(this.#outbox.stable(this.#told.stable))
    this.#pump() // what was known already makes room in the window
  }

  // --- submit and ask ---

  /** Nothing is submitted until the host has brought this peer up to date. */
  #pump(): void {
    const { nonce, isLive } = this.#following
    if (!isLive) return
    const { floor } = this.#outbox
    for (let ops = this.#outbox.next(); ops.length > 0; ops = this.#outbox.next())
      this.#send({ type: 'submit', nonce, floor, ops })
  }

  #askReplays(): void {
    const { nonce, isLive } = this.#following
    if (!isLive) return
    const question = this.#replays.next()
    if (question !== null) this.#send({ type: 'replay', nonce, ...question })
  }

  #outcomes(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.#outputs.push({ type: 'outcome', outcome })
  }

  #misbehaved(what: string): void {
    const { host } = this.#following
    if (host !== null) this.#outputs.push({ type: 'misbehaved', peer: host, what })
  }

  #send(body: FrameBody): void {
    const { host } = this.#following
    if (host !== null) this.#outputs.push({ type: 'send', to: host, body })
  }

  #drain(): SessionOutput[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}
