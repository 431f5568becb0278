// Owns what this peer has promised to get into the room: its own ops until they are stable, and ops of a
// log it had to leave until they are back in the log. It decides what to submit next, and in which order.
// [MG3 MG4 MG6]

import {
  FRAME_OPS_MAX,
  OUTBOX_BYTES_MAX,
  OUTBOX_OPS_MAX,
  WINDOW_BYTES_MAX,
  WINDOW_OPS_MAX,
} from '../protocol/limits.ts'
import {
  NO_INDEX,
  NO_OP,
  NO_SEQ,
  type Claim,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
} from '../protocol/ids.ts'
import {
  originOf,
  payloadBytes,
  type CompactOp,
  type Entry,
  type MessageAction,
  type MessageOp,
  type Op,
  type RefusalCode,
} from '../protocol/entry.ts'

/** What became of an own op: told once, and once more where the room had to break its word. */
export type Outcome =
  | { readonly type: 'settled'; readonly opId: OpId; readonly seq: Seq }
  | {
      readonly type: 'refused'
      readonly opId: OpId
      readonly code: RefusalCode | 'receipt-unknown'
    }
  /** It had its receipt; then the log was cut back, and the room could not take it again. */
  | { readonly type: 'conflict'; readonly op: MessageOp | CompactOp; readonly code: RefusalCode }

/** One operation of this page's app. */
export type Submitted =
  | {
      readonly type: 'submitted'
      readonly action: MessageAction
      readonly key: string
      readonly value: Uint8Array
    }
  | {
      readonly type: 'compacted'
      readonly key: string
      readonly seq: Seq
      readonly value: Uint8Array
    }

export type Durability = 'standby' | 'host'

/** Where an op stands in the log, as its entry or the host's repeat told. */
export type Place = {
  readonly index: Index
  readonly seq: Seq
  readonly code: RefusalCode | 'receipt-unknown' | null
}

/**
 * `told`: the outcome that the app has heard. `awaitsOthers`: the host lacks earlier ops of the same author; it is
 * submitted again when one of those has come.
 */
type Item = {
  readonly op: Op
  place: Place | null
  sent: boolean
  told: 'nothing' | 'settled' | 'refused'
  awaitsOthers: boolean
}

/** Refusals that are remembered, in case that a branch comes back which had taken the op. */
const REFUSALS_KEPT_MAX = 1_024

export class Outbox {
  readonly #self: PeerId
  readonly #durability: Durability
  #lastOpId = NO_OP
  /** Own ops in order; the first is the oldest that is not stable. */
  #own: Item[] = []
  /** Everything in `#own` before this place has been submitted on this connection, or needs not be. */
  #unsent = 0
  /** Taken out of a log that did not become the room's; submitted before anything of our own. */
  #setAside: Item[] = []
  /** Own ops of which the app was told that the room does not take them: they are over, whatever branch they come back with. */
  readonly #over = new Map<OpId, RefusalCode>()
  #bytes = 0
  #onTheWayOps = 0
  #onTheWayBytes = 0

  constructor(self: PeerId, durability: Durability) {
    this.#self = self
    this.#durability = durability
  }

  /** Own ops without a final outcome. */
  get pending(): number {
    return this.#own.length
  }

  /** Ops of a log that was left, of which the room has not said yet what became of them. */
  get aside(): number {
    return this.#setAside.length
  }

  get isFull(): boolean {
    return this.#own.length >= OUTBOX_OPS_MAX || this.#bytes >= OUTBOX_BYTES_MAX
  }

  /** The number that the next own op gets. */
  get nextOpId(): OpId {
    return (this.#lastOpId + 1) as OpId
  }

  /** The lowest own op that can still be supplied. */
  get floor(): OpId {
    const aside = this.#setAside.find((item) => item.op.author === this.#self)
    return aside?.op.opId ?? this.#own[0]?.op.opId ?? this.nextOpId
  }

  /** What was submitted here, as an op; `basis`: the reign by whose numbers a compaction counts. */
  opOf(input: Submitted, basis: Claim): Op {
    const { key, value } = input
    const name = { author: this.#self, opId: this.nextOpId }
    return input.type === 'submitted'
      ? { action: input.action, ...name, key, value }
      : { action: 'compact', ...name, key, value, seq: input.seq, basis }
  }

  add(op: Op): void {
    this.#lastOpId = op.opId
    this.#bytes += payloadBytes(op)
    this.#own.push({ op, place: null, sent: false, told: 'nothing', awaitsOthers: false })
  }

  /** A new connection: what has no place in the log goes out again. */
  reconnected(): void {
    this.#onTheWayOps = 0
    this.#onTheWayBytes = 0
    for (const item of [...this.#setAside, ...this.#own]) {
      item.sent = item.place !== null
      item.awaitsOthers = false
    }
    this.#unsent = 0
  }

  /** The log was cut back: places after `common` are void, and `surplus` must find its way into the log again. */
  cutBack(common: Index, surplus: readonly Op[]): void {
    for (const item of this.#own)
      if (item.place !== null && item.place.index > common) item.place = null
    this.setAside(surplus)
  }

  /** The room retains something else than what own compactions that wait had folded: only their numbers go out. */
  outdateCompactions(): void {
    this.#own = this.#own.map((item) => {
      const { op, place, told } = item
      if (op.action !== 'compact' || place !== null || told !== 'nothing') return item
      this.#bytes -= payloadBytes(op)
      return {
        ...item,
        op: { action: 'void', author: op.author, opId: op.opId, code: 'compact-outdated' },
      }
    })
  }

  setAside(surplus: readonly Op[]): void {
    const known = new Set(
      [...this.#setAside, ...this.#own].map(({ op }) => `${op.author} ${op.opId}`),
    )
    for (const op of surplus) {
      const name = `${op.author} ${op.opId}`
      if (known.has(name)) continue
      known.add(name)
      const code = op.author === this.#self ? this.#over.get(op.opId) : undefined
      const again: Op =
        code === undefined ? op : { action: 'void', author: op.author, opId: op.opId, code }
      this.#setAside.push({
        op: again,
        place: null,
        sent: false,
        told: again.action === 'void' ? 'refused' : 'settled',
        awaitsOthers: false,
      })
    }
  }

  /** What to submit now, within the window. */
  next(): Op[] {
    const ops: Op[] = []
    for (const item of this.#setAside) {
      if (this.#windowIsFull(ops)) return ops
      this.#take(item, ops)
    }
    for (; this.#unsent < this.#own.length && !this.#windowIsFull(ops); this.#unsent++)
      this.#take(this.#own[this.#unsent]!, ops)
    return ops
  }

  /** An entry of the log: the op that it is made of has its place. */
  entryCame(entry: Entry): Outcome[] {
    const origin = originOf(entry)
    return origin === null ? [] : this.placed(origin.author, origin.opId, placeOf(entry))
  }

  /** An op stands in the log, as its entry shows or the host says. */
  placed(author: PeerId, opId: OpId, place: Place): Outcome[] {
    for (const aside of this.#setAside)
      if (aside.awaitsOthers && aside.op.author === author) this.#requeue(aside)
    const item = this.#find(author, opId)
    if (item === undefined || item.place !== null) return []
    item.place = place
    if (item.sent) {
      this.#onTheWayOps = Math.max(0, this.#onTheWayOps - 1)
      this.#onTheWayBytes = Math.max(0, this.#onTheWayBytes - payloadBytes(item.op))
    }
    item.sent = true
    if (this.#setAside.includes(item))
      this.#setAside = this.#setAside.filter((aside) => aside !== item)
    const { code } = place
    if (
      item.told === 'settled' &&
      author === this.#self &&
      item.op.action !== 'void' &&
      code !== null &&
      code !== 'receipt-unknown' &&
      code !== 'not-repeated'
    ) {
      this.#isOver(opId, code)
      return [{ type: 'conflict', op: item.op, code }]
    }
    return this.#durability === 'host' || place.index === NO_INDEX ? this.#tell(item) : []
  }

  /** Everything in the log up to here is safe. */
  stable(index: Index): Outcome[] {
    const outcomes: Outcome[] = []
    let done = 0
    for (const item of this.#own) {
      if (item.place === null || item.place.index > index) break
      outcomes.push(...this.#tell(item))
      this.#bytes -= payloadBytes(item.op)
      done++
    }
    if (done > 0) this.#own = this.#own.slice(done)
    this.#unsent = Math.max(0, this.#unsent - done)
    return outcomes
  }

  /** The host lacks ops of an author from `expected` on: own ones go again, those of another wait until it has them. */
  gap(author: PeerId, expected: OpId): void {
    for (const aside of this.#setAside) {
      if (aside.op.author !== author || !aside.sent) continue
      this.#requeue(aside)
      if (author === this.#self) continue
      aside.sent = true // as far as this connection goes
      aside.awaitsOthers = true
    }
    if (author !== this.#self) return
    const first = this.#own[0]?.op.opId ?? this.nextOpId
    for (let at = Math.max(0, expected - first); at < this.#own.length; at++) {
      const item = this.#own[at]!
      if (item.place === null) this.#requeue(item)
      else [item.place, item.sent] = [null, false] // the log in which it had one is not the room's
      this.#unsent = Math.min(this.#unsent, at)
    }
  }

  #requeue(item: Item): void {
    if (item.place !== null || !item.sent) return
    item.sent = false
    if (!item.awaitsOthers) {
      this.#onTheWayOps--
      this.#onTheWayBytes -= payloadBytes(item.op)
    }
    item.awaitsOthers = false
  }

  #windowIsFull(batch: readonly Op[]): boolean {
    return (
      batch.length === FRAME_OPS_MAX ||
      this.#onTheWayOps >= WINDOW_OPS_MAX ||
      this.#onTheWayBytes >= WINDOW_BYTES_MAX
    )
  }

  #take(item: Item, batch: Op[]): void {
    if (item.sent) return
    item.sent = true
    this.#onTheWayOps++
    this.#onTheWayBytes += payloadBytes(item.op)
    batch.push(item.op)
  }

  #tell(item: Item): Outcome[] {
    if (item.told !== 'nothing' || item.place === null) return []
    const { seq, code } = item.place
    item.told = code === null ? 'settled' : 'refused'
    if (code !== null && code !== 'receipt-unknown') this.#isOver(item.op.opId, code)
    return [
      code === null
        ? { type: 'settled', opId: item.op.opId, seq }
        : { type: 'refused', opId: item.op.opId, code },
    ]
  }

  #isOver(opId: OpId, code: RefusalCode): void {
    this.#over.set(opId, code)
    const [oldest] = this.#over.keys()
    if (this.#over.size > REFUSALS_KEPT_MAX && oldest !== undefined) this.#over.delete(oldest)
  }

  #find(author: PeerId, opId: OpId): Item | undefined {
    if (author === this.#self) {
      const first = this.#own[0]
      if (first !== undefined && opId >= first.op.opId) return this.#own[opId - first.op.opId]
    }
    return this.#setAside.find((item) => item.op.author === author && item.op.opId === opId)
  }
}

function placeOf(entry: Entry): Place {
  const { index } = entry
  switch (entry.type) {
    case 'message':
      return { index, seq: entry.seq, code: null }
    case 'compaction':
      return { index, seq: entry.op.seq, code: null }
    case 'refusal':
      return { index, seq: NO_SEQ, code: entry.code }
    case 'reign':
    case 'in-sync':
      return { index, seq: NO_SEQ, code: null }
  }
}
