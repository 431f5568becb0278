// Owns what a new host does between its grant and its reign: gather the positions of all it can reach, fetch
// what is further than its own log, and only then lead. Whoever dies meanwhile is passed over. [MG2]

import { FETCH_TIMEOUT_MS, POSITIONS_WAIT_MS } from '../protocol/limits.ts'
import { NO_INDEX, type Claim, type PeerId } from '../protocol/ids.ts'
import type { Entry, Op } from '../protocol/entry.ts'
import type { FrameBody } from '../protocol/frames.ts'
import { comparePositions } from './history.ts'
import type { Hello } from './followers.ts'
import type { Replica } from './replica.ts'
import type { Fetched } from './snapshot.ts'
import { Fetch } from './transfer.ts'

export type TakeoverOutput =
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly body: FrameBody }
  /** Entries of this peer's own log that the adopted one does not have. */
  | { readonly type: 'set-aside'; readonly ops: readonly Op[] }
  /** The log is as long as it gets: lead. */
  | { readonly type: 'ready' }

type Step =
  | { readonly status: 'gathering'; readonly deadlineMs: number }
  | { readonly status: 'fetching'; readonly fetch: Fetch; deadlineMs: number }
  | { readonly status: 'ready' }

export class Takeover {
  readonly claim: Claim
  readonly #replica: Replica
  readonly #awaited: Set<PeerId>
  readonly #hellos = new Map<PeerId, Hello>()
  /** Sources that had nothing to give or did not answer. */
  readonly #spent = new Set<PeerId>()
  #step: Step
  #requests = 0

  /** `reachable`: the peers with an open link at this moment. */
  constructor(claim: Claim, replica: Replica, reachable: Iterable<PeerId>, nowMs: number) {
    this.claim = claim
    this.#replica = replica
    this.#awaited = new Set(reachable)
    this.#step = { status: 'gathering', deadlineMs: nowMs + POSITIONS_WAIT_MS }
  }

  /** All that asked to follow so far, to be welcomed once the reign begins. */
  get hellos(): { readonly from: PeerId; readonly hello: Hello }[] {
    return Array.from(this.#hellos, ([from, hello]) => ({ from, hello }))
  }

  get deadlineMs(): number {
    return this.#step.status === 'ready' ? Infinity : this.#step.deadlineMs
  }

  hello(from: PeerId, hello: Hello, nowMs: number): TakeoverOutput[] {
    this.#hellos.set(from, hello)
    this.#awaited.delete(from)
    return this.#gathered(nowMs)
  }

  left(peer: PeerId, nowMs: number): TakeoverOutput[] {
    this.#hellos.delete(peer)
    this.#awaited.delete(peer)
    if (this.#step.status === 'fetching' && this.#step.fetch.source === peer) return this.#next(nowMs)
    return this.#gathered(nowMs)
  }

  ticked(nowMs: number): TakeoverOutput[] {
    if (nowMs < this.deadlineMs) return []
    if (this.#step.status === 'fetching') this.#spent.add(this.#step.fetch.source)
    return this.#next(nowMs)
  }

  /** A part of what was fetched. */
  part(from: PeerId, part: Extract<FrameBody, { type: 'part' }>, nowMs: number): TakeoverOutput[] {
    const step = this.#step
    if (step.status !== 'fetching' || step.fetch.source !== from || step.fetch.request !== part.request) return []
    step.deadlineMs = nowMs + FETCH_TIMEOUT_MS
    const taken = step.fetch.take(part)
    if (taken.ok && taken.value === null) return [{ type: 'send', to: [from], body: { type: 'part-taken', request: part.request, number: part.number } }]
    this.#spent.add(from)
    const outputs = taken.ok && taken.value !== null ? this.#adopt(taken.value) : []
    return [...outputs, ...this.#next(nowMs)]
  }

  #gathered(nowMs: number): TakeoverOutput[] {
    return this.#step.status === 'gathering' && this.#awaited.size === 0 ? this.#next(nowMs) : []
  }

  /** Fetches from the furthest peer that is ahead of this replica; leads when there is none. */
  #next(nowMs: number): TakeoverOutput[] {
    const source = this.#bestSource()
    if (source !== null) {
      const fetch = new Fetch(source, ++this.#requests)
      this.#step = { status: 'fetching', fetch, deadlineMs: nowMs + FETCH_TIMEOUT_MS }
      // A replica without streams needs the whole, however far its log reaches.
      const position = this.#replica.complete ? this.#replica.position : null
      return [{ type: 'send', to: [source], body: { type: 'fetch', request: fetch.request, position } }]
    }
    if (!this.#replica.complete) this.#replica.completeFromTail()
    this.#step = { status: 'ready' }
    return [{ type: 'ready' }]
  }

  #bestSource(): PeerId | null {
    let best: Hello | null = null
    let source: PeerId | null = null
    for (const [peer, hello] of this.#hellos) {
      if (this.#spent.has(peer)) continue
      const ahead = comparePositions(hello.position, this.#replica.position) > 0
      const fills = !this.#replica.complete && hello.complete
      if (!(ahead || fills) || (!this.#replica.complete && !hello.complete)) continue
      if (best !== null && comparePositions(hello.position, best.position) <= 0) continue
      best = hello
      source = peer
    }
    return source
  }

  #adopt(fetched: Fetched): TakeoverOutput[] {
    if (fetched.extent === 'tail') {
      for (const entry of fetched.entries) if (this.#replica.accepts(entry)) this.#replica.append(entry)
      return []
    }
    if (fetched.extent === 'nothing') return []
    const { copy } = fetched
    const own = this.#replica.position
    const copyEnds = copy.history.latest
    const isAhead = copyEnds !== null && comparePositions({ claim: copyEnds, index: copy.log.last }, own) >= 0
    if (!isAhead) {
      // Only the streams were lacking. They fit if the copy's end is a place in this very log.
      const end = copyEnds === null ? { index: NO_INDEX } : this.#replica.endOf(copyEnds)
      if (end !== null && copy.log.last <= end.index) this.#replica.adopt(copy)
      return []
    }
    const common = own === null ? NO_INDEX : Math.min(own.index, copy.history.endOf(own.claim, copy.log.last, copy.lastSeq)?.index ?? NO_INDEX)
    const surplus = this.#replica.log.after(common as typeof NO_INDEX)
    this.#replica.startOver(NO_INDEX, copy.lastSeq, [])
    this.#replica.adopt(copy)
    return [{ type: 'set-aside', ops: opsOf(surplus) }]
  }
}

/** What peers had submitted among these entries; what was refused keeps its number. */
export function opsOf(entries: readonly Entry[]): Op[] {
  return entries.flatMap((entry): Op[] => {
    if (entry.type === 'refusal') return [{ action: 'void', author: entry.author, opId: entry.opId, code: entry.code }]
    return 'op' in entry ? [entry.op] : []
  })
}
