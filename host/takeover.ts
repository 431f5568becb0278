// Owns what a new host does between its grant and its reign: gather the positions of all it can reach, fetch
// what its own log lacks, choose the branch that goes on, and only then lead. Whoever dies meanwhile is passed
// over. [MG2 MG5]

import { BRANCH_WAIT_MS, FETCH_TIMEOUT_MS, POSITIONS_WAIT_MS } from '../protocol/limits.ts'
import { NO_INDEX, NO_SEQ, type Claim, type Index, type PeerId, type Seq } from '../protocol/ids.ts'
import type { Op } from '../protocol/entry.ts'
import type { FrameBody, ReignPlace, SeqRun } from '../protocol/frames.ts'
import { compareBranches, type Branch } from './branch.ts'
import { comparePositions, forkOf, isForgotten } from '../replica/history.ts'
import { opsOf, surplusAfter, type Surplus } from '../replica/surplus.ts'
import type { Hello } from './followers.ts'
import { endsOfState, type Piece, type Replica, type ReplicaState } from '../replica/replica.ts'
import { countOf, gainedFrom, without } from '../replica/runs.ts'
import type { Fetched } from '../replica/snapshot.ts'
import { Fetch } from '../replica/transfer.ts'
import { streamsOf } from '../replica/unite.ts'

export type TakeoverOutput =
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly body: FrameBody }
  /** Entries of this peer's own log that the adopted one does not have. */
  | { readonly type: 'set-aside'; readonly ops: readonly Op[] }
  /** The log is as long as it gets: lead. */
  | { readonly type: 'ready' }

type Step =
  | { readonly status: 'gathering'; readonly sinceMs: number }
  | {
      readonly status: 'fetching'
      readonly fetch: Fetch
      readonly whole: boolean
      deadlineMs: number
    }
  | { readonly status: 'ready' }

/** What a source turned out to hold after the fork from this log. */
type Found = {
  readonly fork: ReignPlace | null
  readonly branch: Branch
  readonly copy: ReplicaState | null
}

export class Takeover {
  readonly claim: Claim
  readonly #replica: Replica
  /** How far this log is known to be stable. */
  #stable: Index
  readonly #awaited: Set<PeerId>
  /** Of these a branch was met: without them this reign would be for nothing. */
  readonly #owed: ReadonlySet<PeerId>
  readonly #hellos = new Map<PeerId, Hello>()
  /** Sources that have given what they can, or did not answer. */
  readonly #spent = new Set<PeerId>()
  /** Sources that did not answer: what they hold may be lacking here, so they are met like branches, once they greet again. */
  readonly #silent = new Set<PeerId>()
  #surpluses: Surplus[] = []
  /** What was come by that may hold what the log that goes on lacks. */
  readonly #pieces: Piece[] = []
  /** A branch that is to go on, and is being fetched whole. */
  #chosen: Found | null = null
  #step: Step
  #requests = 0

  /** `reachable`: the peers with an open link at this moment; `owed`: those of them whose branch is to be joined. */
  constructor(
    claim: Claim,
    replica: Replica,
    stable: Index,
    reachable: Iterable<PeerId>,
    owed: Iterable<PeerId>,
    nowMs: number,
  ) {
    this.claim = claim
    this.#replica = replica
    this.#stable = stable
    this.#awaited = new Set(reachable)
    this.#owed = new Set(owed)
    this.#step = { status: 'gathering', sinceMs: nowMs }
  }

  /** All that asked to follow so far, to be welcomed once the reign begins. */
  get hellos(): { readonly from: PeerId; readonly hello: Hello }[] {
    return Array.from(this.#hellos, ([from, hello]) => ({ from, hello })).filter(
      ({ from }) => !this.#silent.has(from),
    )
  }

  /** What the branches that gave way had ordered since they left this log; those that are known from the fork on first, since a later op of an author makes up for no earlier one. */
  get surpluses(): readonly Surplus[] {
    const start = ({ entries }: Surplus) => entries[0]?.index ?? NO_INDEX
    return [...this.#surpluses].sort((a, b) => start(a) - start(b))
  }

  get deadlineMs(): number {
    switch (this.#step.status) {
      case 'gathering':
        return (
          this.#step.sinceMs +
          ([...this.#owed].some((peer) => this.#awaited.has(peer))
            ? BRANCH_WAIT_MS
            : POSITIONS_WAIT_MS)
        )
      case 'fetching':
        return this.#step.deadlineMs
      case 'ready':
        return Infinity
    }
  }

  hello(from: PeerId, hello: Hello, nowMs: number): TakeoverOutput[] {
    this.#hellos.set(from, hello)
    this.#awaited.delete(from)
    return this.#gathered(nowMs)
  }

  left(peer: PeerId, nowMs: number): TakeoverOutput[] {
    this.#hellos.delete(peer)
    this.#awaited.delete(peer)
    if (this.#step.status === 'fetching' && this.#step.fetch.source === peer)
      return this.#next(nowMs)
    return this.#gathered(nowMs)
  }

  ticked(nowMs: number): TakeoverOutput[] {
    if (nowMs < this.deadlineMs) return []
    if (this.#step.status === 'fetching') {
      const { source } = this.#step.fetch
      this.#spent.add(source)
      this.#silent.add(source)
    }
    return this.#next(nowMs)
  }

  /** A part of what was fetched. */
  part(from: PeerId, part: Extract<FrameBody, { type: 'part' }>, nowMs: number): TakeoverOutput[] {
    const step = this.#step
    if (
      step.status !== 'fetching' ||
      step.fetch.source !== from ||
      step.fetch.request !== part.request
    )
      return []
    step.deadlineMs = nowMs + FETCH_TIMEOUT_MS
    const taken = step.fetch.take(part)
    if (taken.ok && taken.value === null)
      return [
        {
          type: 'send',
          to: [from],
          body: { type: 'part-taken', request: part.request, number: part.number },
        },
      ]
    if (!taken.ok || taken.value === null) {
      this.#spent.add(from)
      return this.#next(nowMs)
    }
    return this.#came(from, taken.value, step.whole, nowMs)
  }

  #gathered(nowMs: number): TakeoverOutput[] {
    return this.#step.status === 'gathering' &&
      (this.#awaited.size === 0 || nowMs >= this.deadlineMs)
      ? this.#next(nowMs)
      : []
  }

  /** Fetches from the furthest peer that holds what this replica lacks; leads when there is none. */
  #next(nowMs: number): TakeoverOutput[] {
    const source = this.#bestSource()
    const { former } = this.#replica
    if (former !== null && (source === null || countOf(former.lacks) < countOf(source.hello.lacks)))
      return this.#makeDo(nowMs)
    // A replica without streams needs the whole, however far its log reaches.
    if (source !== null)
      return this.#fetch(
        source.peer,
        source.hello.complete && fills(source.hello, this.#replica, this.#lacks),
        nowMs,
      )
    if (!this.#replica.complete) return this.#makeDo(nowMs)
    for (const piece of this.#pieces) this.#replica.fill(piece)
    this.#step = { status: 'ready' }
    return [{ type: 'ready' }]
  }

  /** Nobody has the streams: on with what this peer can put together, and with what others have left. */
  #makeDo(nowMs: number): TakeoverOutput[] {
    this.#setBeside(this.#replica.former)
    const besides = this.#replica.makeDo()
    if (besides === null) return this.#next(nowMs)
    const ops = opsOf(besides.entries, this.#stable)
    this.#surpluses.push({ ...besides, stable: this.#stable })
    this.#stable = NO_INDEX
    return [{ type: 'set-aside', ops }, ...this.#next(nowMs)]
  }

  #fetch(source: PeerId, whole: boolean, nowMs: number): TakeoverOutput[] {
    const fetch = new Fetch(source, ++this.#requests)
    this.#step = { status: 'fetching', fetch, whole, deadlineMs: nowMs + FETCH_TIMEOUT_MS }
    return [
      {
        type: 'send',
        to: [source],
        body: {
          type: 'fetch',
          request: fetch.request,
          ends: whole ? [] : this.#replica.ends,
          lacks: whole ? [] : this.#lacks,
        },
      },
    ]
  }

  #bestSource(): { readonly peer: PeerId; readonly hello: Hello } | null {
    let best: { readonly peer: PeerId; readonly hello: Hello } | null = null
    const lacks = this.#lacks
    for (const [peer, hello] of this.#hellos) {
      if (this.#spent.has(peer) || peer === this.claim.host) continue
      if (
        !(
          fills(hello, this.#replica, lacks) ||
          isAhead(hello, this.#replica) ||
          isBranch(hello, this.#replica)
        )
      )
        continue
      if (best === null || comparePositions(hello.position, best.hello.position) > 0)
        best = { peer, hello }
    }
    return best
  }

  /** What the log that goes on will lack once all pieces are put in. */
  get #lacks(): readonly SeqRun[] {
    return this.#pieces.reduce(
      (left, { ends, streams }) =>
        without(left, gainedFrom(left, streams.lacks, this.#replica.forkSeq(ends))),
      this.#replica.lacks,
    )
  }

  /** A source has given what it was asked for. One that could not give all at once is asked again. */
  #came(from: PeerId, fetched: Fetched, wasWhole: boolean, nowMs: number): TakeoverOutput[] {
    const chosen = this.#chosen
    const lacked = countOf(this.#lacks)
    this.#chosen = null
    const hello = this.#hellos.get(from)
    const found =
      fetched.extent === 'nothing' ? null : this.#read(fetched, hello?.stable ?? NO_INDEX)
    const left = this.#lacks
    const hasMore =
      hello !== undefined && countOf(left) < lacked && canGive(hello, this.#replica, left)
    if (!hasMore) this.#spent.add(from)
    if (found === null || (chosen !== null && found.copy === null)) {
      if (chosen !== null) this.#keep(chosen) // it has no streams to go on with
      return this.#next(nowMs)
    }
    const forkIndex = found.fork?.index ?? NO_INDEX
    const own = this.#ownBranch(forkIndex, found.fork?.seq ?? NO_SEQ)
    const isParted = own !== null && forkIndex < own.position.index
    // Without the entries right after the fork no log can be continued with it.
    const [next] = found.copy === null ? found.branch.entries : []
    const isTorn = next !== undefined && next.index !== forkIndex + 1
    // A copy that lacks some of the streams never takes the place of what lacks less, not even where it goes on from there.
    const isPoorer =
      found.copy !== null && own !== null && countOf(found.copy.lacks) > countOf(own.lacks)
    // Nor can one that has no streams go on where this log has others.
    const isBare = found.copy === null && isParted && wasWhole
    const goesOn =
      isTorn ||
      isPoorer ||
      isBare ||
      (isParted &&
        (forkIndex === found.branch.position.index || compareBranches(own, found.branch) >= 0))
    if (goesOn && this.#keep(found)) return this.#next(nowMs)
    if (found.copy === null && isParted && !wasWhole) {
      this.#chosen = found
      return this.#fetch(from, true, nowMs)
    }
    return [...this.#adopt(found, own), ...this.#next(nowMs)]
  }

  /** Sets what was fetched beside this log. */
  #read(fetched: Exclude<Fetched, { extent: 'nothing' }>, stable: Index): Found | null {
    const copy = fetched.extent === 'whole' ? fetched.copy : null
    const ends = fetched.extent === 'whole' ? endsOfState(fetched.copy) : fetched.ends
    const last = ends.at(-1)
    if (last === undefined) return null
    const fork = forkOf(this.#replica.ends, ends)
    const forkIndex = fork?.index ?? NO_INDEX
    if (fetched.extent === 'whole') {
      const { engine, lacks } = fetched.copy
      if (engine !== null && lacks.length + this.#replica.lacks.length > 0)
        this.#pieces.push({ ends, streams: { engine, lacks } })
    } else if (this.#replica.lacks.length > 0) {
      // What was folded after the fork is the branch's own.
      this.#pieces.push({
        ends,
        streams: streamsOf(
          fetched.entries.filter(({ index }) => index <= forkIndex),
          last.seq,
        ),
      })
    }
    const entries =
      fetched.extent === 'whole'
        ? surplusAfter(fetched.copy.log, fetched.copy.engine, forkIndex, fork?.seq ?? NO_SEQ)
        : fetched.entries.filter(({ index }) => index > forkIndex)
    const { inSync, lacks } = fetched.extent === 'whole' ? fetched.copy : fetched
    return {
      fork,
      copy,
      branch: {
        position: { claim: last.claim, index: last.index },
        entries,
        stable,
        host: (fork ?? ends[0]!).claim.host,
        lacks,
        inSync,
      },
    }
  }

  /** What this log holds after the fork; null for an empty log. */
  #ownBranch(fork: Index, forkSeq: Seq): Branch | null {
    const { position, log, engine, inSync, ends, lacks } = this.#replica
    if (position === null) return null
    const host = (ends.findLast(({ index }) => index <= fork) ?? ends[0]!).claim.host
    return {
      position,
      entries: surplusAfter(log, engine, fork, forkSeq),
      stable: this.#stable,
      host,
      lacks,
      inSync,
    }
  }

  /**
   * The other branch gives way: what it ordered is merged when the reign begins. Where only its streams were lacking,
   * they are taken; false when they do not reach up to what this log still has.
   */
  #keep({ fork, branch, copy }: Found): boolean {
    const end =
      copy === null || countOf(copy.lacks) >= countOf(this.#replica.lacks)
        ? null
        : this.#replica.endOf(branch.position.claim)
    if (copy !== null && end !== null && branch.position.index <= end.index) {
      this.#setBeside(copy)
      if (!this.#replica.adopt(copy)) return false
    }
    if (branch.entries.length > 0 && fork?.index !== branch.position.index)
      this.#surpluses.push({
        entries: branch.entries,
        stable: branch.stable,
        forkSeq: fork?.seq ?? NO_SEQ,
      })
    return true
  }

  /** Streams take the place of this log's own: what these hold of theirs that they lack is not lost. */
  #setBeside(copy: ReplicaState | null): void {
    if (copy !== null && copy.lacks.length > 0) this.#pieces.push(...this.#replica.pieces)
  }

  /** The other branch goes on: this log continues it, or gives way in turn. */
  #adopt({ fork, branch, copy }: Found, own: Branch | null): TakeoverOutput[] {
    const forkIndex = fork?.index ?? NO_INDEX
    const forkSeq = fork?.seq ?? NO_SEQ
    const surplus: Surplus | null =
      own === null || own.position.index <= forkIndex
        ? null
        : { entries: own.entries, stable: this.#stable, forkSeq }
    if (copy === null) {
      this.#stable = Math.max(branch.stable, Math.min(this.#stable, forkIndex)) as Index
      for (const entry of branch.entries)
        if (this.#replica.accepts(entry)) this.#replica.append(entry)
      return []
    }
    this.#setBeside(copy)
    const given = [this.#replica.formerSurplus(endsOfState(copy)), surplus].filter(
      (gone) => gone !== null,
    )
    this.#replica.startOver(NO_INDEX, copy.lastSeq, [], [], this.#stable)
    this.#replica.adopt(copy)
    this.#stable = Math.max(branch.stable, Math.min(this.#stable, forkIndex)) as Index
    // What others had set beside the log that gives way left the adopted one no later than that log did.
    this.#surpluses = [
      ...this.#surpluses.map((other) => ({
        ...other,
        forkSeq: Math.min(other.forkSeq, forkSeq) as Seq,
      })),
      ...given,
    ]
    return given.map(({ entries, stable }) => ({ type: 'set-aside', ops: opsOf(entries, stable) }))
  }
}

/** Whether a peer's log is further than this one by its position alone. */
function isAhead(hello: Hello, replica: Replica): boolean {
  return comparePositions(hello.position, replica.position) > 0
}

/** Whether a peer has the streams that this replica has not, or messages that its streams lack and could take in. */
export function fills(hello: Hello, replica: Replica, lacked = replica.lacks): boolean {
  if (hello.position === null) return false
  if (hello.complete && !replica.complete) return true
  return (
    canGive(hello, replica, lacked) &&
    (!replica.complete || replica.mayBeFilled || lacksLess(hello, replica))
  )
}

/** Whether a peer holds some of these messages of this replica's log, as far as one can tell. */
function canGive(
  { position, headSeq, lacks }: Hello,
  replica: Replica,
  lacked: readonly SeqRun[],
): boolean {
  const end = position === null ? null : replica.endOf(position.claim)
  return gainedFrom(lacked, lacks, Math.min(headSeq, end?.seq ?? headSeq) as Seq).length > 0
}

/** Whether what a peer can give had better take the place of this replica's streams. */
export function lacksLess({ lacks }: Hello, replica: Replica): boolean {
  return countOf(lacks) < countOf(replica.lacks)
}

/** Whether a peer holds what was stable elsewhere and is not in this log: a branch met. [MG5] */
export function isBranch({ position, stable }: Hello, replica: Replica): boolean {
  if (position === null) return false
  const end = replica.endOf(position.claim)
  if (end !== null) return position.index > end.index && stable > end.index
  return stable > NO_INDEX && !isForgotten(position.claim, replica.history.reigns)
}
