// Owns what a host does, door by door: it begins its reign, welcomes, orders what is submitted, pauses, and hands the
// room over. Pure: frames and moments in, orders out. It keeps no copy of the room of its own: the peer's replica is
// the room.

import { HANDOVER_TIMEOUT_MS } from '../protocol/limits.ts'
import { NO_INDEX, type Claim, type Index, type PeerId } from '../protocol/ids.ts'
import { assert } from '../protocol/errors.ts'
import type { FrameBody, Position, Repeat } from '../protocol/frames.ts'
import { CopyBudget } from '../replica/copy-budget.ts'
import type { Replica } from '../replica/replica.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import type { Surplus } from '../replica/surplus.ts'
import type { Follower, Hello } from './follower.ts'
import { Followers } from './followers.ts'
import { HeldSubmits, type Submit } from './held-submits.ts'
import { LiveFlow } from './live-flow.ts'
import type { Licence } from './mandate.ts'
import { opsToMerge } from './merge.ts'
import { Ordering } from './ordering.ts'
import { Progress } from './progress.ts'
import { Stability } from './stability.ts'

export type HostOutput =
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly body: FrameBody }
  /** This peer is gone for good: its link can go too. */
  | { readonly type: 'dropped'; readonly peer: PeerId }

type Report = Extract<FrameBody, { type: 'report' }>
type Greeting = { readonly from: PeerId; readonly hello: Hello }

/** A peer's id, and two flags. */
const ROSTER_ITEM_BYTES = 25

export class HostRole {
  readonly claim: Claim
  readonly #self: PeerId
  readonly #replica: Replica
  readonly #followers: Followers
  readonly #ordering: Ordering
  readonly #stability: Stability
  readonly #flow: LiveFlow
  readonly #budget = new CopyBudget()
  /** What was submitted while nothing was ordered. */
  readonly #held = new HeldSubmits()
  #outputs: HostOutput[] = []
  /** Somebody came, went, or changed rank: everyone gets a new roster. */
  #rosterChanged = false
  /** Until when the successor may take over; null while none was asked to. */
  #handoverUntilMs: number | null = null
  /** What this host may do, as far as it knows. [EL5 EL6] */
  #licence: Licence

  /** `seniority`: the peers in the order in which they came, as the last roster had it. */
  constructor(
    self: PeerId,
    claim: Claim,
    writer: ReplicaWriter,
    seniority: readonly PeerId[],
    isRelayed?: (peer: PeerId) => boolean,
    licence: Licence = 'all',
  ) {
    const { replica } = writer
    assert(replica.complete, 'a host holds the streams')
    this.claim = claim
    this.#self = self
    this.#replica = replica
    this.#followers = new Followers(self, seniority, isRelayed)
    this.#ordering = new Ordering(replica, (author) => this.#followers.has(author))
    this.#stability = new Stability(replica, this.#followers)
    this.#licence = licence
    this.#stability.isFrozen = licence === 'nothing'
    this.#flow = new LiveFlow(writer, this.#followers, this.#stability, (to, body) =>
      this.#send(to, body),
    )
  }

  get licence(): Licence {
    return this.#licence
  }

  get #isPaused(): boolean {
    return this.#licence !== 'all'
  }

  /** When there is something to do without a frame: a long answer goes on at once, and what was held is ordered. */
  get deadlineMs(): number {
    const mayGoOn = this.#flow.answering !== null || (!this.#held.isEmpty && !this.#isHolding)
    return mayGoOn ? 0 : Infinity
  }

  /** The first standby, which could lead in this host's place. */
  get successor(): PeerId | null {
    return this.#replica.inSync[0] ?? null
  }

  /** How many followers may host and are here, fit for it by now or not. */
  get heirs(): number {
    return this.#followers.others.filter(({ canHost, pulse }) => canHost && !pulse.isDeparted)
      .length
  }

  /**
   * Begins the reign: its first entry comes before anything else is ordered, then what other branches had ordered.
   * Followers get all of this behind their welcome, and only there: before, they take no entries.
   */
  lead(hellos: readonly Greeting[], surpluses: readonly Surplus[], nowMs: number): HostOutput[] {
    for (const { from, hello } of hellos) this.#admit(from, hello, nowMs)
    const inSync = this.#stability.standbys()
    this.#flow.write({ type: 'reign', index: this.#nextIndex, claim: this.claim, inSync })
    for (const surplus of surpluses) this.#merge(surplus)
    for (const { from, hello } of hellos) this.#welcome(from, hello)
    for (const follower of this.#followers.all) this.#answer(follower, nowMs)
    return this.#endInput()
  }

  hello(from: PeerId, hello: Hello, nowMs: number): HostOutput[] {
    if (!this.#mayCopyFor(from, nowMs)) return [] // it greets again
    this.#admit(from, hello, nowMs)
    this.#budget.spend(from, this.#welcome(from, hello) + this.#rosterBytes, nowMs)
    this.#answer(this.#followers.get(from)!, nowMs)
    return this.#endInput()
  }

  /** A follower's frame other than hello. */
  receive(from: PeerId, frame: FrameBody, nowMs: number): HostOutput[] {
    const follower = this.#followers.get(from)
    if (follower === undefined) return []
    follower.pulse.heard(nowMs)
    if (frame.type === 'pong') follower.pulse.answered(frame.at)
    if ('nonce' in frame && frame.nonce !== follower.nonce) return []
    if (frame.type === 'replay') follower.asks(frame)
    if (frame.type === 'submit') this.#submit(follower, frame)
    if (frame.type === 'report') this.#reported(follower, frame, nowMs)
    if (follower.progress.mayResume) this.#flow.resume(follower)
    this.#answer(follower, nowMs)
    return this.#endInput()
  }

  /** A link closed, or the peer said goodbye. */
  left(peer: PeerId): HostOutput[] {
    this.#drop(peer)
    return this.#endInput()
  }

  /** Signaling lost a peer; it is asked for a sign of life. [SG4] */
  departed(peer: PeerId, nowMs: number): HostOutput[] {
    const follower = this.#followers.get(peer)
    if (follower === undefined) return []
    follower.pulse.departed(nowMs)
    this.#send([peer], { type: 'ping', at: nowMs })
    return this.#endInput()
  }

  /** Stops ordering and asks the first standby to lead; ops that come meanwhile are held. [MG1] */
  handOver(nowMs: number): HostOutput[] {
    const { successor } = this
    if (successor === null || this.#isHandingOver) return []
    while (this.#flow.answering !== null) this.#flow.goOnAnswering()
    this.#flow.flush()
    this.#handoverUntilMs = nowMs + HANDOVER_TIMEOUT_MS
    this.#send([successor], { type: 'handover', head: this.#replica.lastIndex })
    return this.#endInput()
  }

  /** Stops ordering, or goes on; what comes meanwhile is held, and everyone is told. */
  allow(licence: Licence): HostOutput[] {
    const wasPaused = this.#isPaused
    this.#licence = licence
    if (this.#isPaused !== wasPaused) this.#rosterChanged = true
    this.#stability.isFrozen = licence === 'nothing'
    this.#orderHeld()
    return this.#endInput()
  }

  ticked(nowMs: number): HostOutput[] {
    for (const follower of this.#followers.others) {
      if (follower.tick(nowMs) !== 'gone') continue
      this.#drop(follower.peer)
      this.#outputs.push({ type: 'dropped', peer: follower.peer })
    }
    this.#goOnAnswering(nowMs)
    for (const follower of this.#followers.all) this.#answer(follower, nowMs)
    // The successor did not take over in time: the host simply goes on.
    if (nowMs >= (this.#handoverUntilMs ?? Infinity)) this.#handoverUntilMs = null
    this.#orderHeld()
    return this.#endInput()
  }

  /** This page slept: nobody else was silent in that time. */
  woke(nowMs: number): void {
    for (const { pulse } of this.#followers.all) pulse.heard(nowMs)
  }

  // --- who follows ---

  #admit(peer: PeerId, hello: Hello, nowMs: number): void {
    this.#held.drop(peer)
    // Whoever cannot resume is to start over, streams and all.
    const isComplete = hello.complete && this.#flow.canResume(hello.position)
    const progress = new Progress(this.#commonWith(hello.position), isComplete)
    this.#followers.admit(peer, hello, progress, nowMs)
    this.#rosterChanged = true
  }

  /** How far a log that ends there is this one. */
  #commonWith(position: Position | null): Index {
    const end = position === null ? null : this.#replica.endOf(position.claim)
    if (position === null || end === null) return NO_INDEX
    return Math.min(position.index, end.index) as Index
  }

  /** Returns how many bytes were copied for it. */
  #welcome(peer: PeerId, hello: Hello): number {
    const follower = this.#followers.get(peer)!
    if (hello.replay !== null) follower.asks(hello.replay)
    return this.#flow.welcome(follower, hello.position)
  }

  /** Answers what a follower asked, in its turn. */
  #answer(follower: Follower, nowMs: number): void {
    const { peer, progress } = follower
    const isItsTurn = this.#flow.answering === null && this.#mayCopyFor(peer, nowMs)
    if (!follower.isAsking || !isItsTurn) return
    // Cut off, it would get what the answer shows once more.
    if (progress.isLive) this.#budget.spend(peer, this.#flow.answer(follower), nowMs)
  }

  /** A long answer goes on, some parts at a time. [LK14] */
  #goOnAnswering(nowMs: number): void {
    const { answering } = this.#flow
    if (answering !== null)
      this.#budget.spendMore(answering.peer, this.#flow.goOnAnswering(), nowMs)
  }

  /** The host's own page copies as it likes. */
  #mayCopyFor(peer: PeerId, nowMs: number): boolean {
    return peer === this.#self || this.#budget.allows(peer, nowMs)
  }

  #reported(follower: Follower, report: Report, nowMs: number): void {
    follower.progress.reported(report.index, report.complete)
    if (follower.isVisible === report.visible || !this.#mayCopyFor(follower.peer, nowMs)) return
    follower.isVisible = report.visible
    this.#rosterChanged = true
    this.#budget.spend(follower.peer, this.#rosterBytes, nowMs)
  }

  /** What it costs to tell everyone who is here. */
  get #rosterBytes(): number {
    return this.#followers.all.length ** 2 * ROSTER_ITEM_BYTES
  }

  #drop(peer: PeerId): void {
    this.#held.drop(peer)
    if (this.#followers.drop(peer)) this.#rosterChanged = true
  }

  // --- ordering ---

  get #isHandingOver(): boolean {
    return this.#handoverUntilMs !== null
  }

  get #isHolding(): boolean {
    return this.#isPaused || this.#isHandingOver
  }

  get #nextIndex(): Index {
    return (this.#replica.lastIndex + 1) as Index
  }

  #submit(follower: Follower, submit: Submit): void {
    const { peer, nonce } = follower
    // Told of a repeat, it would know more than its answer shows.
    const isAnswered = follower === this.#flow.answering
    if (this.#isHolding || isAnswered) return this.#held.add(peer, submit)
    const repeats: Repeat[] = []
    const gaps = new Set<PeerId>()
    for (const op of submit.ops) {
      const { author } = op
      if (gaps.has(author)) continue
      const standing = this.#ordering.standingOf(op, peer, submit.floor)
      switch (standing.type) {
        case 'next':
          this.#flow.append(this.#ordering.entryOf(op), peer)
          break
        case 'repeat':
          repeats.push(standing.repeat)
          break
        case 'gap':
          gaps.add(author)
          this.#send([peer], { type: 'gap', nonce, author, expected: standing.expected })
      }
    }
    if (repeats.length === 0) return
    this.#flow.flush()
    this.#send([peer], { type: 'repeated', nonce, repeats })
  }

  #orderHeld(): void {
    if (this.#isHolding) return
    for (const { from, submit } of this.#held.drain()) {
      const follower = this.#followers.get(from)
      if (follower?.nonce === submit.nonce) this.#submit(follower, submit)
    }
  }

  /** Orders what a branch that gave way had ordered. [MG5c] */
  #merge(surplus: Surplus): void {
    const { engine, ops } = this.#replica
    const isHere = (author: PeerId) => this.#followers.has(author)
    for (const op of opsToMerge({ engine, ops, isHere }, surplus))
      this.#flow.write(this.#ordering.entryOf(op))
  }

  // --- what goes out ---

  /** Ends every input: who is in sync, what is stable, who is here; then everything goes out. */
  #endInput(): HostOutput[] {
    this.#updateInSync()
    this.#stability.advance()
    this.#flow.end()
    if (this.#rosterChanged) this.#sendRoster()
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  /** Any change of who is in sync is itself an entry. */
  #updateInSync(): void {
    if (this.#isHandingOver) return // the successor confirms this very end of the log
    for (const { progress } of this.#followers.all) if (progress.lags) progress.cutOff()
    const inSync = this.#stability.newStandbys()
    if (inSync === null) return
    this.#flow.append({ type: 'in-sync', index: this.#nextIndex, inSync }, null)
    this.#rosterChanged = true
  }

  #sendRoster(): void {
    this.#rosterChanged = false
    const everyone = this.#followers.all.map(({ peer }) => peer)
    const roster = this.#followers.roster(this.#replica.inSync)
    this.#send(everyone, { type: 'roster', ...roster, paused: this.#isPaused })
  }

  #send(to: readonly PeerId[], body: FrameBody): void {
    this.#outputs.push({ type: 'send', to, body })
  }
}
