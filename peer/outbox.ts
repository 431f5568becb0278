// Owns what this peer has promised to get into the room: its own ops until they are stable, and
// ops of a log that it left until they are back in the log. It decides what is submitted next, and
// in which order. [MG3 MG4 MG6]

import { FRAME_OPS_MAX, OUTBOX_BYTES_MAX, OUTBOX_OPS_MAX } from '../protocol/limits.ts'
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
import { originOf, payloadBytes, type Entry, type Op, type RefusalCode } from '../protocol/entry.ts'
import type { OwnRun } from '../protocol/frames.ts'
import type { OpTable } from '../replica/op-table.ts'
import type { OverOp, PromisedOp, StoredCopy } from '../replica/copy.ts'
import { voided } from '../replica/surplus.ts'
import { SendWindow } from './send-window.ts'
import type { Outcome, Submitted, Ticket } from './submission.ts'

export type Durability = 'standby' | 'host'

/** Where an op stands in the log, as its entry or the host's repeat told. */
export type Place = {
  readonly index: Index
  readonly seq: Seq
  readonly code: RefusalCode | 'receipt-unknown' | null
}

type Standing =
  | { readonly status: 'waiting' }
  | { readonly status: 'on the way' }
  /** The host lacks earlier ops of the author. Once one of those came, this op goes out again. */
  | { readonly status: 'awaits others' }
  | { readonly status: 'placed'; readonly place: Place }

const WAITING: Standing = { status: 'waiting' }
const ON_THE_WAY: Standing = { status: 'on the way' }
const AWAITS_OTHERS: Standing = { status: 'awaits others' }

/** What the app has heard of an op. An op that was set aside has lost its ticket. */
type Heard =
  | { readonly status: 'nothing'; readonly ticket: Ticket }
  | { readonly status: 'settled' }
  | { readonly status: 'refused' }

const SETTLED: Heard = { status: 'settled' }
const REFUSED: Heard = { status: 'refused' }
const NO_OUTCOMES: readonly Outcome[] = []

type Item = {
  readonly op: Op
  standing: Standing
  heard: Heard
  /** A host may have taken it. */
  wasSent: boolean
}

/** What earlier lives of this page have left. */
export type Inheritance = Pick<StoredCopy, 'lives' | 'promised' | 'over'>

const NOTHING_INHERITED: Inheritance = { lives: [], promised: [], over: [] }

/** Refusals that are remembered, in case a branch comes back that had taken the op. */
const REFUSALS_KEPT_MAX = 1_024

export class Outbox {
  readonly #self: PeerId
  readonly #durability: Durability
  #lastOpId = NO_OP
  /** Own ops in order, from the oldest that is not stable on. */
  #own: Item[] = []
  /** Nothing in `#own` before this place is waiting. */
  #firstWaiting = 0
  /** Ops of a log that was left. They are submitted before the own ones. */
  #setAside: Item[] = []
  /** Own ops that the app heard to be refused: they stay refused, on whatever branch they come. */
  readonly #over = new Map<string, OverOp>()
  /** This peer, and who it was in earlier lives. */
  readonly #selves: ReadonlySet<PeerId>
  #bytes = 0
  #mark = 0
  readonly #window = new SendWindow()

  constructor(self: PeerId, durability: Durability, inherited = NOTHING_INHERITED) {
    const { lives, promised, over } = inherited
    this.#self = self
    this.#durability = durability
    this.#selves = new Set([self, ...lives])
    for (const refusal of over) this.#over.set(nameOf(refusal), refusal)
    this.#inherit(promised)
  }

  /** What earlier lives had not settled is set aside. A relay does not outlive its moment. [PE5 PE6] */
  #inherit(stored: readonly PromisedOp[]): void {
    this.setAside(stored.map(({ op }) => (op.action === 'relay' ? voided(op, 'not-repeated') : op)))
    const sent = new Set(stored.flatMap(({ op, wasSent }) => (wasSent ? [nameOf(op)] : [])))
    for (const item of this.#setAside) item.wasSent = sent.has(nameOf(item.op))
  }

  /** How often what is stored of it has changed. */
  get mark(): number {
    return this.#mark
  }

  /** What a later life needs of it. [PE4] */
  get stored(): Pick<StoredCopy, 'promised' | 'over'> {
    const items = [...this.#setAside, ...this.#own]
    return {
      promised: items.map(({ op, heard, wasSent }) => ({ op, heard: heard.status, wasSent })),
      over: [...this.#over.values()],
    }
  }

  /** Own ops without a final outcome. */
  get pending(): number {
    return this.#own.length
  }

  /** Ops of a log that was left that are not back in the log yet. */
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

  /** The lowest own op that this peer can still supply. */
  get floor(): OpId {
    const aside = this.#setAside.find((item) => item.op.author === this.#self)
    return aside?.op.opId ?? this.#own[0]?.op.opId ?? this.nextOpId
  }

  /** The op that the app submits. `basis`: the reign whose seqs a compaction names. */
  opOf(input: Submitted, basis: Claim): Op {
    const { key, value } = input
    const author = this.#self
    const opId = this.nextOpId
    if (input.type === 'submitted') return { action: input.action, author, opId, key, value }
    return { action: 'compact', author, opId, key, value, seq: input.seq, basis }
  }

  add(op: Op, ticket: Ticket): void {
    this.#lastOpId = op.opId
    this.#mark++
    this.#bytes += payloadBytes(op)
    this.#own.push({ op, standing: WAITING, heard: { status: 'nothing', ticket }, wasSent: false })
  }

  /** A new connection: what has no place in the log goes out again. */
  reconnected(): void {
    for (const item of [...this.#setAside, ...this.#own])
      if (item.standing.status !== 'placed') item.standing = WAITING
    this.#window.clear()
    this.#firstWaiting = 0
  }

  /** The log was cut back: places after `common` are void, and `surplus` must come in again. */
  cutBack(common: Index, surplus: readonly Op[]): void {
    for (const item of this.#own) if (isPlacedAfter(item, common)) this.#move(item, WAITING)
    this.setAside(surplus)
  }

  /** The room retains other messages than own compactions had folded: only their numbers go out. */
  outdateCompactions(): void {
    this.#own = this.#own.map((item) => {
      const { op, standing, heard } = item
      const isDue = standing.status !== 'placed' && heard.status === 'nothing'
      if (!isDue || op.action !== 'compact') return item
      this.#bytes -= payloadBytes(op)
      return { ...item, op: voided(op, 'compact-outdated') }
    })
  }

  setAside(surplus: readonly Op[]): void {
    const known = new Set([...this.#setAside, ...this.#own].map(({ op }) => nameOf(op)))
    for (const op of surplus) {
      const name = nameOf(op)
      if (known.has(name)) continue
      known.add(name)
      this.#mark++
      const code = this.#over.get(name)?.code
      const again = code === undefined ? op : voided(op, code)
      this.#setAside.push({
        op: again,
        standing: WAITING,
        heard: again.action === 'void' ? REFUSED : SETTLED,
        wasSent: false,
      })
    }
  }

  /** What to submit now, within the window. */
  next(): Op[] {
    const ops: Op[] = []
    const hasRoom = () => ops.length < FRAME_OPS_MAX && !this.#window.isFull
    for (const item of this.#setAside) {
      if (!hasRoom()) return ops
      this.#submit(item, ops)
    }
    for (; this.#firstWaiting < this.#own.length && hasRoom(); this.#firstWaiting++)
      this.#submit(this.#own[this.#firstWaiting]!, ops)
    return ops
  }

  #submit(item: Item, batch: Op[]): void {
    if (item.standing.status !== 'waiting') return
    this.#move(item, ON_THE_WAY)
    item.wasSent = true
    this.#mark++
    batch.push(item.op)
  }

  /** The entries of own messages that the host names by number; null where one of them is not here. */
  entriesOf({ index, seq, opId, count }: OwnRun): Entry[] | null {
    const entries: Entry[] = []
    for (let i = 0; i < count; i++) {
      const op = this.#find(this.#self, (opId + i) as OpId)?.op
      if (op === undefined || op.action === 'compact' || op.action === 'void') return null
      entries.push({ type: 'message', index: (index + i) as Index, seq: (seq + i) as Seq, op })
    }
    return entries
  }

  /** An entry of the log: the op that it is made of has its place. */
  entryCame(entry: Entry): readonly Outcome[] {
    const origin = originOf(entry)
    if (origin === null || !this.#mayHaveOpsOf(origin.author)) return NO_OUTCOMES
    return this.placed(origin.author, origin.opId, placeOf(entry))
  }

  /** Of most authors a peer has nothing. */
  #mayHaveOpsOf(author: PeerId): boolean {
    return author === this.#self || this.#setAside.length > 0
  }

  /** An op stands in the log, as its entry shows or the host says. */
  placed(author: PeerId, opId: OpId, place: Place): readonly Outcome[] {
    for (const aside of this.#setAside)
      if (aside.op.author === author && aside.standing.status === 'awaits others')
        this.#move(aside, WAITING)
    const item = this.#find(author, opId)
    if (item === undefined || item.standing.status === 'placed') return NO_OUTCOMES
    this.#move(item, { status: 'placed', place })
    this.#mark++
    if (this.#setAside.includes(item))
      this.#setAside = this.#setAside.filter((aside) => aside !== item)
    const conflict = this.#conflict(item, place.code)
    if (conflict !== null) return [conflict]
    if (this.#durability === 'standby' && place.index !== NO_INDEX) return NO_OUTCOMES
    const outcome = this.#tell(item, place)
    return outcome === null ? NO_OUTCOMES : [outcome]
  }

  /** Everything in the log up to here is safe. */
  stable(index: Index): readonly Outcome[] {
    const outcomes: Outcome[] = []
    let done = 0
    for (const item of this.#own) {
      const { standing } = item
      if (standing.status !== 'placed' || standing.place.index > index) break
      const outcome = this.#tell(item, standing.place)
      if (outcome !== null) outcomes.push(outcome)
      this.#bytes -= payloadBytes(item.op)
      done++
    }
    if (done > 0) this.#mark++
    if (done > 0) this.#own = this.#own.slice(done)
    this.#firstWaiting = Math.max(0, this.#firstWaiting - done)
    return outcomes
  }

  /**
   * The host lacks ops of an author from `expected` on. Own ops go out again. Ops of another wait
   * until the host has some that it lacks.
   */
  gap(author: PeerId, expected: OpId): void {
    const isOwn = author === this.#self
    for (const aside of this.#setAside)
      if (aside.op.author === author && aside.standing.status !== 'waiting')
        this.#move(aside, isOwn ? WAITING : AWAITS_OTHERS)
    if (!isOwn) return
    const first = this.#own[0]?.op.opId ?? this.nextOpId
    const from = Math.max(0, expected - first)
    // An op with a place has that in a log that is not the room's.
    for (const item of this.#own.slice(from)) this.#move(item, WAITING)
    this.#firstWaiting = Math.min(this.#firstWaiting, from)
  }

  /** Who is here. Ops that wait for an author who is gone go out again: nobody else brings what they wait for. [PE5] */
  here(peers: readonly PeerId[]): void {
    for (const aside of this.#setAside)
      if (aside.standing.status === 'awaits others' && !peers.includes(aside.op.author))
        this.#move(aside, WAITING)
  }

  /**
   * Ops of earlier lives that were sent, and whose author the room has forgotten: nobody can say whether the room took
   * them, so they are not sent again. [PE5]
   */
  forgottenBy(room: OpTable): Outcome[] {
    if (!room.isFull) return []
    const outcomes: Outcome[] = []
    const isForgotten = ({ op, wasSent }: Item) =>
      wasSent && this.#isOfEarlierLife(op.author) && room.last(op.author) === undefined
    for (const { op } of this.#setAside.filter(isForgotten))
      if (op.action !== 'void') outcomes.push({ type: 'conflict', op, code: 'receipt-unknown' })
    this.#mark += outcomes.length
    this.#setAside = this.#setAside.filter((item) => !isForgotten(item))
    return outcomes
  }

  #isOfEarlierLife(author: PeerId): boolean {
    return author !== this.#self && this.#selves.has(author)
  }

  #move(item: Item, standing: Standing): void {
    if (item.standing.status === 'on the way') this.#window.arrives(item.op)
    if (standing.status === 'on the way') this.#window.leaves(item.op)
    item.standing = standing
  }

  /** Each outcome once. */
  #tell(item: Item, { seq, code }: Place): Outcome | null {
    const { op, heard } = item
    if (heard.status !== 'nothing') return null
    const { ticket } = heard
    this.#mark++
    const { opId } = op
    item.heard = code === null ? SETTLED : REFUSED
    if (code === null) return { type: 'settled', ticket, opId, seq }
    if (code !== 'receipt-unknown') this.#isOver(op, code)
    return { type: 'refused', ticket, opId, code }
  }

  /** An own op had its receipt, and now the room refuses it. */
  #conflict({ op, heard }: Item, code: Place['code']): Outcome | null {
    if (heard.status !== 'settled' || !this.#selves.has(op.author)) return null
    if (op.action === 'void') return null
    if (!breaksAPromise(code)) return null
    this.#isOver(op, code)
    return { type: 'conflict', op, code }
  }

  #isOver({ author, opId }: Op, code: RefusalCode): void {
    const refusal = { author, opId, code }
    this.#mark++
    this.#over.set(nameOf(refusal), refusal)
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

/** Whether a refusal takes a receipt back. A relay that is not repeated had reached its side. */
function breaksAPromise(code: Place['code']): code is RefusalCode {
  if (code === null || code === 'receipt-unknown') return false
  return code !== 'not-repeated'
}

function nameOf({ author, opId }: { readonly author: PeerId; readonly opId: OpId }): string {
  return `${author} ${opId}`
}

function isPlacedAfter({ standing }: Item, index: Index): boolean {
  return standing.status === 'placed' && standing.place.index > index
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
