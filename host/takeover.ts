// Owns the steps of a new host between its grant and its reign: gather the positions of all it can
// reach, fetch what its log lacks, put the log together, lead. Which log goes on is weighed
// elsewhere. [MG2 MG5]

import { FETCH_TIMEOUT_MS } from '../protocol/limits.ts'
import { NO_INDEX, type Claim, type Index, type PeerId, type Seq } from '../protocol/ids.ts'
import type { Op } from '../protocol/entry.ts'
import type { FrameBody, ReignPlace, SeqRun } from '../protocol/frames.ts'
import type { Branch } from './branch.ts'
import type { Hello } from './follower.ts'
import { foundIn, indexOf, ownBranch, seqOf, type Found } from './found.ts'
import { Greeters, type Source } from './greeters.ts'
import { canFill, canGive } from './offers.ts'
import { NO_MOMENTS, opsOf, type Moments, type Surplus } from '../replica/surplus.ts'
import type { FormerCopy } from '../replica/former-copy.ts'
import type { Replica } from '../replica/replica.ts'
import type { ReplicaWriter } from '../replica/replica-writer.ts'
import { endsOfState, type Piece, type ReplicaState } from '../replica/replica-state.ts'
import { countOf, gainedFrom, without } from '../replica/runs.ts'
import type { Fetched } from '../replica/snapshot-reader.ts'
import { Fetch } from '../replica/transfer.ts'
import { theirsEndsAtFork, weigh, type Asked } from './weigh.ts'

type PartFrame = Extract<FrameBody, { type: 'part' }>

export type TakeoverOutput =
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly body: FrameBody }
  /** Entries of this peer's own log that the adopted one does not have. */
  | { readonly type: 'set-aside'; readonly ops: readonly Op[] }
  /** The log is as long as it gets: lead. */
  | { readonly type: 'ready' }

type Fetching = {
  readonly status: 'fetching'
  readonly fetch: Fetch
  readonly asked: Asked
  /** The branch of this source that is to go on: the source is asked for its whole copy. */
  readonly chosen: Found | null
  deadlineMs: number
}

type Step =
  | { readonly status: 'gathering'; readonly sinceMs: number }
  | Fetching
  | { readonly status: 'ready' }

export class Takeover {
  readonly claim: Claim
  readonly #writer: ReplicaWriter
  readonly #replica: Replica
  readonly #greeters: Greeters
  /** Of this log. */
  #moments: Moments
  #surpluses: Surplus[] = []
  /** Messages of other copies, to be put in where the log that goes on lacks them. */
  readonly #pieces: Piece[] = []
  #step: Step
  #requests = 0

  /** `reachable`: the peers with an open link. `branchPeers`: whose branch is to be joined. */
  constructor(
    claim: Claim,
    writer: ReplicaWriter,
    moments: Moments,
    reachable: Iterable<PeerId>,
    branchPeers: Iterable<PeerId>,
    nowMs: number,
  ) {
    this.claim = claim
    this.#writer = writer
    this.#replica = writer.replica
    this.#moments = { stable: moments.stable, past: moments.past }
    this.#greeters = new Greeters(reachable, branchPeers)
    this.#step = { status: 'gathering', sinceMs: nowMs }
  }

  /** All that asked to follow so far, to be welcomed once the reign begins. */
  get hellos(): { readonly from: PeerId; readonly hello: Hello }[] {
    return this.#greeters.welcome
  }

  /**
   * What the logs that gave way had ordered since they left this one. Those known from the fork on
   * come first: a later op of an author makes up for no earlier one.
   */
  get surpluses(): readonly Surplus[] {
    const start = ({ entries }: Surplus) => entries[0]?.index ?? NO_INDEX
    return [...this.#surpluses].sort((a, b) => start(a) - start(b))
  }

  get deadlineMs(): number {
    switch (this.#step.status) {
      case 'gathering':
        return this.#step.sinceMs + this.#greeters.waitMs
      case 'fetching':
        return this.#step.deadlineMs
      case 'ready':
        return Infinity
    }
  }

  hello(from: PeerId, hello: Hello, nowMs: number): TakeoverOutput[] {
    this.#greeters.greeted(from, hello)
    return this.#gathered(nowMs)
  }

  left(peer: PeerId, nowMs: number): TakeoverOutput[] {
    this.#greeters.left(peer)
    const step = this.#step
    const wasSource = step.status === 'fetching' && step.fetch.source === peer
    return wasSource ? this.#goOnWithout(step, nowMs) : this.#gathered(nowMs)
  }

  ticked(nowMs: number): TakeoverOutput[] {
    if (nowMs < this.deadlineMs) return []
    const step = this.#step
    if (step.status !== 'fetching') return this.#next(nowMs)
    this.#greeters.silent(step.fetch.source)
    return this.#goOnWithout(step, nowMs)
  }

  /** A part of what was fetched. */
  part(from: PeerId, part: PartFrame, nowMs: number): TakeoverOutput[] {
    const step = this.#step
    if (step.status !== 'fetching') return []
    const { source, request } = step.fetch
    if (source !== from || request !== part.request) return []
    step.deadlineMs = nowMs + FETCH_TIMEOUT_MS
    const added = step.fetch.add(part)
    if (!added.ok) {
      this.#greeters.exhausted(from)
      return this.#goOnWithout(step, nowMs)
    }
    if (added.value !== null) return this.#came(added.value, step, nowMs)
    const body = { type: 'part-taken', request, number: part.number } as const
    return [{ type: 'send', to: [from], body }]
  }

  /** The source gives nothing more: the branch that it gave is merged. [MG2b] */
  #goOnWithout({ chosen }: Fetching, nowMs: number): TakeoverOutput[] {
    if (chosen !== null) this.#keepSurplus(chosen)
    return this.#next(nowMs)
  }

  #gathered(nowMs: number): TakeoverOutput[] {
    if (this.#step.status !== 'gathering') return []
    const isOver = this.#greeters.areAllHere || nowMs >= this.deadlineMs
    return isOver ? this.#next(nowMs) : []
  }

  /** Fetches from the furthest peer that has something to give; leads when there is none. */
  #next(nowMs: number): TakeoverOutput[] {
    const source = this.#greeters.bestSource(this.claim.host, this.#replica, this.#lacks)
    const { former } = this.#replica
    if (former !== null && (source === null || lacksMore(source, former)))
      return this.#goBackTo(former, nowMs)
    if (source !== null) return this.#fetch(source.peer, this.#toAsk(source), null, nowMs)
    if (!this.#replica.complete) {
      this.#writer.makeStreams()
      return this.#next(nowMs)
    }
    for (const piece of this.#pieces) this.#writer.fill(piece)
    this.#step = { status: 'ready' }
    return [{ type: 'ready' }]
  }

  /** A replica without streams needs the whole, however far its log reaches. */
  #toAsk({ hello }: Source): Asked {
    const givesStreams = hello.complete && canFill(hello, this.#replica, this.#lacks)
    return givesStreams ? 'all' : 'what follows'
  }

  /** Nobody has more of the streams: back to the copy that this peer gave up. [EL5c] */
  #goBackTo(former: FormerCopy, nowMs: number): TakeoverOutput[] {
    this.#keepPiecesBeside(former.state)
    const { entries, forkSeq } = this.#writer.goBackTo(former)
    const ops = opsOf(entries, this.#moments)
    this.#leftAt(forkSeq, [{ entries, forkSeq, ...this.#moments }])
    this.#moments = { stable: NO_INDEX, past: former.past }
    return [{ type: 'set-aside', ops }, ...this.#next(nowMs)]
  }

  #fetch(source: PeerId, asked: Asked, chosen: Found | null, nowMs: number): TakeoverOutput[] {
    this.#requests++
    const fetch = new Fetch(source, this.#requests)
    this.#step = { status: 'fetching', fetch, asked, chosen, deadlineMs: nowMs + FETCH_TIMEOUT_MS }
    const since =
      asked === 'all' ? { ends: [], lacks: [] } : { ends: this.#replica.ends, lacks: this.#lacks }
    const body = { type: 'fetch', request: fetch.request, ...since } as const
    return [{ type: 'send', to: [source], body }]
  }

  /** What the log that goes on will lack once all pieces are put in. */
  get #lacks(): readonly SeqRun[] {
    return this.#pieces.reduce(
      (left, { ends, streams }) =>
        without(left, gainedFrom(left, streams.lacks, this.#replica.forkSeq(ends))),
      this.#replica.lacks,
    )
  }

  /** A source has given what it was asked for. */
  #came(fetched: Fetched, step: Fetching, nowMs: number): TakeoverOutput[] {
    const { asked, chosen } = step
    const from = step.fetch.source
    const found = this.#read(from, fetched)
    const cameWhole = found !== null && found.copy !== null
    // A chosen branch without streams cannot go on.
    if (chosen !== null && !cameWhole) return this.#goOnWithout(step, nowMs)
    if (found === null) return this.#next(nowMs)
    const own = ownBranch(this.#replica, found.fork, this.#moments)
    switch (weigh(own, found, asked)) {
      case 'ours goes on':
        this.#keepSurplus(found)
        return this.#next(nowMs)
      case 'ours goes on with its streams':
        this.#goOnWithStreams(found)
        return this.#next(nowMs)
      case 'ask for all of it':
        return this.#fetch(from, 'all', found, nowMs)
      case 'theirs goes on':
        return [...this.#goOnWith(found, own), ...this.#next(nowMs)]
    }
  }

  /** A source that could not give all at once is asked again. */
  #read(from: PeerId, fetched: Fetched): Found | null {
    const lackedBefore = countOf(this.#lacks)
    const hello = this.#greeters.helloOf(from)
    const found = foundIn(fetched, hello ?? NO_MOMENTS, this.#replica)
    if (found !== null && found.piece !== null) this.#pieces.push(found.piece)
    const lacks = this.#lacks
    const gaveSome = countOf(lacks) < lackedBefore
    const hasMore = gaveSome && hello !== undefined && canGive(hello, this.#replica, lacks)
    if (!hasMore) this.#greeters.exhausted(from)
    return found
  }

  /** The other log gives way: what it ordered is merged when the reign begins. */
  #keepSurplus(found: Found): void {
    const { fork, branch, copy } = found
    const { entries, stable, past } = branch
    if (entries.length === 0 || theirsEndsAtFork(found)) return
    this.#surpluses.push({ entries, stable, past, forkSeq: seqOf(fork), ...takenBy(copy) })
  }

  /** The copy is an earlier end of this log. */
  #goOnWithStreams({ copy }: Found): void {
    if (copy === null) return
    this.#keepPiecesBeside(copy)
    this.#writer.adopt(copy)
  }

  /** Other streams take the place of its own: what they lack of these is put in later. */
  #keepPiecesBeside(copy: ReplicaState): void {
    if (copy.lacks.length > 0) this.#pieces.push(...this.#replica.pieces)
  }

  /** The other log goes on: it continues this one, or takes its place. */
  #goOnWith({ fork, branch, copy }: Found, own: Branch | null): TakeoverOutput[] {
    const moments = {
      stable: Math.max(branch.stable, Math.min(this.#moments.stable, indexOf(fork))) as Index,
      past: Math.max(branch.past, Math.min(this.#moments.past, indexOf(fork))) as Index,
    }
    const left = copy === null ? this.#append(branch) : this.#become(copy, own, fork)
    this.#moments = moments
    return left.map((surplus) => ({ type: 'set-aside', ops: opsOf(surplus.entries, surplus) }))
  }

  /** Nothing of this log is left behind. */
  #append({ entries }: Branch): readonly Surplus[] {
    for (const entry of entries) if (this.#replica.accepts(entry)) this.#writer.append(entry)
    return []
  }

  /** Answers what this peer held that the copy does not, in its log and in its former copy. */
  #become(copy: ReplicaState, own: Branch | null, fork: ReignPlace | null): readonly Surplus[] {
    this.#keepPiecesBeside(copy)
    const forkSeq = seqOf(fork)
    const { former, ops } = this.#replica
    const left = former === null ? [] : [former.surplusBeyond(endsOfState(copy))]
    if (own !== null && own.position.index > indexOf(fork))
      left.push({ entries: own.entries, ...this.#moments, forkSeq, taken: ops })
    this.#writer.become(copy)
    this.#leftAt(forkSeq, left)
    return left
  }

  /** This log gave way, and `left` is of it: other branches left the new one no later than it did. */
  #leftAt(forkSeq: Seq, left: readonly Surplus[]): void {
    const others = this.#surpluses.map((other) => ({
      ...other,
      forkSeq: Math.min(other.forkSeq, forkSeq) as Seq,
    }))
    this.#surpluses = [...others, ...left]
  }
}

function takenBy(copy: ReplicaState | null): Pick<Surplus, 'taken'> {
  return copy === null ? {} : { taken: copy.ops }
}

function lacksMore({ hello }: Source, former: FormerCopy): boolean {
  return countOf(former.lacks) < countOf(hello.lacks)
}
